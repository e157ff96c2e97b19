import { expect, test } from "bun:test";

import { fill } from "./fill.ts";

test("puts values in their places, and repeats sections over lists", () => {
  const template = "a {{a}};\n{{#list}}\n  s {{.}} {{a}};\n{{/list}}\n{{#named}}\nn {{a}}={{b}};\n{{/named}}\n";
  const values = { a: 1, list: ["x", "y"], named: [{ a: 2, b: "z" }] };
  expect(fill(template, values)).toBe("a 1;\n  s x 1;\n  s y 1;\nn 2=z;\n");
});

test("leaves out sections of what is not there, and takes those for when it is not", () => {
  const template = "{{#on}}\non\n{{/on}}\n{{^on}}\noff\n{{/on}}\n";
  for (const on of [undefined, false, "", 0, []]) expect(fill(template, { on })).toBe("off\n");
  for (const on of [true, "x", 1, ["x"], { x: 1 }]) expect(fill(template, { on })).toBe("on\n");
});

test("sections lie in one another", () => {
  const template = "{{#store}}\n{{#tls}}\nboth {{host}}\n{{/tls}}\n{{/store}}\n{{#tls}}\nalone\n{{/tls}}\n";
  expect(fill(template, { tls: true, store: { host: "h" } })).toBe("both h\nalone\n");
  expect(fill(template, { store: { host: "h" } })).toBe("");
});

test("what a value holds is not filled again, nor read as a pattern", () => {
  expect(fill("{{a}} {{b}}", { a: "{{b}} $& $1", b: "x" })).toBe("{{b}} $& $1 x");
});

test("a name without a value is an error", () => {
  expect(() => fill("{{a}}", {})).toThrow("{{a}}");
  expect(() => fill("{{a}}", { a: ["x"] })).toThrow("{{a}}");
});
