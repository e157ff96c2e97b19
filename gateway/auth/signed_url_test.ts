import { expect, test } from "bun:test";

import { AppError } from "#lib/errors/mod.ts";

import type { TokenKey } from "./keys.ts";
import { createUrlSigner } from "./signed_url.ts";

const newKey = (kid: string): TokenKey => ({ kid, secret: crypto.getRandomValues(new Uint8Array(32)) });
const [a, b] = [newKey("a"), newKey("b")];
const now = () => 1_700_000_000_000;
const expires = 1_700_000_060;

function words(verify: () => void): string {
  try {
    verify();
  } catch (error) {
    if (error instanceof AppError && error.code === "bad-signature") return error.message;
    throw error;
  }
  return "accepted";
}

test("a signed URL holds until its end", () => {
  const signer = createUrlSigner([a], now);
  const signature = signer.sign("file", expires);
  expect(signature).toMatch(/^[\w-]{43}$/);
  expect(words(() => signer.verify({ id: "file", expires: String(expires), signature }))).toBe("accepted");
  const later = createUrlSigner([a], () => expires * 1000);
  expect(words(() => later.verify({ id: "file", expires: String(expires), signature }))).toContain("expired");
});

test("a signed URL is good for exactly what was signed", () => {
  const signer = createUrlSigner([a], now);
  const good = { id: "file1", expires: String(expires), signature: signer.sign("file1", expires) };
  const wrong = [
    { id: "file2" },
    { id: "file" },
    { id: `file11`, expires: String(expires).slice(1) },
    { id: `file1","${expires}` },
    { expires: String(expires + 1) },
    { expires: ` ${expires}` },
    { expires: `0${expires}` },
    { expires: `${expires}.0` },
    { expires: "" },
    { signature: "" },
    { signature: `${good.signature}=` },
    { signature: good.signature.slice(1) },
    { signature: good.signature.toLowerCase() },
    { signature: "ä".repeat(43) },
  ];
  for (const change of wrong) {
    expect(
      words(() => signer.verify({ ...good, ...change })),
      JSON.stringify(change),
    ).toContain("does not fit");
  }
});

test("a signed URL outlives a rotation of keys, until its key is dropped", () => {
  const params = { id: "file", expires: String(expires), signature: createUrlSigner([a], now).sign("file", expires) };
  expect(words(() => createUrlSigner([b, a], now).verify(params))).toBe("accepted");
  expect(words(() => createUrlSigner([b], now).verify(params))).toContain("does not fit");
});
