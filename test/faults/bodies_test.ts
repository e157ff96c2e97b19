import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";

import { bytesOf, chunkOf, type Client, signUp, until } from "../support/client.ts";
import { readDataDir, spoolPath } from "../support/data_dir.ts";
import { type Drive, startDrive } from "../support/drive.ts";
import { expectCalm, expectNothingInside, expectProblem } from "../support/expect_problem.ts";
import { coded, codedEnd, openChunk, openRequest, type RawRequest } from "../support/raw_request.ts";
import { resumingUpload } from "../support/resuming_upload.ts";
import { type Expected, expectSettled } from "../support/settled.ts";

setDefaultTimeout(300_000);

const chunkSize = 2 ** 20;
const name = "bodies.bin";
const content = bytesOf(2 * chunkSize + 5000, "bodies");
const chunk = (index: number) => chunkOf(content, chunkSize, index);
const half = chunkSize / 2;

interface Scene {
  drive: Drive;
  client: Client;
  uploadId: string;
}

/** One drive for all that leaves nothing but whole files behind, which are looked at in the end. */
let shared: Drive;
const whole: Expected[] = [];
beforeAll(async () => {
  shared = await startDrive();
});
afterAll(async () => {
  await shared[Symbol.asyncDispose]();
});

/** Runs `act` on an upload of three chunks that begins; then the upload has to end well, with what is missing sent. */
async function withUpload(act: (scene: Scene) => Promise<unknown>): Promise<void> {
  const client = await signUp(shared.url);
  const upload = resumingUpload(client, { name: `${client.username}.bin`, bytes: content, chunkSize });
  await act({ drive: shared, client, uploadId: await upload.send(0) });
  await upload.go();
  whole.push({ client, ...upload });
}

async function expectMissing({ client, uploadId }: Scene, ...missing: number[]): Promise<void> {
  expect((await client.status(uploadId)).missing).toEqual(missing);
}

/** Waits until the first bytes of a chunk's first half are on the disk: its request is being served. */
async function untilHalfIsIn({ drive, uploadId }: Scene, index: number, bytes = chunk(index)): Promise<void> {
  const begin = (index - 1) * chunkSize;
  const piece = Buffer.from(bytes.subarray(0, 1000));
  const path = spoolPath(drive.dataDir, uploadId);
  await until(
    async () =>
      piece.equals(
        await Bun.file(path)
          .slice(begin, begin + 1000)
          .bytes(),
      ),
    (isIn) => isIn,
  );
}

/** Opens a request that sends half of a chunk and then nothing. */
async function stalled(scene: Scene, index: number): Promise<RawRequest> {
  const request = await openChunk(scene.client, scene.uploadId, index, { "content-length": chunkSize });
  request.write(chunk(index).subarray(0, half));
  await untilHalfIsIn(scene, index);
  return request;
}

/** Sends two contents of the one chunk of an upload, so many times in all and at once. @returns the one that is ever acknowledged, and the other. */
async function raceContents(client: Client, uploadId: string, size: number, times: number) {
  const [one, other] = [bytesOf(size, "one"), bytesOf(size, "other")];
  const sent = await Promise.all(
    Array.from({ length: times }, async (_, i) => {
      const bytes = i % 2 === 0 ? one : other;
      const response = await client.chunk(uploadId, 1, bytes);
      if (response.status === 200) return bytes;
      await expectProblem(response, "chunk-preempted", "chunk-conflict");
      return null;
    }),
  );
  const won = new Set(sent.filter((bytes) => bytes !== null));
  expect(won.size).toBe(1);
  return won.has(one) ? { winner: one, loser: other } : { winner: other, loser: one };
}

const transferCoding = { "transfer-encoding": "chunked" };

