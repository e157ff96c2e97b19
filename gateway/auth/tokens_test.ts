import { describe, expect, spyOn, test } from "bun:test";

import { base64url, SignJWT, UnsecuredJWT } from "jose";

import { AppError } from "#lib/errors/mod.ts";

import type { TokenKey } from "./keys.ts";
import { createTokens } from "./tokens.ts";

const principal = { userId: "u", username: "alice", sessionId: "s" };
const newKey = (kid: string): TokenKey => ({ kid, secret: crypto.getRandomValues(new Uint8Array(32)) });
const [a, b] = [newKey("a"), newKey("b")];

/** A token as ours, but for what `change` makes of it. */
function forge(
  key: TokenKey,
  change: { alg?: string; kid?: string; iss?: string; aud?: string; exp?: number; sid?: unknown } = {},
) {
  const { alg = "HS256", kid = key.kid, iss = "sluice", aud = "sluice", exp = Date.now() / 1000 + 60, sid = "s" } = change;
  return new SignJWT({ sub: "u", name: "alice", iss, aud, exp, sid })
    .setProtectedHeader({ alg, ...(kid !== "" && { kid }) })
    .sign(key.secret);
}

async function refused(verify: Promise<unknown>): Promise<AppError> {
  const error: unknown = await verify.then(
    () => new Error("it was accepted"),
    (e: unknown) => e,
  );
  if (!(error instanceof AppError)) throw error;
  expect(error.code).toBe("unauthorized");
  expect(error.cause).toBeInstanceOf(Error);
  return error;
}

describe("access tokens", () => {
  const now = Date.now;

  test("say for whom they were signed", async () => {
    const tokens = await createTokens({ keys: [a], ttlMs: 1000, now });
    const token = await tokens.sign(principal);
    expect(await tokens.verify(token)).toEqual(principal);
    expect(await tokens.verify(token)).toEqual(principal);
  });

  test("outlive a rotation of keys, until their key is dropped", async () => {
    const before = await createTokens({ keys: [a], ttlMs: 1000, now });
    const rotated = await createTokens({ keys: [b, a], ttlMs: 1000, now });
    const dropped = await createTokens({ keys: [b], ttlMs: 1000, now });
    const [old, young] = [await before.sign(principal), await rotated.sign(principal)];
    expect(await rotated.verify(old)).toEqual(principal);
    expect(await dropped.verify(young)).toEqual(principal);
    await refused(dropped.verify(old));
    await refused(before.verify(young));
  });

  test("expire to the millisecond, remembered or not", async () => {
    let at = 1_700_000_000_250;
    const tokens = await createTokens({ keys: [a], ttlMs: 900, now: () => at });
    const [seen, unseen] = [await tokens.sign(principal), await tokens.sign({ ...principal, sessionId: "t" })];
    at += 899;
    await tokens.verify(seen);
    expect([tokens.known(seen), tokens.known(unseen)]).toEqual([principal, undefined]);
    at += 1;
    expect(tokens.known(seen)).toBeUndefined();
    await refused(tokens.verify(seen));
    await refused(tokens.verify(unseen));
  });

  test("are refused from anybody else", async () => {
    const tokens = await createTokens({ keys: [a], ttlMs: 1000, now });
    const stranger = newKey("a");
    const good = await forge(a);
    const [header, payload, signature] = good.split(".");
    const forgeries = {
      "an unknown kid": await forge(a, { kid: "z" }),
      "a kid of Object.prototype": await forge(a, { kid: "constructor" }),
      "no kid": await forge(a, { kid: "" }),
      "another key under a known kid": await forge(stranger),
      "HS512 with the right key": await forge({ kid: "a", secret: newKey("a").secret }, { alg: "HS512" }),
      "alg none": new UnsecuredJWT({ sub: "u", name: "alice", sid: "s" })
        .setIssuer("sluice")
        .setAudience("sluice")
        .setExpirationTime("1m")
        .encode(),
      "alg none with a kid": `${base64url.encode(JSON.stringify({ alg: "none", kid: "a" }))}.${payload}.`,
      "another issuer": await forge(a, { iss: "else" }),
      "another audience": await forge(a, { aud: "else" }),
      expired: await forge(a, { exp: Date.now() / 1000 - 1 }),
      "a claim of another type": await forge(a, { sid: 7 }),
      "a swapped header": `${base64url.encode(JSON.stringify({ alg: "HS256", kid: "a", x: 1 }))}.${payload}.${signature}`,
      "a cut signature": good.slice(0, -2),
      "no signature": `${header}.${payload}.`,
      empty: "",
      garbage: "a.b.c",
      dots: "...",
    };
    expect(await tokens.verify(good)).toEqual(principal);
    for (const [name, token] of Object.entries(forgeries)) {
      expect((await refused(tokens.verify(token))).message, name).toContain("not valid");
      expect(tokens.known(token), name).toBeUndefined();
    }
  });

  test("with another algorithm are refused although key and kid are right", async () => {
    const long: TokenKey = { kid: "a", secret: crypto.getRandomValues(new Uint8Array(64)) };
    const tokens = await createTokens({ keys: [long], ttlMs: 1000, now });
    await tokens.verify(await forge(long));
    for (const alg of ["HS384", "HS512"]) await refused(tokens.verify(await forge(long, { alg })));
  });

  test("are verified once, while they are good", async () => {
    let at = Date.now();
    const tokens = await createTokens({ keys: [a], ttlMs: 60_000, now: () => at });
    const token = await tokens.sign(principal);
    using verify = spyOn(crypto.subtle, "verify");
    for (let i = 0; i < 3; i++) expect(await tokens.verify(token)).toEqual(principal);
    expect(verify).toHaveBeenCalledTimes(1);
    at += 60_000;
    await refused(tokens.verify(token));
  });
});
