import { expect, test } from "bun:test";

import { isNetwork } from "./network.ts";

test.each(["127.0.0.1", "10.0.0.0/8", "0.0.0.0/0", "192.168.1.7/32", "::1", "fd00::/8", "::/0", "::1/128"])(
  "%s is one",
  (text) => {
    expect(isNetwork(text)).toBe(true);
  },
);

const others =
  "localhost nginx 10.0.0.0/33 10.0.0.0/ 10.0.0.0/8/8 10.0.0/8 ::1/129 fe80::1%eth0 10.0.0.0/-1 10.0.0.0/8; 1.2.3.4,5.6.7.8 /8";

test.each(["", "10.0.0.1 ", ...others.split(" ")])("%j is none", (text) => {
  expect(isNetwork(text)).toBe(false);
});