describe.concurrent("a chunk's body", () => {
  test("that is cut is not acknowledged, and can be sent again", async () => {
    await withUpload(async (scene) => {
      for (const [index, how] of [
        [1, "cut"],
        [2, "end"],
      ] as const) {
        const request = await stalled(scene, index);
        request[how]();
        const answer = await request.answer;
        if (answer !== null) await expectProblem(answer, "incomplete-body", "wrong-chunk-size", "invalid-request");
      }
      await expectMissing(scene, 1, 2, 3);
    });
  });

  test("that is longer than announced ends where it was to end", async () => {
    await withUpload(async (scene) => {
      const request = await openChunk(scene.client, scene.uploadId, 1, { "content-length": chunkSize });
      request.write(Buffer.concat([chunk(1), bytesOf(100_000, "more")]));
      const answer = await request.answer;
      // What is left over is the beginning of a next request, and no good one.
      expect([200, 400, undefined]).toContain(answer?.status);
      expectNothingInside(answer?.text ?? "");
      const { missing } = await scene.client.status(scene.uploadId);
      if (answer?.status === 200) expect(missing).toEqual([2, 3]);
      request.cut();
    });
  });

  test("of another announced length than the chunk's is refused before it is sent", async () => {
    await withUpload(async (scene) => {
      for (const length of [0, 1, chunkSize - 1, chunkSize + 1, 2 ** 45]) {
        const request = await openChunk(scene.client, scene.uploadId, 1, { "content-length": length });
        await expectProblem(await request.answer, "wrong-chunk-size");
        request.cut();
      }
      await expectMissing(scene, 1, 2, 3);
    });
  });

  test("of unknown length is taken when it is right, and refused when it is too long, too short, cut or no coding at all", async () => {
    await withUpload(async (scene) => {
      const send = async (index: number, ...pieces: (Uint8Array | string)[]) => {
        const request = await openChunk(scene.client, scene.uploadId, index, transferCoding);
        for (const piece of pieces) request.write(piece);
        return request;
      };
      const right = await send(1, coded(chunk(1).subarray(0, 1000)), coded(chunk(1).subarray(1000)), codedEnd);
      expect((await right.answer)?.status).toBe(200);
      const long = await send(2, coded(chunk(2)), coded(bytesOf(10, "more")), codedEnd);
      await expectProblem(await long.answer, "wrong-chunk-size");
      const endless = await send(2, coded(chunk(2)), coded(bytesOf(300_000, "more")));
      await expectProblem(await endless.answer, "wrong-chunk-size");
      const short = await send(2, coded(chunk(2).subarray(1)), codedEnd);
      await expectProblem(await short.answer, "wrong-chunk-size");
      const none = await send(2, codedEnd);
      await expectProblem(await none.answer, "wrong-chunk-size");
      const cut = await send(2, coded(chunk(2).subarray(0, half)));
      await untilHalfIsIn(scene, 2);
      cut.cut();
      const broken = await send(2, coded(chunk(2).subarray(0, half)), "this is no length\r\n");
      const answer = await broken.answer;
      expect([400, undefined]).toContain(answer?.status);
      await expectMissing(scene, 2, 3);
    });
  });

  test("that stalls gives way to a second request for the same chunk", async () => {
    await withUpload(async (scene) => {
      const first = await stalled(scene, 2);
      expect((await scene.client.chunk(scene.uploadId, 2, chunk(2))).status).toBe(200);
      const answer = await first.answer;
      if (answer !== null) await expectProblem(answer, "chunk-preempted");
      // What the first one sends now goes nowhere.
      first.write(bytesOf(half, "late"));
      await expectMissing(scene, 1, 3);
    });
  });

  test("that stalls gives way also where the chunk is already there", async () => {
    await withUpload(async (scene) => {
      const { client, uploadId } = scene;
      expect((await client.chunk(uploadId, 1, chunk(1))).status).toBe(200);
      const again = await openChunk(client, uploadId, 1, { "content-length": chunkSize });
      again.write(chunk(1).subarray(0, half));
      // It leaves no trace by which one could see that it is being served: a while is all one can give it.
      await Bun.sleep(300);
      const signal = AbortSignal.timeout(20_000);
      const path = `/file/mpupload/uppart?uploadid=${uploadId}&index=1`;
      expect((await client.fetch(path, { method: "PUT", body: chunk(1), signal })).status).toBe(200);
      const answer = await again.answer;
      if (answer !== null) await expectProblem(answer, "chunk-preempted");
    });
  });

  test("that comes again and is too long is refused at once, not read to its end", async () => {
    await withUpload(async (scene) => {
      const { client, uploadId } = scene;
      expect((await client.chunk(uploadId, 1, chunk(1))).status).toBe(200);
      const again = await openChunk(client, uploadId, 1, transferCoding);
      again.write(Buffer.concat([coded(chunk(1)), coded(chunk(1))]));
      await expectProblem(await again.answer, "wrong-chunk-size");
      again.cut();
      await expectMissing(scene, 2, 3);
    });
  });
});

