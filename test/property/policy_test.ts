import { expect, test } from "bun:test";

import * as fc from "fast-check";

import { isAppError } from "#lib/errors/mod.ts";
import { parseCondition, parsePolicy, placesIn } from "#lib/placement/mod.ts";

type Test =
  | { on: "size"; sign: string; size: number; unit: string }
  | { on: "type" | "name"; sign: string; pattern: string }
  | { on: "bare"; pattern: string };

const units: Record<string, number> = { "": 1, k: 1e3, KiB: 1024, MB: 1e6, GiB: 2 ** 30 };
// Few characters, so that patterns hit now and then; among them all that mean something.
const pattern = fc.string({
  unit: fc.constantFrom("*", "?", "a", "B", ".", "/", "+", "-", ">", ";", "&", " ", "=", "ß"),
  maxLength: 6,
});
const text = fc.string({ unit: fc.constantFrom("a", "A", "b", ".", "/", "+", "-", ">", ";", " ", "ß", "💾"), maxLength: 8 });
const what = fc.record({
  name: text,
  type: text,
  size: fc.oneof(fc.nat(5), fc.constantFrom(1000, 1023, 1024, 1025, 2e6, 2 ** 30)),
});
const oneTest: fc.Arbitrary<Test> = fc.oneof(
  fc.record({
    on: fc.constant("size" as const),
    sign: fc.constantFrom(">", ">=", "<", "<=", "=", "!="),
    size: fc.nat(3),
    unit: fc.constantFrom(...Object.keys(units)),
  }),
  fc.record({ on: fc.constantFrom("type" as const, "name" as const), sign: fc.constantFrom("=", "!="), pattern }),
  fc.record({ on: fc.constant("bare" as const), pattern }),
);
const stores = fc.uniqueArray(fc.constantFrom("hot", "ceph", "oss", "a-b"), { minLength: 1 });
const rules = fc.array(fc.record({ tests: fc.array(oneTest, { minLength: 1, maxLength: 3 }), stores }), { maxLength: 5 });
const space = fc.constantFrom("", " ", "  ", "\n");

function write(test: Test, gap: string): string {
  if (test.on === "bare") return `"${test.pattern}"`;
  const value = test.on === "size" ? `${test.size}${test.unit}` : `"${test.pattern}"`;
  return `${test.on}${gap}${test.sign}${gap}${value}`;
}

/** What a pattern means, by another machine. */
function oracle(pattern: string, given: string): boolean {
  const source = [...pattern.toLowerCase()].map((c) =>
    c === "*" ? ".*" : c === "?" ? "." : c.replace(/[.+/\\^$|()[\]{}]/, "\\$&"),
  );
  return new RegExp(`^${source.join("")}$`, "su").test(given.toLowerCase());
}

function holds(test: Test, of: { name: string; type: string; size: number }): boolean {
  if (test.on === "bare") return oracle(test.pattern, of.name);
  if (test.on !== "size") return oracle(test.pattern, of[test.on]) === (test.sign === "=");
  const [a, b] = [of.size, test.size * (units[test.unit] ?? 0)];
  const results: Record<string, boolean> = { ">": a > b, ">=": a >= b, "<": a < b, "<=": a <= b, "=": a === b, "!=": a !== b };
  return results[test.sign] ?? false;
}

test("a policy as it is written is the policy that is meant", () => {
  fc.assert(
    fc.property(rules, what, space, (rules, what, gap) => {
      const source = rules
        .map(({ tests, stores }) => `${tests.map((t) => write(t, gap)).join(`${gap}&${gap}`)}${gap}->${gap}${stores.join("+")}`)
        .join(`${gap};${gap}`);
      const meant = rules.find(({ tests }) => tests.every((test) => holds(test, what)))?.stores ?? [];
      expect(placesIn(parsePolicy(source), what)).toEqual(meant);
    }),
    { numRuns: 2000 },
  );
});

test("any text is a policy, or refused in words", () => {
  const piece = fc.constantFrom("size", "type", "name", ">=", "=", "->", "&", ";", "+", "hot", "*", "1GiB", '"', "!", " ", "x");
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(piece).map((pieces) => pieces.join("")),
      ),
      what,
      (source, what) => {
        try {
          placesIn(parsePolicy(source), what);
          parseCondition(source)(what);
        } catch (error) {
          if (!isAppError(error, "invalid-request")) throw error;
          expect(error.message.length).toBeGreaterThan(10);
        }
      },
    ),
    { numRuns: 3000 },
  );
});

test("a pattern of many stars is no way to keep the drive busy", () => {
  const stars = `${"*a".repeat(200)}b`;
  const begin = process.cpuUsage().user;
  expect(parseCondition(`name="${stars}"`)({ name: "a".repeat(5000), type: "", size: 0 })).toBe(false);
  // Backtracking would not end in this life.
  expect(process.cpuUsage().user - begin).toBeLessThan(30e6);
});
