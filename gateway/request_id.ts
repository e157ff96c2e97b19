import { randomBytes } from "node:crypto";

/** This process; drawn once, for a random id for each request would be a fiftieth of a small one's cost. */
const drawn = randomBytes(8).toString("hex");
let count = 0;

/** What a request is called in its answer and in the log: as the client says where that has a sane shape, else by this process and a count. */
export function requestIdOf(given: string | null): string {
  if (given !== null && /^[A-Za-z0-9_-]{8,64}$/.test(given)) return given;
  count += 1;
  return `${drawn}-${count}`;
}