describe.concurrent("a chunk so small that it comes in one piece", () => {
  const small = chunk(3);
  const sent = small.subarray(0, 4000);
  const open = async ({ client, uploadId }: Scene) => {
    const request = await openChunk(client, uploadId, 3, { "content-length": small.byteLength });
    request.write(sent);
    // It leaves no trace by which one could see that it is being served: a while is all one can give it.
    await Bun.sleep(300);
    return request;
  };

  test("that stalls gives way to a later request for it, and is not written when the rest comes", async () => {
    await withUpload(async (scene) => {
      const stalls = await open(scene);
      expect((await scene.client.chunk(scene.uploadId, 3, small)).status).toBe(200);
      stalls.write(bytesOf(small.byteLength - sent.byteLength, "late"));
      await expectProblem(await stalls.answer, "chunk-preempted");
      const again = await open(scene);
      const other = await scene.client.chunk(scene.uploadId, 3, bytesOf(small.byteLength, "other"));
      await expectProblem(other, "chunk-conflict");
      await expectProblem(await again.answer, "chunk-preempted");
      await expectMissing(scene, 1, 2);
    });
  });

  test("that is cut is not acknowledged, and can be sent again", async () => {
    await withUpload(async (scene) => {
      for (const how of ["cut", "end"] as const) {
        const request = await open(scene);
        request[how]();
        const answer = await request.answer;
        if (answer !== null) await expectProblem(answer, "incomplete-body", "invalid-request");
      }
      await expectMissing(scene, 1, 2, 3);
    });
  });

  test("takes over from one who streams it", async () => {
    await withUpload(async (scene) => {
      const streamed = await openChunk(scene.client, scene.uploadId, 3, transferCoding);
      streamed.write(coded(bytesOf(4000, "other")));
      await Bun.sleep(300);
      expect((await scene.client.chunk(scene.uploadId, 3, small)).status).toBe(200);
      const answer = await streamed.answer;
      if (answer !== null) await expectProblem(answer, "chunk-preempted");
      await expectMissing(scene, 1, 2);
    });
  });

  test("with a checksum of other bytes counts for nothing", async () => {
    await withUpload(async (scene) => {
      const { client, uploadId } = scene;
      const checksum = `sha1 ${new Bun.CryptoHasher("sha1").update("other").digest("base64")}`;
      const path = `/file/mpupload/uppart?uploadid=${uploadId}&index=3`;
      const response = await client.fetch(path, { method: "PUT", body: small, headers: { "upload-checksum": checksum } });
      await expectProblem(response, "checksum-mismatch");
      await expectMissing(scene, 1, 2, 3);
    });
  });

  test("in a race of 50 with two contents: one of them is acknowledged, and written once", async () => {
    const client = await signUp(shared.url);
    const { uploadId } = await client.init({ name, size: 5000 });
    const { winner } = await raceContents(client, uploadId, 5000, 50);
    const log = await Bun.file(spoolPath(shared.dataDir, uploadId, "log")).text();
    expect(log.match(/^\+ 1 /gm)).toHaveLength(1);
    await client.json(202, "/file/mpupload/complete", { method: "POST", json: { uploadId } });
    await client.settled(uploadId, "done");
    whole.push({ client, name, bytes: winner });
  });
});

describe.concurrent("requests for one chunk that race", () => {
  test("with the same bytes: 50 are acknowledged or pre-empted, and the chunk is written once", async () => {
    await withUpload(async (scene) => {
      const { client, uploadId } = scene;
      const responses = await Promise.all(Array.from({ length: 50 }, () => client.chunk(uploadId, 1, chunk(1))));
      const refused = responses.filter(({ status }) => status !== 200);
      expect(refused.length).toBeLessThan(50);
      for (const response of refused) await expectProblem(response, "chunk-preempted");
      await expectMissing(scene, 2, 3);
      const log = await Bun.file(spoolPath(scene.drive.dataDir, uploadId, "log")).text();
      expect(log.match(/^\+ 1 /gm)).toHaveLength(1);
    });
  });

  test("with other bytes: only one of the two contents is ever acknowledged, and it is the one that is there", async () => {
    const client = await signUp(shared.url);
    const { uploadId } = await client.init({ name, size: chunkSize, chunkSize });
    const { winner, loser } = await raceContents(client, uploadId, chunkSize, 24);
    const conflict = await client.chunk(uploadId, 1, loser);
    expect(conflict.status).toBe(409);
    await expectProblem(conflict, "chunk-conflict");
    await client.json(202, "/file/mpupload/complete", { method: "POST", json: { uploadId } });
    await client.settled(uploadId, "done");
    whole.push({ client, name, bytes: winner });
  });
});

test("after all that the drive holds every file whole, and nothing else", async () => {
  await expectSettled(shared.dataDir, whole);
  expectCalm(shared.output());
});

