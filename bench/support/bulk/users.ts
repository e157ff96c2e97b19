import { type Account, signUp } from "../account.ts";
import { startDrive } from "../drive.ts";
import type { BulkCatalog } from "./catalog.ts";
import type { Owners } from "./rows.ts";

/** The owners of the bulk, for any drive that is started on their catalog within a day. */
export interface Users {
  small: Account;
  large: Account;
  names: Record<keyof Owners, string>;
  ids: Owners;
}

/** Makes an empty catalog, by a drive that signs up the owners and ends. */
export async function makeUsers(folder: string, { engine, env }: BulkCatalog): Promise<Users> {
  await using drive = await startDrive(folder, { ...env, TOKEN_TTL: "24h" }, engine);
  const [small, large] = [await signUp(drive.url), await signUp(drive.url)];
  const [one, other] = [claimsOf(small), claimsOf(large)];
  return { small, large, names: { small: one.name, large: other.name }, ids: { small: one.sub, large: other.sub } };
}

/** What an access token says of its user. */
function claimsOf({ headers }: Account): { sub: string; name: string } {
  const [, payload = ""] = headers.authorization.split(".");
  return JSON.parse(Buffer.from(payload, "base64url").toString());
}
