import { expect, setDefaultTimeout, test } from "bun:test";

import { bytesOf, hashOf, signUp, until } from "../support/client.ts";
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
