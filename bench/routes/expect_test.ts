import { expect, test } from "bun:test";

import { expectJson, expectSame, expectText } from "./expect.ts";

const answer = (text: string) => ({ status: 200, headers: new Headers(), body: Buffer.from(text) });

test("JSON holds the fields that are wanted, at every depth, and may hold more", () => {
  const given = answer('{"a":{"b":1,"c":[1,{"d":2}]},"e":null}');
  expect(expectJson(given, { a: { b: 1 } })).toEqual({ a: { b: 1, c: [1, { d: 2 }] }, e: null });
  expectJson(given, { a: { c: [1, { d: 2 }] }, e: null });
});

test.each([{ a: 2 }, { b: 1 }, { a: { b: 1 } }, { a: "1" }])("JSON that lacks %j is refused, and told", (wanted) => {
  expect(() => expectJson(answer('{"a":1}'), wanted)).toThrow('{"a":1}');
});

test("lists are compared as a whole", () => {
  expect(() => expectJson(answer('{"a":[1,2]}'), { a: [1] })).toThrow();
});

test("other things are named in what is thrown", () => {
  expect(() => expectSame("the status", 200, 404)).toThrow("the status is 200, must be 404");
  expect(() => expectText(answer("abc"), /^b/)).toThrow("abc");
  expectText(answer("abc"), /b/);
});
