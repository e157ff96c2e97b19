import { expect, test } from "bun:test";
import { setImmediate as nextTurn } from "node:timers/promises";

import { askTogether } from "./ask_together.ts";

test("what is asked in one turn is one question, and what is asked once that was sent is another", async () => {
  const asked: string[][] = [];
  const question = askTogether(async (keys) => {
    asked.push([...keys]);
    await nextTurn();
    return asked.length;
  });
  const first = [question("a"), question("b"), question("a")];
  expect(asked).toEqual([]);
  await nextTurn();
  const second = question("a");
  expect(await Promise.all([...first, second])).toEqual([1, 1, 1, 2]);
  expect(asked).toEqual([["a", "b"], ["a"]]);
});

test("all who asked are told of a failure, and the next may ask again", async () => {
  let isBroken = true;
  const question = askTogether(async (keys) => {
    if (isBroken) throw new Error("broken");
    return keys.size;
  });
  const results = await Promise.allSettled([question("a"), question("b")]);
  expect(results.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  isBroken = false;
  expect(await question("a")).toBe(1);
});
