import { sql } from "drizzle-orm";
import { bigint, int, varchar } from "drizzle-orm/mysql-core";

export const id = (name: string) => varchar(name, { length: 26 });
/** Lower-case hex. */
export const sha1 = (name: string) => varchar(name, { length: 40 });
export const sha256 = (name: string) => varchar(name, { length: 64 });
export const millis = (name: string) => bigint(name, { mode: "number" });
export const bytes = (name: string) => bigint(name, { mode: "number" });
// drizzle writes the keyword `default` for an absent column, which SQLite refuses; hence defaults of the app's own.
export const orNull = () => sql`null`;
export const zero = () => 0;

/**
 * A lease on a row. `leaseUntil` is both the end of a running lease and the time before which a released row is
 * not due again; `fence` grows with each claim and is checked by each write of the holder.
 */
export const lease = {
  leaseOwner: varchar("lease_owner", { length: 64 }).$default(orNull),
  leaseUntil: millis("lease_until").notNull().$default(zero),
  fence: int("fence").notNull().$default(zero),
  /** Times it ended in "retry" since it last got on. */
  attempts: int("attempts").notNull().$default(zero),
};
