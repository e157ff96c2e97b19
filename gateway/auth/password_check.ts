import type { Attempts, Who } from "./attempts.ts";
import { verifyPassword } from "./passwords.ts";

/** Somebody's try at a password. */
export interface PasswordTry extends Who {
  password: string;
  /** The hash that it should have; nothing when there is no such user. */
  hash: string | undefined;
}

/** What {@link createPasswordCheck} stands on. */
export interface PasswordCheckOptions {
  attempts: Attempts;
  inTurn: <T>(run: () => Promise<T>) => Promise<T>;
}

/**
 * Checks passwords, each try counted as a failure before it is hashed and taken back when it was right. The count
 * is made in the try's turn and not before: tries that wait are not failures, so that fifty right sign-ins at once
 * do not lock themselves out, while fifty wrong ones meet the block as their turns come.
 */
export function createPasswordCheck({ attempts, inTurn }: PasswordCheckOptions) {
  return async (attempt: PasswordTry): Promise<boolean> => {
    // A blocked guesser takes nobody's place in the queue.
    await attempts.refuseBlocked(attempt);
    return inTurn(async () => {
      const counted = await attempts.count(attempt);
      const right = await verifyPassword(attempt.password, attempt.hash);
      if (right) await attempts.forgive(counted);
      return right;
    });
  };
}
