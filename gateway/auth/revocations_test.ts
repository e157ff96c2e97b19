import { expect, test } from "bun:test";

import type { Catalog } from "#db/mod.ts";
import { sessions } from "#db/schema.ts";
import { isAppError } from "#lib/errors/mod.ts";
import { memoryQueue } from "#lib/queue/mod.ts";

import { createRevocations } from "./revocations.ts";
import { eventually, testFolder, testGateway, testUser } from "./testing.ts";

type Gateway = Awaited<ReturnType<typeof testGateway>>;

async function signIn({ auth, catalog }: Gateway): Promise<{ token: string; sessionId: string }> {
  const user = await testUser(catalog, crypto.randomUUID());
  const { token } = await catalog.transaction((tx) => auth.sessions.open(tx, user));
  return { token, ...(await auth.authenticate(token)) };
}

/** What becomes of a token. What is known of it without waiting may say less, and nothing else. */
async function verdict({ auth }: Gateway, token: string): Promise<string> {
  const known = auth.known(token);
  try {
    const principal = await auth.authenticate(token);
    if (known !== undefined) expect(known).toEqual(principal);
    return "good";
  } catch (error) {
    expect(known).toBeUndefined();
    if (isAppError(error)) return error.code;
    throw error;
  }
}

/** A catalog whose reads fail, and are counted, while `broken`. */
function breakable() {
  const state = { broken: false, reads: 0 };
  const spoil = (catalog: Catalog): Catalog => ({
    ...catalog,
    get db() {
      state.reads++;
      if (state.broken) throw new Error("the catalog is down");
      return catalog.db;
    },
  });
  return { state, spoil };
}

test("a session that ends here is dead here at once, though its token is remembered", async () => {
  await using folder = await testFolder();
  const gateway = await testGateway(folder);
  const [ended, other] = [await signIn(gateway), await signIn(gateway)];
  await gateway.auth.sessions.revoke(ended.sessionId);
  expect(await verdict(gateway, ended.token)).toBe("unauthorized");
  expect(await verdict(gateway, other.token)).toBe("good");
});

test("two gateways see each other's revocations, and so does one that starts later", async () => {
  await using folder = await testFolder();
  const [one, two] = [await testGateway(folder), await testGateway(folder)];
  const [a, b] = [await signIn(one), await signIn(two)];
  expect([await verdict(two, a.token), await verdict(one, b.token)]).toEqual(["good", "good"]);
  await one.auth.sessions.revoke(a.sessionId);
  await two.auth.sessions.revoke(b.sessionId);
  await eventually(async () => (await verdict(two, a.token)) === "unauthorized");
  await eventually(async () => (await verdict(one, b.token)) === "unauthorized");
  const three = await testGateway(folder);
  expect([await verdict(three, a.token), await verdict(three, b.token)]).toEqual(["unauthorized", "unauthorized"]);
});

test("while looks succeed, a good token that was seen before is known without waiting", async () => {
  await using folder = await testFolder();
  const gateway = await testGateway(folder);
  const { token, sessionId } = await signIn(gateway);
  await eventually(() => gateway.auth.known(token)?.sessionId === sessionId);
  expect((await testGateway(folder)).auth.known(token)).toBeUndefined();
});

test("while looks succeed, a good token costs no read of the catalog", async () => {
  await using folder = await testFolder();
  const { state, spoil } = breakable();
  const gateway = await testGateway(folder, { spoil });
  const { token } = await signIn(gateway);
  await eventually(async () => {
    const before = state.reads;
    for (let i = 0; i < 100; i++) await gateway.auth.authenticate(token);
    return state.reads === before;
  });
});

test("when looks fail, the session's row decides, and when it cannot be read, nobody gets in", async () => {
  await using folder = await testFolder();
  const { state, spoil } = breakable();
  const [gateway, other] = [await testGateway(folder, { spoil }), await testGateway(folder)];
  const { token, sessionId } = await signIn(gateway);
  state.broken = true;
  await eventually(async () => (await verdict(gateway, token)) === "unavailable");
  await other.auth.sessions.revoke(sessionId);
  expect(await verdict(gateway, token)).toBe("unavailable");
  state.broken = false;
  expect(await verdict(gateway, token)).toBe("unauthorized");
  await eventually(() => gateway.lines.some((line) => line.includes("can be read again")));
  expect(gateway.lines.filter((line) => line.includes("cannot be read"))).toHaveLength(1);
});

test("a session without a row is dead", async () => {
  await using folder = await testFolder();
  const { state, spoil } = breakable();
  const gateway = await testGateway(folder, { spoil });
  const { token } = await signIn(gateway);
  await gateway.catalog.db.delete(sessions);
  state.broken = true;
  await eventually(async () => (await verdict(gateway, token)) === "unavailable");
  state.broken = false;
  expect(await verdict(gateway, token)).toBe("unauthorized");
});

test("a gateway that is told of a revocation looks at once, and once more where it was just looking", async () => {
  await using folder = await testFolder();
  const gateway = await testGateway(folder);
  const hints = memoryQueue({ onError: () => {} });
  const { state, spoil } = breakable();
  // Another gateway, whose next look by itself is a minute away.
  const other = createRevocations({ ...gateway, catalog: spoil(gateway.catalog), hints, keepMs: 60_000, everyMs: 60_000 });
  for (let looks = 1; looks <= 3; looks++) {
    await eventually(() => state.reads >= looks);
    const { sessionId } = await signIn(gateway);
    await gateway.auth.sessions.revoke(sessionId);
    hints.notify("revocations");
    await eventually(() => state.reads > looks);
    await eventually(() => other.has(sessionId));
  }
  await hints.close();
});
