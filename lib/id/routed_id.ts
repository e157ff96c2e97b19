import { ulid } from "ulid";

/** The shape of a routing key: three digits, which are Crockford's base 32 as well. */
const key = /^\d{3}$/;

/** Whether `text` can be a routing key. */
export function isRoutingKey(text: string): boolean {
  return key.test(text);
}

/**
 * A new ULID whose last three characters are `routingKey`: whoever sees the id knows where it belongs. Of its 80 random bits
 * 65 are left. Unlike those of `newId`, ids of one millisecond are in no order: counting up would be lost with the last
 * characters, and give the same id twice.
 *
 * @throws {RangeError} when `routingKey` is none.
 */
export function newRoutedId(routingKey: string, now: number = Date.now()): string {
  if (!isRoutingKey(routingKey)) throw new RangeError(`"${routingKey}" is not a routing key: must be three digits`);
  return ulid(now).slice(0, -3) + routingKey;
}
