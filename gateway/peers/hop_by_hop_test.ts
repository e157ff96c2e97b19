import { expect, test } from "bun:test";

import { endToEnd } from "./hop_by_hop.ts";

test("what belongs to a connection stays, and so does what it names", () => {
  const headers = new Headers({
    connection: "keep-alive, X-Private, not a token",
    "keep-alive": "timeout=5",
    "x-private": "1",
    te: "trailers",
    "transfer-encoding": "chunked",
    upgrade: "h2c",
    "proxy-authorization": "Basic x",
    authorization: "Bearer x",
    range: "bytes=0-1",
    "content-length": "2",
  });
  expect([...endToEnd(headers).keys()].toSorted()).toEqual(["authorization", "content-length", "range"]);
  expect(headers.get("x-private")).toBe("1");
});

test("several cookies are several still", () => {
  const headers = new Headers();
  for (const cookie of ["a=1", "b=2"]) headers.append("set-cookie", cookie);
  expect(endToEnd(headers).getSetCookie()).toEqual(["a=1", "b=2"]);
});
