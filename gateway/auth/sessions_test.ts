import { expect, test } from "bun:test";

import { isAppError } from "#lib/errors/mod.ts";

import { testFolder, testGateway, testUser } from "./testing.ts";

/** A gateway with a session just opened, at a time that the test sets. */
async function opened(folder: Awaited<ReturnType<typeof testFolder>>) {
  const clock = { at: 1_700_000_000_000 };
  const gateway = await testGateway(folder, { now: () => clock.at, env: { TOKEN_TTL: "90s", REFRESH_TTL: "1h" } });
  const user = await testUser(gateway.catalog);
  const grant = await gateway.catalog.transaction((tx) => gateway.auth.sessions.open(tx, user));
  const refresh = async (token: string) => (await gateway.auth.sessions.refresh(token)).grant;
  return { ...gateway, clock, user, grant, refresh };
}

const isUnauthorized = (error: unknown) => isAppError(error, "unauthorized") && error.cause instanceof Error;
const refused = (promise: Promise<unknown>) => promise.then(() => false, isUnauthorized);

test("a session has an access token and a refresh token, of which the catalog keeps a hash", async () => {
  await using folder = await testFolder();
  const { grant, user, auth, catalog } = await opened(folder);
  const { sessionId, ...principal } = await auth.authenticate(grant.token);
  expect(principal).toEqual({ userId: user.id, username: "alice" });
  expect(grant.expiresIn).toBe(90);
  const [, secret = ""] = grant.refreshToken.split(".");
  expect(grant.refreshToken).toBe(`${sessionId}.${secret}`);
  expect(Buffer.from(secret, "base64url")).toHaveLength(32);
  expect(JSON.stringify(await catalog.db.query.sessions.findMany())).not.toContain(secret);
});

test("a refresh token is good once and makes the next one", async () => {
  await using folder = await testFolder();
  const { grant, user, auth, refresh } = await opened(folder);
  const second = await auth.sessions.refresh(grant.refreshToken);
  expect(second.user).toEqual(user);
  expect((await auth.authenticate(second.grant.token)).sessionId).toBe((await auth.authenticate(grant.token)).sessionId);
  const third = await refresh(second.grant.refreshToken);
  expect(new Set([grant.refreshToken, second.grant.refreshToken, third.refreshToken]).size).toBe(3);
});

test("reuse of an old refresh token ends the whole session", async () => {
  await using folder = await testFolder();
  const { grant, auth, refresh, lines } = await opened(folder);
  const next = await refresh(grant.refreshToken);
  expect(await refused(refresh(grant.refreshToken))).toBe(true);
  expect(await refused(refresh(next.refreshToken))).toBe(true);
  for (const { token } of [grant, next]) expect(await refused(auth.authenticate(token))).toBe(true);
  expect(lines.filter((line) => line.includes("came twice"))).toHaveLength(1);
  expect(lines.join()).not.toContain(grant.refreshToken);
});

test("of many refreshes at once with one token, exactly one wins", async () => {
  await using folder = await testFolder();
  const { grant, refresh } = await opened(folder);
  const results = await Promise.all(Array.from({ length: 20 }, () => refused(refresh(grant.refreshToken))));
  expect(results.filter((no) => !no)).toHaveLength(1);
});

test("a session slides on while it is refreshed and ends when it is not", async () => {
  await using folder = await testFolder();
  const { grant, refresh, clock } = await opened(folder);
  clock.at += 3_599_000;
  const next = await refresh(grant.refreshToken);
  clock.at += 3_599_000;
  const last = await refresh(next.refreshToken);
  clock.at += 3_600_000;
  expect(await refused(refresh(last.refreshToken))).toBe(true);
});

test("a revoked session gives nothing more, and revoking it again changes nothing", async () => {
  await using folder = await testFolder();
  const { grant, auth, refresh, clock, catalog } = await opened(folder);
  const { sessionId } = await auth.authenticate(grant.token);
  await auth.sessions.revoke(sessionId);
  const [{ revokedAt } = {}] = await catalog.db.query.sessions.findMany();
  clock.at += 1000;
  await auth.sessions.revoke(sessionId);
  expect(await catalog.db.query.sessions.findMany()).toMatchObject([{ revokedAt }]);
  expect(await refused(refresh(grant.refreshToken))).toBe(true);
});

test("what is no refresh token at all is refused and harms nobody", async () => {
  await using folder = await testFolder();
  const { grant, refresh } = await opened(folder);
  const [id = "", secret = ""] = grant.refreshToken.split(".");
  for (const token of [
    "",
    ".",
    id,
    `${id}.`,
    `${id}.short`,
    `${id}.${secret}=`,
    `${id.toLowerCase()}.${secret}`,
    ` ${grant.refreshToken}`,
    `${"0".repeat(26)}.${secret}`,
    grant.token,
  ]) {
    expect(await refused(refresh(token)), token).toBe(true);
  }
  await refresh(grant.refreshToken);
});
