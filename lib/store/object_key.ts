const characters = /^[0-9a-z/_.-]+$/i;

/**
 * Gives back a key that may be part of a path: segments of `0-9 A-Z a-z _ . -` parted by single slashes.
 *
 * @throws {RangeError} for any other key, and for one with `..` in it or a segment `.`: keys are made by Sluice, so
 * that is a fault of the program, not of a client.
 */
export function objectKey(key: string): string {
  const parted = key.split("/").every((segment) => segment !== "" && segment !== ".");
  if (parted && characters.test(key) && !key.includes("..")) return key;
  throw new RangeError(`"${key}" is not a key: must be segments of 0-9 A-Z a-z _ . - parted by "/", none of them empty or dots`);
}

/** Whether it could be one of Sluice's, and not somebody else's object. */
export function isObjectKey(key: string): boolean {
  try {
    return objectKey(key) === key;
  } catch {
    return false;
  }
}
