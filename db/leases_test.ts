import { expect, test } from "bun:test";

import { testWorkers, waitingUpload } from "../workers/testing.ts";
import { claimLease, countLeases, type Lease, releaseLease, renewLease } from "./leases.ts";
import { closeUpload, failUpload, finishUpload, reopenUpload } from "./uploads.ts";

const leaseMs = 1000;

/** An upload that one worker holds the lease of. */
async function held() {
  const workers = await testWorkers();
  const { ctx, clock } = workers;
  const upload = await waitingUpload(ctx);
  const { id } = await upload();
  await closeUpload(ctx.catalog, id, clock.at, "request-1");
  const claim = (owner: string) =>
    claimLease(ctx.catalog, { table: "uploads", id, state: "verifying", owner, now: clock.at, leaseMs });
  const lease = await claim("first");
  if (!lease) throw new Error("not claimed");
  return { ...workers, catalog: ctx.catalog, upload, claim, lease };
}

test("a lease is one holder's until it ends, and then the next one's", async () => {
  await using row = await held();
  expect(await row.claim("second")).toBeNull();
  row.clock.at += leaseMs - 1;
  expect(await row.claim("second")).toBeNull();
  row.clock.at += 1;
  expect(await row.claim("second")).toMatchObject({ owner: "second", fence: row.lease.fence + 1 });
});

test("renewed in time, it goes on", async () => {
  await using row = await held();
  row.clock.at += 900;
  expect(await renewLease(row.catalog, row.lease, row.clock.at + leaseMs)).toBe(true);
  row.clock.at += 900;
  expect(await row.claim("second")).toBeNull();
});

test("nothing that a stale holder writes has an effect", async () => {
  await using row = await held();
  const { catalog, lease, clock, upload } = row;
  clock.at += leaseMs;
  await row.claim("second");
  const before = await upload();
  expect(await renewLease(catalog, lease, clock.at + 9e9)).toBe(false);
  await releaseLease(catalog, lease, 0, 7);
  expect(await failUpload(catalog, lease, "sha1-mismatch", clock.at, 0)).toBe(false);
  expect(await reopenUpload(catalog, lease, "open", { now: clock.at, expiresAt: 0 })).toBe(false);
  expect(await catalog.transaction((tx) => finishUpload(tx, lease, "file", clock.at, 0))).toBe(false);
  expect(await upload()).toEqual(before);
});

test("the same owner's older claim is stale, too", async () => {
  await using row = await held();
  row.clock.at += leaseMs;
  const again = await row.claim("first");
  expect(again?.fence).toBe(row.lease.fence + 1);
  expect(await renewLease(row.catalog, row.lease, 9e15)).toBe(false);
  expect(await renewLease(row.catalog, again as Lease, row.clock.at)).toBe(true);
});

test("a row that left its state is nobody's, whatever lease there was", async () => {
  await using row = await held();
  expect(await failUpload(row.catalog, row.lease, "sha1-mismatch", row.clock.at, 0)).toBe(true);
  expect(await row.upload()).toMatchObject({ state: "failed", leaseOwner: null, leaseUntil: 0, attempts: 0 });
  expect(await failUpload(row.catalog, row.lease, "sha1-collision", row.clock.at, 0)).toBe(false);
  expect(await row.claim("second")).toBeNull();
});

test("leases that run are counted, those that ended are not", async () => {
  await using row = await held();
  const count = () => countLeases(row.catalog, "uploads", "verifying", row.clock.at);
  expect(await count()).toBe(1);
  row.clock.at += leaseMs;
  expect(await count()).toBe(0);
  expect(await countLeases(row.catalog, "blobs", "spooled", row.clock.at)).toBe(0);
});
