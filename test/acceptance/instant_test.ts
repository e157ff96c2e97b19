import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";

import { bytesOf, type ChallengeJson, type Client, type FileJson, hashOf, proofOf } from "../support/client.ts";
import { expectCalled } from "./routes.ts";
import { newName, openTarget, problem, type Target } from "./target.ts";

setDefaultTimeout(300_000);

let target: Target;
let alice: Client;
let bob: Client;
beforeAll(async () => {
  target = await openTarget();
  [alice, bob] = [await target.signUp(newName("alice")), await target.signUp(newName("bob"))];
});
afterAll(async () => {
  await target[Symbol.asyncDispose]();
});

const post = (client: Client, json: unknown) => client.fetch("/file/fastupload", { method: "POST", json });
const ask = (client: Client, bytes: Uint8Array, name = "fast.bin", size = bytes.byteLength) =>
  client.json<ChallengeJson>(200, "/file/fastupload", { method: "POST", json: { sha1: hashOf("sha1", bytes), size, name } });
const prove = (client: Client, challengeId: string, proof: string, name = "fast.bin") =>
  post(client, { challengeId, proof, name });
const refused = async (answer: Promise<Response>) => {
  const { instance: _, ...said } = await problem(answer, 404, "not-instant");
  return said;
};

test("gives a file at once to one who holds the content already", async () => {
  const bytes = bytesOf(200_000, "own");
  const first = await alice.upload("own.bin", bytes);
  const answer = await post(alice, { sha1: first.sha1, size: first.size, name: "own.bin" });
  expect(answer.status).toBe(201);
  const file = (await answer.json()) as FileJson;
  expect(file.id).not.toBe(first.id);
  expect({ ...file, id: "", uploadedAt: "", updatedAt: "", state: "" }).toEqual({
    ...first,
    name: "own (1).bin",
    id: "",
    uploadedAt: "",
    updatedAt: "",
    state: "",
  });
  expect(Buffer.compare(await alice.download(file.id), bytes)).toBe(0);
  const upper = await post(alice, { sha1: first.sha1.toUpperCase(), size: first.size, name: "upper.bin" });
  expect(upper.status).toBe(201);
});

test.each([0, 1, 100, 4096, 65_536, 65_537, 200_000, 3_000_000])(
  "takes a proof for %i bytes that somebody else has",
  async (size) => {
    const bytes = bytesOf(size, `theirs ${size}`);
    await alice.upload("theirs.bin", bytes);
    const asked = await ask(bob, bytes, `mine ${size}.bin`);
    const answer = await prove(bob, asked.challenge.id, proofOf(asked, bytes), `mine ${size}.bin`);
    expect(answer.status).toBe(201);
    const file = (await answer.json()) as FileJson;
    expect(file).toMatchObject({ name: `mine ${size}.bin`, size, sha1: hashOf("sha1", bytes), sha256: hashOf("sha256", bytes) });
    expect(Buffer.compare(await bob.download(file.id), bytes)).toBe(0);
    // From now on it is theirs.
    expect((await post(bob, { sha1: file.sha1, size, name: "again.bin" })).status).toBe(201);
  },
);

test("takes a proof for bytes that no store has yet", async () => {
  await using slow = await openTarget({ WORKERS: "merge,purge,sweep" });
  const [carol, dave] = [await slow.signUp(), await slow.signUp()];
  const bytes = bytesOf(100_000);
  expect(await carol.upload("a.bin", bytes)).toMatchObject({ state: "spooled" });
  const asked = await ask(dave, bytes);
  const answer = await prove(dave, asked.challenge.id, proofOf(asked, bytes));
  expect(await answer.json()).toMatchObject({ state: "spooled", size: 100_000 });
});

test("the proof is in hex of either case", async () => {
  const bytes = bytesOf(1000, "case");
  await alice.upload("case.bin", bytes);
  const asked = await ask(bob, bytes);
  expect((await prove(bob, asked.challenge.id, proofOf(asked, bytes).toUpperCase())).status).toBe(201);
});

test("asks for 64 KiB or more in all, spread over a large file, at new places each time", async () => {
  for (const size of [65_537, 1_000_003, 5 * 2 ** 40, Number.MAX_SAFE_INTEGER]) {
    const challenges = await Promise.all(
      [1, 2].map(() =>
        bob.json<ChallengeJson>(200, "/file/fastupload", { method: "POST", json: { sha1: "a".repeat(40), size, name: "x" } }),
      ),
    );
    for (const { challenge } of challenges) {
      const { ranges, nonce, expiresAt, id } = challenge;
      expect(Object.keys(challenge).toSorted()).toEqual(["expiresAt", "id", "nonce", "ranges"]);
      expect(id).toMatch(/\S/);
      expect(nonce).toMatch(/^([0-9a-f]{2}){16,}$/);
      expect(Date.parse(expiresAt)).toBeGreaterThan(Date.now());
      let end = 0;
      for (const [offset, length] of ranges) {
        expect(offset).toBeGreaterThanOrEqual(end);
        expect(length).toBeGreaterThan(0);
        // No gap is larger than an eighth of the file.
        expect(offset - end).toBeLessThanOrEqual(size / 8);
        end = offset + length;
      }
      expect(end).toBeLessThanOrEqual(size);
      expect(size - end).toBeLessThanOrEqual(size / 8);
      expect(ranges.reduce((sum, [, length]) => sum + length, 0)).toBeGreaterThanOrEqual(64 * 1024);
    }
    const [first, second] = challenges.map(({ challenge }) => challenge);
    expect(first?.nonce).not.toBe(second?.nonce ?? "");
    if (size > 1_000_000) expect(first?.ranges).not.toEqual(second?.ranges ?? []);
  }
});

