import { expect, test } from "bun:test";

import { hashPassword, isOutdated, verifyPassword } from "./passwords.ts";

test("a password is hashed with argon2id, 19 MiB, 2 passes, and a salt of its own", async () => {
  const [one, two] = await Promise.all([hashPassword("correct horse"), hashPassword("correct horse")]);
  expect(one).toStartWith("$argon2id$v=19$m=19456,t=2,p=1$");
  expect(one).not.toBe(two);
  expect(await verifyPassword("correct horse", one)).toBe(true);
  expect(await verifyPassword("correct horsf", one)).toBe(false);
});

test("a password is the same however its accents are typed, and no other", async () => {
  const hash = await hashPassword("p\u00e4ssword");
  expect(await verifyPassword("pa\u0308ssword", hash)).toBe(true);
  expect(await verifyPassword("password", hash)).toBe(false);
});

test("nobody's password is never right, and takes as long to check", async () => {
  const hash = await hashPassword("correct horse");
  await verifyPassword("x", undefined);
  const fastest = { known: Number.POSITIVE_INFINITY, unknown: Number.POSITIVE_INFINITY };
  const ratio = () => fastest.unknown / fastest.known;
  // On a busy machine the fastest of a few may still have been disturbed.
  for (let round = 0; round < 100 && !(ratio() > 0.5 && ratio() < 2); round++) {
    fastest.known = Math.min(fastest.known, await timeOf(hash));
    fastest.unknown = Math.min(fastest.unknown, await timeOf(undefined));
  }
  expect(ratio()).toBeWithin(0.5, 2);
  expect(await verifyPassword("", undefined)).toBe(false);
});

async function timeOf(hash: string | undefined): Promise<number> {
  const started = performance.now();
  expect(await verifyPassword("wrong horse", hash)).toBe(false);
  return performance.now() - started;
}

test("a hash with other parameters is outdated", async () => {
  expect(isOutdated(await hashPassword("correct horse"))).toBe(false);
  expect(isOutdated(await Bun.password.hash("correct horse", { algorithm: "argon2id", memoryCost: 8192, timeCost: 1 }))).toBe(
    true,
  );
  expect(isOutdated(await Bun.password.hash("correct horse", { algorithm: "bcrypt", cost: 4 }))).toBe(true);
});
