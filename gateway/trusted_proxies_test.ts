import { expect, test } from "bun:test";

import { trustedProxies } from "./trusted_proxies.ts";

test("believes the addresses and networks that are named, and nobody else", () => {
  const isTrusted = trustedProxies(["127.0.0.1", "10.1.0.0/16", "fd00::/8", "::1"]);
  for (const peer of ["127.0.0.1", "::ffff:127.0.0.1", "10.1.255.255", "::ffff:10.1.2.3", "fd12::9", "::1"]) {
    expect([peer, isTrusted(peer)]).toEqual([peer, true]);
  }
  for (const peer of ["127.0.0.2", "10.2.0.0", "::ffff:10.2.0.1", "fe80::1", "::2", "unknown", "", "127.0.0.1 "]) {
    expect([peer, isTrusted(peer)]).toEqual([peer, false]);
  }
});

test("believes nobody where nobody is named", () => {
  expect(trustedProxies([])("127.0.0.1")).toBe(false);
});