test("asks for all of a small file", async () => {
  const carol = await target.signUp();
  for (const size of [0, 1, 4096, 10_000, 65_536]) {
    const { challenge } = await ask(carol, bytesOf(size, "small"));
    let end = 0;
    for (const [offset, length] of challenge.ranges) {
      expect(offset).toBe(end);
      end = offset + length;
    }
    expect(end).toBe(size);
  }
});

test("tells nobody what the drive holds", async () => {
  const known = bytesOf(150_000, "known");
  const unknown = bytesOf(150_000, "unknown");
  await alice.upload("known.bin", known);
  const [a, b] = [await post(bob, asking(known)), await post(bob, asking(unknown))];
  expect([...a.headers.keys()].toSorted()).toEqual([...b.headers.keys()].toSorted());
  const [first, second] = [(await a.json()) as ChallengeJson, (await b.json()) as ChallengeJson];
  expect(shapeOf(first)).toEqual(shapeOf(second));
  // A wrong proof of what is there, any proof of what is not, and a challenge that never was: the same words.
  const answers = [
    await refused(prove(bob, first.challenge.id, "0".repeat(64))),
    await refused(prove(bob, second.challenge.id, proofOf(second, unknown))),
    await refused(prove(bob, "01AN4Z07BY79KA1307SR9X4MV3", "0".repeat(64))),
    await refused(prove(bob, "nothing", "")),
  ];
  for (const answer of answers) expect(answer).toEqual(answers[0]!);
  // The content is asked for with a wrong size: as if it were not there.
  const wrong = await ask(bob, known, "x", known.length - 1);
  expect(await refused(prove(bob, wrong.challenge.id, proofOf(wrong, known)))).toEqual(answers[0]!);
  // Bytes that are all zero are no proof either.
  const zeros = await ask(bob, unknown);
  expect(await refused(prove(bob, zeros.challenge.id, proofOf(zeros, new Uint8Array(150_000))))).toEqual(answers[0]!);
});

const asking = (bytes: Uint8Array) => ({ sha1: hashOf("sha1", bytes), size: bytes.byteLength, name: "x.bin" });

/** What of a challenge may not depend on whether the content is there. */
function shapeOf({ challenge, ...more }: ChallengeJson) {
  const { id, nonce, ranges, expiresAt, ...others } = challenge;
  const lengths = ranges.map(([, length]) => length);
  return { more, others, id: id.length, nonce: nonce.length, lengths, expiresAt: expiresAt.length };
}

test("refuses after the same time whether the content is there or not", async () => {
  const known = bytesOf(2_000_000, "timed");
  await alice.upload("timed.bin", known);
  const time = async (bytes: Uint8Array) => {
    const { challenge } = await ask(bob, bytes);
    const begin = performance.now();
    await refused(prove(bob, challenge.id, "0".repeat(64)));
    return performance.now() - begin;
  };
  // Longer than either takes to be known.
  for (const bytes of [known, bytesOf(2_000_000, "timed unknown")]) expect(await time(bytes)).toBeGreaterThan(99);
});

test("a challenge is good for one answer, right or wrong", async () => {
  const bytes = bytesOf(10_000, "once");
  await alice.upload("once.bin", bytes);
  const first = await ask(bob, bytes);
  expect((await prove(bob, first.challenge.id, proofOf(first, bytes))).status).toBe(201);
  await refused(prove(bob, first.challenge.id, proofOf(first, bytes)));
  const carol = await target.signUp();
  const second = await ask(carol, bytes);
  await refused(prove(carol, second.challenge.id, "0".repeat(64)));
  await refused(prove(carol, second.challenge.id, proofOf(second, bytes)));
  const third = await ask(carol, bytes);
  const answers = await Promise.all(Array.from({ length: 10 }, () => prove(carol, third.challenge.id, proofOf(third, bytes))));
  expect(answers.map(({ status }) => status).toSorted()).toEqual([201, ...Array.from({ length: 9 }, () => 404)]);
});

test("a challenge is good for its own user alone", async () => {
  const bytes = bytesOf(10_000, "bound");
  await alice.upload("bound.bin", bytes);
  const [carol, dave] = [await target.signUp(), await target.signUp()];
  const asked = await ask(carol, bytes);
  await refused(prove(dave, asked.challenge.id, proofOf(asked, bytes)));
  expect((await prove(carol, asked.challenge.id, proofOf(asked, bytes))).status).toBe(201);
});

