import { expect, test } from "bun:test";

import { passwordOf } from "./password.ts";

const latin1 = (text: string) => Buffer.from(text).toString("latin1");

test.each([
  ["open sesame", "open sesame"],
  [encodeURIComponent("пароль 密码 🔑 100%"), "пароль 密码 🔑 100%"],
  [latin1("пароль"), "пароль"],
  ["100%", "100%"],
  ["%zz", "%zz"],
  ["%ff", "%ff"],
  ["caf\xe9", "café"],
  ["", ""],
])("%j is the password %j", (header, password) => {
  expect(passwordOf(header)).toBe(password);
});

test("no header is no password", () => {
  expect(passwordOf(undefined)).toBeUndefined();
});
