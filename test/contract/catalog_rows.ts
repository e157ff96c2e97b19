import type { Queries } from "#db/mod.ts";
import { insertUser } from "#db/users.ts";
import { newId } from "#lib/id/mod.ts";

/** A spool that has whatever it is asked for. */
export const fullSpool = { has: async () => true };

export const times = <T>(n: number, make: (i: number) => T): T[] => Array.from({ length: n }, (_, i) => make(i));

/** A new user. @returns the id. */
export async function addUser(db: Queries): Promise<string> {
  const id = newId();
  await insertUser(db, { id, username: id.toLowerCase(), passwordHash: "", email: null, createdAt: 0, lastActiveAt: 0 });
  return id;
}

/** A content that nobody else has, unless it is of the same seed. */
export function contentOf(seed: string = newId()) {
  const sha1 = new Bun.CryptoHasher("sha1").update(seed).digest("hex");
  return { sha1, sha256: sha1.padEnd(64, "0"), size: 7 };
}
