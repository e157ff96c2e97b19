import { expect, test } from "bun:test";

import { isAppError } from "#lib/errors/mod.ts";

import { testFolder, testGateway } from "./testing.ts";

type Outcome = "right" | "wrong" | "too-many-attempts" | "unavailable";

/** A gateway and a way to try passwords on a user whose password is "correct horse". */
async function guesser(folder: Awaited<ReturnType<typeof testFolder>>, env: Record<string, string> = {}) {
  const { auth } = await testGateway(folder, { env });
  // A hash is checked with the parameters that it names: these cost next to nothing.
  const hash = await Bun.password.hash("correct horse", { algorithm: "argon2id", memoryCost: 8, timeCost: 1 });
  return async (password: string, address = "10.0.0.1", subject = "alice"): Promise<Outcome> => {
    try {
      return (await auth.checkPassword({ subject, address, password, hash })) ? "right" : "wrong";
    } catch (error) {
      if (isAppError(error, "too-many-attempts", "unavailable")) return error.code as Outcome;
      throw error;
    }
  };
}

test("many guesses at once are slowed as if they came one by one, the right one among them, and the victim gets in elsewhere", async () => {
  await using folder = await testFolder();
  const guess = await guesser(folder);
  const guesses = Array.from({ length: 200 }, (_, i) => guess(i === 199 ? "correct horse" : `guess ${i}`));
  const outcomes = Map.groupBy(await Promise.all(guesses), (outcome) => outcome);
  expect(outcomes.get("wrong")).toHaveLength(6);
  expect(outcomes.get("too-many-attempts")).toHaveLength(194);
  expect(await guess("correct horse")).toBe("too-many-attempts");
  expect(await guess("correct horse", "10.0.0.2")).toBe("right");
});

test("many right passwords at once do not lock each other out", async () => {
  await using folder = await testFolder();
  const guess = await guesser(folder);
  const outcomes = await Promise.all(Array.from({ length: 40 }, () => guess("correct horse")));
  expect(new Set(outcomes)).toEqual(new Set(["right"]));
});

test("a full queue refuses without counting, and a blocked guesser takes no place in it", async () => {
  await using folder = await testFolder();
  const guess = await guesser(folder, { PASSWORD_PARALLEL: "1" });
  for (let i = 0; i < 6; i++) await guess("wrong", "10.6.6.6");
  const flood = Array.from({ length: 140 }, () => guess("correct horse"));
  expect(await guess("wrong", "10.6.6.6")).toBe("too-many-attempts");
  const outcomes = Map.groupBy(await Promise.all(flood), (outcome) => outcome);
  expect(outcomes.get("right")?.length).toBeWithin(128, 131);
  expect(outcomes.get("unavailable")?.length).toBeWithin(10, 13);
  expect(await guess("wrong")).toBe("wrong");
});
