import { signUp } from "../../test/support/client.ts";
import { ask } from "./ask.ts";
import { password } from "./password.ts";
import type { Ground } from "./route_case.ts";
import { shotOf } from "./shots.ts";

/** Users of a drive for one case. */
export interface OwnGround extends Ground {
  /** Deletes the users, and with them all that is theirs. @throws {Error} when one cannot be deleted. */
  clear(): Promise<void>;
}

/** @param url of the drive. */
export function createGround(url: string): OwnGround {
  /** The names of users, with the tokens of those that have one. */
  const users = new Map<string, string>();
  return {
    url,
    user: async () => {
      const user = await signUp(url, `bench-${crypto.randomUUID().slice(0, 18)}`, password);
      users.set(user.username, user.token);
      return user;
    },
    willSignUp: (username) => void users.set(username, ""),
    clear: async () => {
      for (const [username, token] of users) await remove(url, username, token);
    },
  };
}

/** Some have signed out, as it was their case, or were signed up by a request. */
async function remove(url: string, username: string, token: string): Promise<void> {
  const first = token === "" ? { status: 401 } : await ask(url, shotOf({ token }, "DELETE", `/user/${username}`));
  if (first.status === 204) return;
  const signedIn = await ask(url, shotOf(null, "POST", `/user/${username}`, { password }));
  // Not every request that would sign somebody up was sent.
  if (signedIn.status === 401) return;
  const { token: fresh }: { token: string } = JSON.parse(Buffer.from(signedIn.body).toString());
  const { status } = await ask(url, shotOf({ token: fresh }, "DELETE", `/user/${username}`));
  if (status !== 204) throw new Error(`the user ${username} could not be deleted: ${status}`);
}