test("a challenge expires", async () => {
  await using short = await openTarget({ CHALLENGE_TTL: "300ms", SWEEP_EVERY: "60s" });
  const [carol, dave] = [await short.signUp(), await short.signUp()];
  const bytes = bytesOf(10_000);
  await carol.upload("a.bin", bytes);
  const asked = await ask(dave, bytes);
  await Bun.sleep(400);
  await refused(prove(dave, asked.challenge.id, proofOf(asked, bytes)));
});

test("a proof over other bytes, another nonce or another order is wrong", async () => {
  const bytes = bytesOf(100_000, "strict");
  await alice.upload("strict.bin", bytes);
  const carol = await target.signUp();
  const other = bytes.slice();
  for (const wrong of [
    (asked: ChallengeJson) => {
      const at = asked.challenge.ranges[3]?.[0] ?? 0;
      other.set(bytes);
      other[at] = (other[at] ?? 0) ^ 1;
      return proofOf(asked, other);
    },
    (asked: ChallengeJson) => proofOf({ challenge: { ...asked.challenge, nonce: "00".repeat(32) } }, bytes),
    (asked: ChallengeJson) => proofOf({ challenge: { ...asked.challenge, ranges: asked.challenge.ranges.toReversed() } }, bytes),
    (asked: ChallengeJson) => proofOf({ challenge: { ...asked.challenge, ranges: [] } }, bytes),
    (asked: ChallengeJson) => proofOf(asked, bytes).slice(0, 63),
    (asked: ChallengeJson) => `${proofOf(asked, bytes)}0`,
    () => hashOf("sha256", bytes),
    () => "",
  ]) {
    const asked = await ask(carol, bytes);
    await refused(prove(carol, asked.challenge.id, wrong(asked)));
  }
  expect(await carol.json(200, "/file/query")).toEqual({ files: [], next: null });
});

test("one who has deleted the content proves it again, as long as it is there", async () => {
  const carol = await target.signUp();
  const bytes = bytesOf(10_000, "deleted");
  const { id } = await carol.upload("deleted.bin", bytes);
  await carol.fetch("/file/delete", { method: "POST", json: { id } });
  const asked = await ask(carol, bytes);
  const answer = await prove(carol, asked.challenge.id, proofOf(asked, bytes));
  // Purged (after 500 ms here) or not yet: either is right, and what was given is there.
  if (answer.status === 201) expect(await carol.download(((await answer.json()) as FileJson).id)).toEqual(bytes);
  else await refused(Promise.resolve(answer));
});

test("keeps to the quota", async () => {
  await using small = await openTarget({ USER_QUOTA_BYTES: "100000" });
  const [carol, dave] = [await small.signUp(), await small.signUp()];
  const bytes = bytesOf(60_000);
  const file = await carol.upload("a.bin", bytes);
  await problem(post(carol, { sha1: file.sha1, size: file.size, name: "b.bin" }), 507, "no-space");
  const [first, second] = [await ask(dave, bytes), await ask(dave, bytes)];
  const answers = await Promise.all([first, second].map((asked) => prove(dave, asked.challenge.id, proofOf(asked, bytes))));
  expect(answers.map(({ status }) => status).toSorted()).toEqual([201, 507]);
});

test.each<Record<string, unknown>>([
  {},
  { sha1: "a".repeat(40), size: 1 },
  { sha1: "a".repeat(40), name: "x" },
  { size: 1, name: "x" },
  { sha1: "a".repeat(39), size: 1, name: "x" },
  { sha1: "g".repeat(40), size: 1, name: "x" },
  { sha1: "a".repeat(40), size: -1, name: "x" },
  { sha1: "a".repeat(40), size: 1.5, name: "x" },
  { sha1: "a".repeat(40), size: "1", name: "x" },
  { sha1: "a".repeat(40), size: 1, name: 1 },
  { sha1: "a".repeat(40), size: 1, name: "x", more: 1 },
  { challengeId: "x", proof: "y" },
  { challengeId: "x", name: "y" },
  { proof: "x", name: "y" },
  { challengeId: "", proof: "x", name: "y" },
  { challengeId: "x", proof: 1, name: "y" },
  { challengeId: "x", proof: "x", name: "y", size: 1 },
  { sha1: "a".repeat(40), size: 1, name: "x", challengeId: "x", proof: "y" },
])("refuses %j", async (body) => {
  await problem(post(alice, body), 400, "invalid-request");
});

test("refuses a bad name before the challenge is spent", async () => {
  const bytes = bytesOf(1000, "name");
  await alice.upload("name.bin", bytes);
  const carol = await target.signUp();
  const asked = await ask(carol, bytes);
  await problem(prove(carol, asked.challenge.id, proofOf(asked, bytes), "a/b"), 400, "invalid-name");
  expect((await prove(carol, asked.challenge.id, proofOf(asked, bytes), "ab")).status).toBe(201);
});

test("needs a token", async () => {
  await problem(target.fetch("/file/fastupload", { method: "POST", json: {} }), 401, "unauthorized");
});

test("asks for its route, and gets only answers that the document lists", async () => {
  await expectCalled(target, "instant");
});
