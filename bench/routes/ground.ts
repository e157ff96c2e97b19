import { type Client, signUp } from "../../test/support/client.ts";
import type { Ground } from "./route_case.ts";

/** Users of a drive for one case. */
export interface OwnGround extends Ground {
  /** Deletes the users, and with them all that is theirs. */
  clear(): Promise<void>;
}

/** @param url of the drive. */
export function createGround(url: string): OwnGround {
  const users: Client[] = [];
  return {
    url,
    user: async () => {
      const user = await signUp(url, `bench-${crypto.randomUUID().slice(0, 18)}`);
      users.push(user);
      return user;
    },
    clear: async () => {
      // Some have signed out, or are gone, as it was their case.
      for (const user of users) await user.fetch(`/user/${user.username}`, { method: "DELETE" });
    },
  };
}
