import { expect, setDefaultTimeout, test } from "bun:test";
import { open } from "node:fs/promises";

import { bytesOf, hashOf, signUp, until } from "../support/client.ts";
import { spoolPath } from "../support/data_dir.ts";
import { startDrive } from "../support/drive.ts";
import { expectProblem } from "../support/expect_problem.ts";
import { lacksServers, realServers } from "../support/real_servers.ts";
import { s3Bucket } from "../support/s3_bucket.ts";

setDefaultTimeout(300_000);

test.skipIf(lacksServers("s3"))(
  "a drive whose store goes away takes uploads all the same, and pushes them when it is back",
  async () => {
    await using servers = await realServers("s3");
    const { stack } = servers;
    const bucket = s3Bucket(stack.s3);
    {
      await using drive = await startDrive({ env: { STORE_URL: bucket.url({ answerTimeout: "2s", idleTimeout: "5s" }) } });
      const client = await signUp(drive.url);
      const stored = async (id: string) =>
        await until(
          async () => await client.json<{ state: string }>(200, `/file/query?id=${id}`),
          ({ state }) => state === "stored",
        );
      const [before, during] = [bytesOf(20_000_000, "before"), bytesOf(40_000_000, "during")];
      const first = await client.upload("before.bin", before);
      await stored(first.id);

      await stack.kill("rgw");
      const second = await client.upload("during.bin", during);
      expect(second.state).toBe("spooled");
      expect(hashOf("sha1", await client.download(second.id))).toBe(hashOf("sha1", during));
      await expectProblem(await client.fetch(`/file/download?id=${first.id}`), "unavailable");
      await stack.start("rgw");

      await stored(second.id);
      for (const [file, bytes] of [
        [first, before],
        [second, during],
      ] as const) {
        expect(hashOf("sha1", await client.download(file.id))).toBe(hashOf("sha1", bytes));
        const range = await client.download(file.id, { range: "bytes=17000000-17000009" });
        expect([...range]).toEqual([...bytes.subarray(17_000_000, 17_000_010)]);
      }
      expect(await bucket.keys()).toHaveLength(2);
      expect(await bucket.unfinished()).toBe(0);
      expect(await drive.stop()).toBe(0);
    }
    await bucket.remove();
  },
);

test.skipIf(lacksServers("s3"))(
  "what is pushed in parts is what was verified: a bit that turns over in the spool meanwhile is found by the store",
  async () => {
    await using servers = await realServers("s3");
    const { stack } = servers;
    const bucket = s3Bucket(stack.s3);
    {
      const parameters = { partBytes: "5MiB", answerTimeout: "2s", idleTimeout: "5s" };
      await using drive = await startDrive({ env: { STORE_URL: bucket.url(parameters), SWEEP_EVERY: "200ms" } });
      const client = await signUp(drive.url);
      const bytes = bytesOf(12_000_000, "verified");

      await stack.kill("rgw");
      const { uploadId, fileId = "" } = await client.uploadChunked("verified.bin", bytes);
      const log = await Bun.file(spoolPath(drive.dataDir, uploadId, "log")).text();
      expect(log.match(/^= .+$/gm)?.map((line) => line.split(" ").slice(1, 3))).toEqual([
        ["0", "5242880"],
        ["5242880", "5242880"],
        ["10485760", "1514240"],
      ]);
      const spooled = spoolPath(drive.dataDir, uploadId);
      await turnBit(spooled, 7_000_000);
      await stack.start("rgw");
      await until(
        async () => drive.output(),
        (output) => output.includes("the store received other bytes than were to be sent"),
      );
      expect(await bucket.keys()).toEqual([]);
      expect(await client.json<{ state: string }>(200, `/file/query?id=${fileId}`)).toMatchObject({ state: "spooled" });

      await turnBit(spooled, 7_000_000);
      await until(
        async () => await client.json<{ state: string }>(200, `/file/query?id=${fileId}`),
        ({ state }) => state === "stored",
      );
      expect(hashOf("sha1", await client.download(fileId))).toBe(hashOf("sha1", bytes));
      expect(await bucket.unfinished()).toBe(0);
    }
    await bucket.remove();
  },
);

async function turnBit(path: string, at: number): Promise<void> {
  await using file = await open(path, "r+");
  const { buffer } = await file.read(Buffer.alloc(1), 0, 1, at);
  await file.write(Buffer.of(buffer.readUInt8() ^ 1), 0, 1, at);
}
