import { expect, test } from "bun:test";

import { createHopSigner } from "./hops.ts";
import type { TokenKey } from "./keys.ts";
import { createUrlSigner } from "./signed_url.ts";

const newKey = (kid: string): TokenKey => ({ kid, secret: crypto.getRandomValues(new Uint8Array(32)) });
const [a, b] = [newKey("a"), newKey("b")];
const at = 1_700_000_000_000;
const now = () => at;
const hop = { from: "node-1", address: "2001:db8::1" };
const request = { to: "node-2", method: "GET", path: "/file/download?id=1&x=;" };

test("a hop is what was signed, whatever the address looks like", () => {
  const signer = createHopSigner([a], now);
  for (const address of ["127.0.0.1", "2001:db8::1", "unknown", "a;b;c", "ü %zz"]) {
    const value = signer.sign({ ...hop, address }, request);
    expect(value).toMatch(/^[\x21-\x7e]+$/);
    expect(signer.verify(value, request)).toEqual({ ...hop, address });
  }
});

test("it is good for this request to this node only", () => {
  const signer = createHopSigner([a], now);
  const value = signer.sign(hop, request);
  for (const other of [{ to: "node-3" }, { method: "POST" }, { path: "/file/download?id=2" }]) {
    expect(signer.verify(value, { ...request, ...other })).toBeNull();
  }
  expect(signer.verify(value.replace("node-1", "node-9"), request)).toBeNull();
  expect(signer.verify(value.replace("2001", "2002"), request)).toBeNull();
  expect(signer.verify(value.replace(String(at), String(at + 1)), request)).toBeNull();
});

test("it is good for a minute, by clocks that differ either way", () => {
  const value = createHopSigner([a], now).sign(hop, request);
  const after = (ms: number) => createHopSigner([a], () => at + ms).verify(value, request);
  expect([after(60_000), after(-60_000)]).toEqual([hop, hop]);
  expect([after(60_001), after(-60_001)]).toEqual([null, null]);
});

test("gateways that share a key know each other, in whatever order they have it", () => {
  const value = createHopSigner([a, b], now).sign(hop, request);
  expect(createHopSigner([b, a], now).verify(value, request)).toEqual(hop);
  expect(createHopSigner([b], now).verify(value, request)).toBeNull();
});

test("what is malformed, or signed for something else, is no hop", () => {
  const signer = createHopSigner([a], now);
  const signature = createUrlSigner([a], now).sign("x", 1);
  const made = ["", ";;;", "node-1", `node-1;%;${at};x`, `node-1;%zz;${at};${signature}`, `node-1;127.0.0.1;${at};${signature}`];
  for (const value of [...made, `${signer.sign(hop, request)};`, `x;${signer.sign(hop, request)}`]) {
    expect([value, signer.verify(value, request)]).toEqual([value, null]);
  }
});
