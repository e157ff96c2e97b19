import { expect, test } from "bun:test";

import { isPrivateName } from "./private_name.ts";

test.each([
  "localhost",
  "localhost.",
  "a.localhost",
  "localhost.localdomain",
  "ip6-localhost",
  "redis",
  "printer.local",
  "metadata.google.internal",
  "metadata.google.internal.",
  "instance-data.ec2.internal",
  "router.home.arpa",
])("%s is private", (name) => {
  expect(isPrivateName(name)).toBe(true);
});

test.each(["example.org", "example.org.", "mylocalhost.org", "local.example.org", "internal.example.org", "in-addr.arpa"])(
  "%s is not",
  (name) => {
    expect(isPrivateName(name)).toBe(false);
  },
);
