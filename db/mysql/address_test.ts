import { describe, expect, test } from "bun:test";

import { readAddress } from "./address.ts";

const read = (uri: string) => readAddress("DATABASE_URL", uri);
const tlsOf = (uri: string): unknown => JSON.parse(new URL(read(uri).uri).searchParams.get("ssl") ?? "null");

describe("an address of MySQL", () => {
  test("is taken apart", () => {
    const uri = "mysql://u:p%40@db.example/a%20b";
    expect(read(uri)).toEqual({ uri, host: "db.example:3306", database: "a b" });
    expect(read("mysql://u@[::1]:3307/a").host).toBe("[::1]:3307");
  });

  test("with TLS has the server's name checked, unless it says otherwise", () => {
    expect(tlsOf("mysql://u:p@h/a?ssl={}")).toEqual({ verifyIdentity: true });
    expect(tlsOf('mysql://u:p@h/a?ssl={"minVersion":"TLSv1.3"}')).toEqual({ verifyIdentity: true, minVersion: "TLSv1.3" });
    expect(tlsOf('mysql://u:p@h/a?ssl={"verifyIdentity":false}')).toEqual({ verifyIdentity: false });
    expect(tlsOf('mysql://u:p@h/a?ssl={"rejectUnauthorized":false}')).toMatchObject({ verifyIdentity: false });
  });

  test.each([
    "",
    "h/a",
    "mysql://u:secret@h",
    "mysql://u:secret@h/",
    "mysql://u:secret@h/%zz",
    "mariadb://u:secret@h/a",
    "mysql://u:secret@h/a?ssl=true",
    "mysql://u:secret@h/a?ssl=Amazon%20RDS",
    "mysql://u:secret@h/a?ssl=",
  ])("that is none, %p, is refused by the variable's name, without the password", (uri) => {
    expect(() => read(uri)).toThrow(/^DATABASE_URL: (?!.*secret)/);
  });
});
