import { describe, expect, setDefaultTimeout, test } from "bun:test";

import { type ChallengeJson, type Client, hashOf, proofOf, signUp } from "../support/client.ts";
import { readDataDir } from "../support/data_dir.ts";
import { type Drive, startDrive } from "../support/drive.ts";
import { expectCalm, expectProblem } from "../support/expect_problem.ts";
import { resumingUpload } from "../support/resuming_upload.ts";
import { expectSettled } from "../support/settled.ts";
import { collidingContents } from "../support/shattered.ts";

setDefaultTimeout(300_000);

const chunkSize = 256 * 1024;
const [first, second] = collidingContents(2 * chunkSize + 1000);

/** A drive that holds the first of two colliding contents, and a second user. */
async function holdingFirst(bytes = first): Promise<{ drive: Drive; owner: Client; other: Client }> {
  const drive = await startDrive();
  const owner = await signUp(drive.url);
  await owner.upload("first.pdf", bytes);
  return { drive, owner, other: await signUp(drive.url) };
}

async function uploadByForm(client: Client, bytes: Uint8Array<ArrayBuffer>): Promise<Response> {
  const form = new FormData();
  form.append("file", new Blob([bytes]), "second.pdf");
  return await client.fetch("/file/upload", { method: "POST", body: form });
}

test("the two contents have one SHA-1 and two SHA-256", () => {
  expect(hashOf("sha1", first)).toBe(hashOf("sha1", second));
  expect(hashOf("sha256", first)).not.toBe(hashOf("sha256", second));
  expect(hashOf("sha1", first.slice(0, 320))).toBe("f92d74e3874587aaf443d1db961d4e26dde13e9c");
});

describe.concurrent("a content whose SHA-1 another one has", () => {
  test("is refused by form, and leaves nothing", async () => {
    const { drive: made, owner, other } = await holdingFirst();
    await using drive = made;
    for (const client of [other, owner]) {
      const response = await uploadByForm(client, second);
      expect(response.status).toBe(409);
      await expectProblem(response, "sha1-collision");
    }
    await expectSettled(drive.dataDir, [{ client: owner, name: "first.pdf", bytes: first }]);
    expectCalm(drive.output());
  });

  test("is refused with the whole form that holds it", async () => {
    await using drive = await startDrive();
    const client = await signUp(drive.url);
    const form = new FormData();
    for (const [i, bytes] of [first, second].entries()) form.append("file", new Blob([bytes]), `${i}.pdf`);
    await expectProblem(await client.fetch("/file/upload", { method: "POST", body: form }), "sha1-collision");
    await expectSettled(drive.dataDir, []);
  });

  for (const sha1 of [undefined, hashOf("sha1", second)]) {
    test(`is refused by chunks, ${sha1 === undefined ? "undeclared" : "declared"}, and leaves nothing in the spool`, async () => {
      const { drive: made, owner, other } = await holdingFirst();
      await using drive = made;
      const status = await other.uploadChunked("second.pdf", second, { chunkSize, ...(sha1 && { sha1 }) });
      expect(status).toMatchObject({ state: "failed", error: "sha1-collision" });
      expect(status.fileId).toBeUndefined();
      await expectSettled(drive.dataDir, [{ client: owner, name: "first.pdf", bytes: first }], { failed: 1 });
      expectCalm(drive.output());
    });
  }

  test("that is verified at the same time: one of the two is kept", async () => {
    await using drive = await startDrive();
    const [one, other] = [await signUp(drive.url), await signUp(drive.url)];
    const [a, b] = await Promise.all([
      one.uploadChunked("one.pdf", first, { chunkSize }),
      other.uploadChunked("other.pdf", second, { chunkSize }),
    ]);
    expect([a.state, b.state].toSorted()).toEqual(["done", "failed"]);
    const kept =
      a.state === "done" ? { client: one, name: "one.pdf", bytes: first } : { client: other, name: "other.pdf", bytes: second };
    await expectSettled(drive.dataDir, [kept], { failed: 1 });
  });

  test("is no proof of the other one: instant upload is refused", async () => {
    // Small enough that the challenge asks for all of it.
    const [small, twin] = collidingContents(20_000);
    const { drive: made, owner, other } = await holdingFirst(small);
    await using drive = made;
    const ask = { sha1: hashOf("sha1", twin), size: twin.byteLength, name: "second.pdf" };
    const { challenge } = await other.json<ChallengeJson>(200, "/file/fastupload", { method: "POST", json: ask });
    const answer = { challengeId: challenge.id, proof: proofOf({ challenge }, twin), name: "second.pdf" };
    const response = await other.fetch("/file/fastupload", { method: "POST", json: answer });
    expect(response.status).toBe(404);
    await expectProblem(response, "not-instant");
    await expectSettled(drive.dataDir, [{ client: owner, name: "first.pdf", bytes: small }]);
  });

  test("is a content like any other once the first one is purged", async () => {
    const { drive: made, owner, other } = await holdingFirst();
    await using drive = made;
    const { files } = await readDataDir(drive.dataDir);
    await owner.fetch("/file/delete", { method: "POST", json: { id: files[0]?.id } });
    await expectSettled(drive.dataDir, []);
    await resumingUpload(other, { name: "second.pdf", bytes: second, chunkSize }).go();
    await expectSettled(drive.dataDir, [{ client: other, name: "second.pdf", bytes: second }]);
  });
});
