import { describe, expect, setDefaultTimeout, test } from "bun:test";

import { fetchShare, open, seen, shared } from "../acceptance/share_client.ts";
import { problem } from "../acceptance/target.ts";
import { bytesOf, signUp, until } from "../support/client.ts";
import { startDrive } from "../support/drive.ts";
import { addressOf, startFront } from "../support/front.ts";
import { lacksServers } from "../support/real_servers.ts";

setDefaultTimeout(300_000);

const bytes = bytesOf(100_003);
const env = { NODE_ID: "n1", TRUSTED_PROXIES: "127.0.0.1" };

/** Whoever asks through the front. */
function asker(url: string) {
  return { fetch: (path: string, init?: RequestInit) => fetch(`${url}${path}`, init) };
}

describe.skipIf(lacksServers("nginx"))("a download of a share, through nginx", () => {
  test("is sent by nginx, and counted by the gateway", async () => {
    await using drive = await startDrive({ env });
    await using front = await startFront({ gateways: [addressOf(drive.url)], nodes: { n1: drive.dataDir } });
    const alice = await signUp(front.url);
    const { code } = await shared(alice, bytes, { maxDownloads: 2 });
    const direct = await fetchShare(asker(drive.url), code, { "x-accel-nodes": "n1" });
    expect(direct.headers.get("x-accel-redirect")).toMatch(/^\/_accel\/n1\//);
    const answer = await fetchShare(asker(front.url), code);
    expect(Buffer.compare(await answer.bytes(), bytes)).toBe(0);
    await problem(fetchShare(asker(front.url), code), 410, "share-expired");
    await problem(fetchShare(asker(drive.url), code, { "x-accel-nodes": "n1" }), 410, "share-expired");
  });

  test("is counted once, though nginx has to ask again, and by no name that a client gives it", async () => {
    await using drive = await startDrive({ env });
    // Where nginx finds nothing, it asks the gateway to send the bytes.
    await using front = await startFront({ gateways: [addressOf(drive.url)], nodes: { n1: "/nonexistent" } });
    const alice = await signUp(front.url);
    const { code } = await shared(alice, bytes, { maxDownloads: 3 });
    const forged = { "x-accel-request": "0".repeat(32), "x-request-id": "the-same-each-time" };
    const visitor = asker(front.url);
    for (let i = 1; i <= 3; i++) {
      const answer = await fetchShare(visitor, code, forged);
      expect(Buffer.compare(await answer.bytes(), bytes)).toBe(0);
      expect(await seen(open(visitor, code))).toMatchObject({ downloads: i });
    }
    await problem(fetchShare(visitor, code, forged), 410, "share-expired");
    // Ranges of what was begun go on.
    expect((await fetchShare(visitor, code, { ...forged, range: "bytes=9-" })).status).toBe(206);
    // Each of these requests was asked twice.
    const asked = () =>
      drive
        .output()
        .split("\n")
        .filter((line) => line.includes(`/share/${code}/download`)).length;
    await until(
      async () => asked(),
      (count) => count === 3 * 2 + 1 + 2,
    );
  });

  test("is counted each time by a gateway that trusts nobody, whatever is said", async () => {
    await using drive = await startDrive();
    const alice = await signUp(drive.url);
    const { code } = await shared(alice, bytes, { maxDownloads: 2 });
    const forged = { "x-accel-request": "0".repeat(32), "x-real-ip": "9.9.9.9", "x-accel-nodes": "n1" };
    const statuses = [];
    for (let i = 0; i < 4; i++) statuses.push((await fetchShare(asker(drive.url), code, forged)).status);
    expect(statuses).toEqual([200, 200, 410, 410]);
  });
});
