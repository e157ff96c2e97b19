import { expect, test } from "bun:test";

import { parseCondition } from "./condition.ts";
import { parsePolicy, placesIn } from "./policy.ts";

const policy = parsePolicy("size>=1GiB -> ceph; type=video/* -> ceph+oss; *.log -> hot; * -> hot");
const file = (name: string, type: string, size: number) => ({ name, type, size });

test.each([
  [file("a.bin", "application/octet-stream", 2 ** 30), ["ceph"]],
  [file("a.mp4", "video/mp4", 2 ** 30 - 1), ["ceph", "oss"]],
  [file("A.LOG", "text/plain", 0), ["hot"]],
  [file("", "", 0), ["hot"]],
])("%j goes to %j", (what, stores) => expect(placesIn(policy, what)).toEqual(stores));

test("what no rule is for has no place of its own", () => {
  expect(placesIn(parsePolicy("*.log -> hot"), file("a.bin", "", 1))).toEqual([]);
  expect(placesIn(parsePolicy(""), file("a.bin", "", 1))).toEqual([]);
});

test.each([
  ["size>1k & size<2k & name!=*.tmp", [false, true, false, false]],
  ['name="my file*" & type=text/*', [false, false, true, false]],
  ['"*;*"', [false, false, false, true]],
  ["type=image/svg+xml", [false, false, false, true]],
  ["size=0", [true, false, false, false]],
  ["size!=0&size<=1500", [false, true, true, true]],
])("%s", (text, wanted) => {
  const files = [
    file("a.tmp", "", 0),
    file("b.bin", "", 1500),
    file("My File.txt", "text/plain", 7),
    file("a;b", "image/svg+xml", 8),
  ];
  expect(files.map(parseCondition(text))).toEqual(wanted);
});

test.each([
  ["sise>1 -> hot", 'rule 1: there is nothing called "sise": must be size, type or name'],
  ["* -> hot; *.log -> cold", "rule 2 is never reached: rule 1 takes everything"],
  ["*.log -> hot; size>many -> cold", 'rule 2: "many" is not a size: write a number of bytes, or 64MiB, 10GB'],
  ["*.log", "rule 1: must be a condition, one ->, and the stores, such as *.log -> hot"],
  ["*.log -> hot -> cold", "rule 1: must be a condition, one ->, and the stores, such as *.log -> hot"],
  ["*.log -> ", 'rule 1: "" must be the name of a store, or several joined by +'],
  ["*.log -> hot cold", 'rule 1: "hot cold" must be the name of a store, or several joined by +'],
  ["*.log -> hot+hot", 'rule 1: the store "hot" is named twice'],
  ["hot -> *.log", 'rule 1: "hot" is no test: a name without * or ? is written name=hot'],
  ["-> hot", "rule 1: a test is missing: must be such as size>=1GiB, type=video/* or *.log"],
  ["*.log & -> hot", "rule 1: a test is missing: must be such as size>=1GiB, type=video/* or *.log"],
  ["type>video/* -> hot", 'rule 1: type is compared by = or !=, not by ">"'],
  ["size 1 -> hot", 'rule 1: "size 1" is no test: must be such as size>=1GiB, type=video/* or *.log, joined by &'],
  [
    "size>=1GiB *.log -> hot",
    'rule 1: "size >= 1GiB *.log" is no test: must be such as size>=1GiB, type=video/* or *.log, joined by &',
  ],
  [";* -> hot", "rule 1: must be a condition, one ->, and the stores, such as *.log -> hot"],
  ['name="a -> hot', 'a quotation mark is not closed: "a -> hot'],
  ["!a -> hot", "this is no part of a rule: !a -> hot"],
])("refuses %j, and says why", (text, message) => {
  expect(() => parsePolicy(text)).toThrow(message);
});
