/** OWASP's cheat sheet on password storage: argon2id with 19 MiB of memory, 2 passes, 1 lane. */
const parameters = { algorithm: "argon2id", memoryCost: 19_456, timeCost: 2 } as const;
const prefix = `$argon2id$v=19$m=${parameters.memoryCost},t=${parameters.timeCost},p=1$`;
/** Well-formed, and the hash of nothing that anyone knows: a check against it takes as long as any other. */
const nobodysHash = `${prefix}${"A".repeat(43)}$${"A".repeat(43)}`;

/**
 * The argon2id hash (RFC 9106) of a password, in PHC format with a salt of its own. What is hashed is the UTF-8 of
 * the password in NFC, so that `é` is one password on every keyboard; nothing else about it is changed. Runs on
 * another thread for some 25 ms and takes 19 MiB meanwhile.
 */
export function hashPassword(password: string): Promise<string> {
  return Bun.password.hash(password.normalize("NFC"), parameters);
}

/** Whether `password` has this hash. Without a hash (there is no such user) it takes the same time and is never right. */
export async function verifyPassword(password: string, hash: string | undefined): Promise<boolean> {
  const right = await Bun.password.verify(password.normalize("NFC"), hash ?? nobodysHash);
  return right && hash !== undefined;
}

/** Whether a hash was made with other parameters than a new one would be. */
export function isOutdated(hash: string): boolean {
  return !hash.startsWith(prefix);
}
