import { describe, expect, test } from "bun:test";

import * as fc from "fast-check";

import { isAppError } from "../errors/mod.ts";
import { sourceRules } from "./source_rules.ts";

const strict = sourceRules({ allow: [], ports: [] });
const open = sourceRules({ allow: ["127.0.0.1", "fd00::/8", "10.0.0.0/8"], ports: [8080] });

function refuses(rules: typeof strict, text: string): boolean {
  try {
    rules.parse(text);
    return false;
  } catch (error) {
    if (isAppError(error, "url-refused")) return true;
    throw error;
  }
}

describe("a URL is refused", () => {
  test.each([
    "",
    "example.org",
    "//example.org/",
    "file:///etc/passwd",
    "ftp://example.org/",
    "data:text/plain,hello",
    "javascript:alert(1)",
    "blob:http://example.org/1",
    "http://",
    "http://user@example.org/",
    "http://user:password@example.org/",
    "http://:password@example.org/",
    "http://example.org:22/",
    "https://example.org:8080/",
    "http://example.org:0/",
    "http://localhost/",
    "http://metadata.google.internal/",
    "http://127.0.0.1/",
    "http://127.1/",
    "http://2130706433/",
    "http://0x7f000001/",
    "http://0x7f.1/",
    "http://017700000001/",
    "http://0177.0.0.1/",
    "http://127.0.0.1./",
    "http://１２７.０.０.１/",
    "http://①②⑦.0.0.1/",
    "http://%31%32%37.0.0.1/",
    "http://0/",
    "http://0.0.0.0/",
    "http://169.254.169.254/latest/meta-data/",
    "http://2852039166/",
    "http://0xa9fea9fe/",
    "http://[::]/",
    "http://[::1]/",
    "http://[0:0:0:0:0:0:0:1]/",
    "http://[::ffff:127.0.0.1]/",
    "http://[::ffff:7f00:1]/",
    "http://[::127.0.0.1]/",
    "http://[64:ff9b::127.0.0.1]/",
    "http://[2002:7f00:1::]/",
    "http://[fe80::1]/",
    "http://[fe80::1%25eth0]/",
    "http://[fd00:ec2::254]/",
    "http:\\\\127.0.0.1\\",
    "http:127.0.0.1",
    `http://example.org/${"a".repeat(2048)}`,
    `http://example.org/${"é".repeat(700)}`,
  ])("%s", (text) => {
    expect(refuses(strict, text)).toBe(true);
  });
});

test.each([
  ["http://example.org", "http://example.org/"],
  ["HTTPS://EXAMPLE.ORG:443/a?b#c", "https://example.org/a?b"],
  ["http://8.8.8.8:80/", "http://8.8.8.8/"],
  ["https://[2606:4700::1111]/", "https://[2606:4700::1111]/"],
  ["http://bücher.example/ä b", "http://xn--bcher-kva.example/%C3%A4%20b"],
])("%s is asked for as %s", (text, href) => {
  expect(strict.parse(text).href).toBe(href);
});

test("what is allowed beside is, and no more", () => {
  expect(open.parse("http://127.0.0.1:8080/").href).toBe("http://127.0.0.1:8080/");
  // What a name leads to is looked at when it is looked up.
  expect(open.parse("http://files.internal:8080/").href).toBe("http://files.internal:8080/");
  expect(open.mayReach("fd12::1")).toBe(true);
  expect(open.mayReach("10.1.2.3")).toBe(true);
  for (const text of ["http://127.0.0.2/", "http://127.0.0.1:8081/", "http://[::1]/", "http://192.168.0.1/"])
    expect(refuses(open, text)).toBe(true);
});

test("a redirect is judged as the URL that it comes to", () => {
  const base = new URL("http://example.org/a/b?c");
  expect(strict.parse("d", base).href).toBe("http://example.org/a/d");
  expect(() => strict.parse("//127.0.0.1/", base)).toThrow("127.0.0.1");
  expect(() => strict.parse("https://example.org:1/", base)).toThrow("port 1");
});

test("credentials are not told", () => {
  expect(() => strict.parse("http://ann:secret@example.org/")).toThrow(/^the URL may not be fetched: it holds credentials$/);
});

test("whatever the spelling of an address, it is the address that counts", () => {
  const inside = fc.tuple(fc.constantFrom(127, 10), fc.nat(255), fc.nat(255), fc.nat(255));
  const part = (n: number, base: number) => (base === 8 ? `0${n.toString(8)}` : base === 16 ? `0x${n.toString(16)}` : String(n));
  fc.assert(
    fc.property(
      inside,
      fc.array(fc.constantFrom(8, 10, 16), { minLength: 4, maxLength: 4 }),
      fc.nat(3),
      (octets, bases, joined) => {
        const [a, b, c, d] = octets;
        const numbers = [[a, b, c, d], [a, b, c * 256 + d], [a, (b * 256 + c) * 256 + d], [((a * 256 + b) * 256 + c) * 256 + d]][
          joined
        ];
        const host = (numbers ?? []).map((n, i) => part(n, bases[i] ?? 10)).join(".");
        expect(refuses(strict, `http://${host}/`)).toBe(true);
      },
    ),
  );
});