describe.concurrent("a cancelled upload", () => {
  test("ends the chunks that are on their way, and leaves nothing", async () => {
    await using drive = await startDrive();
    const client = await signUp(drive.url);
    const { uploadId } = await client.init({ name, size: content.byteLength, chunkSize });
    const request = await stalled({ drive, client, uploadId }, 1);
    const response = await client.fetch("/file/mpupload/cancel", { method: "POST", json: { uploadId } });
    expect(response.status).toBe(204);
    const answer = await request.answer;
    if (answer !== null) await expectProblem(answer, "upload-closed");
    request.write(chunk(1).subarray(half));
    await expectSettled(drive.dataDir, [], { cancelled: 1 });
    expectCalm(drive.output());
  });

  test("closes the small chunk whose bytes are awaited", async () => {
    await using drive = await startDrive();
    const client = await signUp(drive.url);
    const { uploadId } = await client.init({ name, size: 5000 });
    const request = await openChunk(client, uploadId, 1, { "content-length": 5000 });
    request.write(content.subarray(0, 4000));
    await Bun.sleep(300);
    expect((await client.fetch("/file/mpupload/cancel", { method: "POST", json: { uploadId } })).status).toBe(204);
    await expectProblem(await request.answer, "upload-closed");
    request.write(content.subarray(4000, 5000));
    await expectSettled(drive.dataDir, [], { cancelled: 1 });
    expectCalm(drive.output());
  });

  test("in the midst of many chunks leaves nothing, and no answer but that it is closed", async () => {
    await using drive = await startDrive({ env: { WORKERS: "none" } });
    const client = await signUp(drive.url);
    for (let round = 0; round < 10; round++) {
      const { uploadId } = await client.init({ name, size: 8 * chunkSize, chunkSize });
      const sending = Array.from({ length: 8 }, async (_, i) => {
        const response = await client.chunk(uploadId, i + 1, bytesOf(chunkSize, "any"));
        if (response.status !== 200) await expectProblem(response, "upload-closed");
      });
      await Bun.sleep(round * 2);
      await client.fetch("/file/mpupload/cancel", { method: "POST", json: { uploadId } });
      await Promise.all(sending);
    }
    const { spool, uploads } = await readDataDir(drive.dataDir);
    expect(spool).toEqual([]);
    expect(new Set(uploads.map(({ state }) => state))).toEqual(new Set(["cancelled"]));
    expectCalm(drive.output());
  });
});

describe.concurrent("a form", () => {
  const boundary = "----sluice";
  const head = `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="form.bin"\r\n\r\n`;
  const tail = `\r\n--${boundary}--\r\n`;
  const type = { "content-type": `multipart/form-data; boundary=${boundary}` };
  const length = head.length + chunkSize + tail.length;

  const openForm = async (client: Client, headers: Record<string, string | number>) =>
    await openRequest(client, "POST", "/file/upload", { ...type, ...headers });

  /** Nothing of a form that failed may be left; and the next one goes well. */
  async function withForms(act: (client: Client, drive: Drive) => Promise<unknown>): Promise<void> {
    await using drive = await startDrive();
    const client = await signUp(drive.url);
    await act(client, drive);
    await expectSettled(drive.dataDir, []);
    await client.upload("form.bin", chunk(1));
    await expectSettled(drive.dataDir, [{ client, name: "form.bin", bytes: chunk(1) }]);
    expectCalm(drive.output());
  }

  const untilSpooled = async ({ dataDir }: Drive, files: number) =>
    await until(
      async () => (await readDataDir(dataDir)).spool,
      ({ length }) => length === files,
    );

  test("that ends in the middle leaves no file and no row, whether it is cut or ends its side", async () => {
    await withForms(async (client, drive) => {
      for (const how of ["cut", "end"] as const) {
        for (const headers of [{ "content-length": length }, transferCoding]) {
          const request = await openForm(client, headers);
          const body = Buffer.concat([Buffer.from(head), chunk(1).subarray(0, half)]);
          request.write("content-length" in headers ? body : coded(body));
          await untilSpooled(drive, 1);
          request[how]();
          const answer = await request.answer;
          if (answer !== null) await expectProblem(answer, "incomplete-body", "invalid-request");
          await untilSpooled(drive, 0);
        }
      }
    });
  });

  const malformed: [what: string, body: string][] = [
    ["without its last boundary", `${head}bytes`],
    ["with nothing but its last boundary", `--${boundary}--\r\n`],
    ["with nothing at all", ""],
    [
      "with another boundary",
      `--other\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nbytes\r\n--other--\r\n`,
    ],
    ["with a second part that is cut", `${head}bytes\r\n--${boundary}\r\nContent-Disposition: form-data; na`],
    ["with a field that is no file", `--${boundary}\r\nContent-Disposition: form-data; name="x"\r\n\r\nbytes${tail}`],
    ["with a file and then a field of another name", `${head}bytes\r\n${head.replace('"file"', '"other"')}bytes${tail}`],
    ["whose file has no name", `${head.replace('; filename="form.bin"', "")}bytes${tail}`],
  ];
  test("that is malformed is refused and leaves nothing", async () => {
    await withForms(async (client) => {
      for (const [what, body] of malformed) {
        const request = await openForm(client, { "content-length": body.length });
        request.write(body);
        const code = await expectProblem(await request.answer, "invalid-request", "invalid-name");
        expect([what, code]).toEqual([what, expect.any(String)]);
      }
    });
  });
});
