import { expect, test } from "bun:test";

import { OpenAPIHono } from "@hono/zod-openapi";
import { eq } from "drizzle-orm";

import { insertChallenge } from "#db/challenges.ts";
import { insertUpload } from "#db/insert_upload.ts";
import { files, sessions, uploads, users } from "#db/schema.ts";
import { newId } from "#lib/id/mod.ts";

import { eventually, testFolder, type TestFolder, testGateway } from "../auth/testing.ts";
import type { Context } from "../context.ts";
import { asAppError, problemResponse } from "../problem.ts";
import type { Env } from "../router.ts";
import { userRoutes } from "./routes.ts";

interface Answer {
  status: number;
  headers: Headers;
  body: Record<string, unknown> & { user: Record<string, unknown>; token: string; refreshToken: string };
}

/** The user routes of one gateway, and a clock that the test may move. */
async function drive(folder: TestFolder, env: Record<string, string> = {}) {
  const clock = { ahead: 0 };
  const gateway = await testGateway(folder, { env, now: () => Date.now() + clock.ahead });
  // These routes need no more of a context than what a test gateway has, and nobody listens here.
  const ctx = { ...gateway, changed: async () => {} };
  const app = new OpenAPIHono<Env>().route("/", userRoutes(ctx as unknown as Context));
  app.onError((error) => problemResponse(asAppError(error), "r"));

  async function raw(method: string, path: string, init: RequestInit = {}, address = "10.0.0.1"): Promise<Answer> {
    const response = await app.request(
      path,
      { method, ...init },
      { address, isProxied: false, hop: undefined, keepOpen: () => {} },
    );
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: text === "" ? {} : JSON.parse(text) };
  }
  function ask(
    method: string,
    path: string,
    { body, token, address }: { body?: unknown; token?: string; address?: string } = {},
  ) {
    const headers = new Headers();
    if (token !== undefined) headers.set("authorization", `Bearer ${token}`);
    if (body !== undefined) headers.set("content-type", "application/json");
    return raw(method, path, { headers, ...(body !== undefined && { body: JSON.stringify(body) }) }, address);
  }
  const password = "correct horse";
  const register = (username: string, more = {}) => ask("POST", "/user", { body: { username, password, ...more } });
  const signIn = (username: string, tried = password, address?: string) =>
    ask("POST", `/user/${encodeURIComponent(username)}`, {
      body: { password: tried },
      ...(address !== undefined && { address }),
    });
  return { ...gateway, app, clock, raw, ask, register, signIn };
}

const rfc3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

test("somebody registers, signs in, looks at their account, and signs out", async () => {
  await using folder = await testFolder();
  const { ask, register, signIn } = await drive(folder);
  const registered = await register("Alice", { email: "alice@example.org" });
  expect(registered.status).toBe(201);
  expect(registered.headers.get("cache-control")).toBe("no-store");
  expect(Object.keys(registered.body).toSorted()).toEqual(["expiresIn", "refreshToken", "token", "user"]);
  expect(registered.body).toMatchObject({ user: { username: "alice", email: "alice@example.org" }, expiresIn: 900 });
  expect(Object.keys(registered.body.user).toSorted()).toEqual(["createdAt", "email", "id", "username"]);
  expect(registered.body.user["createdAt"]).toMatch(rfc3339);

  const { status, body } = await signIn("ＡＬＩＣＥ");
  expect(status).toBe(200);
  expect(body.user).toEqual(registered.body.user);
  const { token } = body;
  const account = await ask("GET", "/user/aLiCe", { token });
  expect(account.status).toBe(200);
  const { lastActiveAt, ...rest } = account.body;
  expect(lastActiveAt).toMatch(rfc3339);
  expect<Record<string, unknown>>(rest).toEqual({
    username: "alice",
    email: "alice@example.org",
    createdAt: registered.body.user["createdAt"],
    files: 0,
    bytes: 0,
  });

  const out = await ask("DELETE", "/token", { token });
  expect(out.status).toBe(204);
  const after = await ask("GET", "/user/alice", { token });
  expect(after.status).toBe(401);
  expect(after.headers.get("www-authenticate")).toBe('Bearer realm="sluice", error="invalid_token"');
  expect((await ask("GET", "/user/alice", { token: registered.body.token })).status).toBe(200);
});

test("a name is one user's, however it is written, also when many ask at once", async () => {
  await using folder = await testFolder();
  const { register, catalog } = await drive(folder);
  const spellings = ["JOSÉ", "josé", "JOSE\u0301", "jose\u0301", "ｊｏｓé", "José"];
  const answers = await Promise.all(spellings.map((name) => register(name)));
  expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
  expect(answers.filter(({ status }) => status === 409)).toHaveLength(5);
  expect(answers.find(({ status }) => status === 409)?.body).toMatchObject({ code: "username-taken" });
  expect((await register("josé")).status).toBe(409);
  expect(await catalog.db.select().from(users)).toHaveLength(1);
});

test("a registration that cannot be is refused, and says why", async () => {
  await using folder = await testFolder();
  const { ask, raw, catalog } = await drive(folder);
  const good = { username: "alice", password: "correct horse" };
  const wrong: [unknown, string][] = [
    [{ ...good, username: "al" }, "username"],
    [{ ...good, username: "a".repeat(65) }, "username"],
    [{ ...good, username: "al ice" }, "username"],
    [{ ...good, username: "a/../b" }, "username"],
    [{ ...good, username: 7 }, "username"],
    [{ ...good, password: "1234567" }, "password"],
    [{ ...good, password: "x".repeat(257) }, "password"],
    [{ ...good, password: "1234567\ud800" }, "password"],
    [{ ...good, email: "nobody" }, "email"],
    [{ ...good, email: "a b@example.org" }, "email"],
    [{ ...good, email: `${"x".repeat(250)}@example.org` }, "email"],
    [{ ...good, admin: true }, "admin"],
    [{ username: "alice" }, "password"],
    [[], "json"],
    [null, "json"],
  ];
  for (const [body, word] of wrong) {
    const answer = await ask("POST", "/user", { body });
    expect(answer.status, JSON.stringify(body)).toBe(400);
    expect(answer.body).toMatchObject({ code: "invalid-request", detail: expect.stringContaining(word) });
  }
  const json = { "content-type": "application/json" };
  const bodies: RequestInit[] = [
    {},
    { body: "{", headers: json },
    { body: "", headers: json },
    { body: JSON.stringify(good) },
    { body: "username=alice", headers: { "content-type": "application/x-www-form-urlencoded" } },
  ];
  for (const init of bodies) expect((await raw("POST", "/user", init)).status, JSON.stringify(init)).toBeOneOf([400, 415]);
  expect(await catalog.db.select().from(users)).toHaveLength(0);
});

test("passwords from 8 to 256 characters are taken, counted as people count", async () => {
  await using folder = await testFolder();
  const { register, signIn } = await drive(folder);
  const passwords = ["12345678", "密码密码密码密码", "🐎".repeat(256), " ".repeat(8), "a\u0000b\u0000c\u0000d\u0000"];
  for (const [i, password] of passwords.entries()) {
    expect((await register(`user${i}`, { password })).status).toBe(201);
    expect((await signIn(`user${i}`, password)).status).toBe(200);
    expect((await signIn(`user${i}`, `${password} `)).status).toBe(401);
  }
});

test("a wrong password, an unknown user and an impossible one get the same answer", async () => {
  await using folder = await testFolder();
  const { register, signIn, raw, ask } = await drive(folder);
  await register("alice");
  const known = await signIn("alice", "wrong horse");
  expect(known.status).toBe(401);
  expect(known.headers.get("www-authenticate")).toBe('Bearer realm="sluice"');
  for (const name of ["bob", "x", "no such name", "a".repeat(500), "a/b", "\u0000", "😀😀😀"]) {
    const answer = await signIn(name, "wrong horse");
    expect(answer.body).toEqual(known.body);
    expect(answer.status).toBe(401);
  }
  expect((await signIn("alice", "")).body).toEqual(known.body);
  expect(
    (await raw("POST", "/user/%E0%A4%A", { body: '{"password":"x"}', headers: { "content-type": "application/json" } })).status,
  ).toBe(401);
  expect((await ask("POST", "/user/alice", { body: { password: "x", x: 1 } })).status).toBe(400);
  expect((await ask("POST", "/user/alice", { body: {} })).status).toBe(400);
});

test("after repeated failures the right password must wait too, but not at another address", async () => {
  await using folder = await testFolder();
  const { register, signIn, clock } = await drive(folder);
  await register("alice");
  const answers = [];
  for (let i = 0; i < 7; i++) answers.push(await signIn(i % 2 === 0 ? "alice" : "ALICE", `guess ${i}`));
  expect(answers.map(({ status }) => status)).toEqual([401, 401, 401, 401, 401, 401, 429]);
  const blocked = await signIn("alice");
  expect(blocked.status).toBe(429);
  expect(blocked.body).toMatchObject({ code: "too-many-attempts" });
  expect(Number(blocked.headers.get("retry-after"))).toBeWithin(1, 3);
  expect((await signIn("alice", "correct horse", "10.0.0.2")).status).toBe(200);
  clock.ahead += 2000;
  expect((await signIn("alice")).status).toBe(200);
  expect((await signIn("alice", "wrong")).status).toBe(401);
});

test("an account is its user's only", async () => {
  await using folder = await testFolder();
  const { ask, register, raw } = await drive(folder);
  const { token } = (await register("alice")).body;
  await register("bob");
  for (const method of ["GET", "DELETE"]) {
    for (const name of ["bob", "nobody", "x"]) {
      const answer = await ask(method, `/user/${name}`, { token });
      expect([answer.status, answer.body["code"]]).toEqual([403, "forbidden"]);
      expect(JSON.stringify(answer.body)).not.toContain(name === "x" ? "xx" : name);
    }
    const anonymous = await ask(method, "/user/bob");
    expect(anonymous.status).toBe(401);
    expect(anonymous.headers.get("www-authenticate")).toBe('Bearer realm="sluice"');
    for (const authorization of [`Basic ${token}`, "Bearer", token, `Bearer ${token} x`]) {
      expect((await raw(method, "/user/alice", { headers: { authorization } })).status).toBe(401);
    }
    const bad = await ask(method, "/user/alice", { token: `${token}x` });
    expect([bad.status, bad.headers.get("www-authenticate")]).toEqual([401, 'Bearer realm="sluice", error="invalid_token"']);
  }
  expect((await raw("GET", "/user/alice", { headers: { authorization: `bearer ${token}` } })).status).toBe(200);
});

test("a refresh token is traded once; the second time, all of its session is dead", async () => {
  await using folder = await testFolder();
  const { ask, register } = await drive(folder);
  const first = (await register("alice")).body;
  const second = await ask("POST", "/token/refresh", { body: { refreshToken: first.refreshToken } });
  expect(second.status).toBe(200);
  expect(second.body).toMatchObject({ user: first.user, expiresIn: 900 });
  expect((await ask("GET", "/user/alice", { token: first.token })).status).toBe(200);
  const again = await ask("POST", "/token/refresh", { body: { refreshToken: first.refreshToken } });
  expect([again.status, again.body["code"]]).toEqual([401, "unauthorized"]);
  expect((await ask("POST", "/token/refresh", { body: { refreshToken: second.body.refreshToken } })).status).toBe(401);
  for (const { token } of [first, second.body]) expect((await ask("GET", "/user/alice", { token })).status).toBe(401);
  expect((await ask("POST", "/token/refresh", { body: { refreshToken: "x" } })).status).toBe(401);
  expect((await ask("POST", "/token/refresh", { body: { refreshToken: 1 } })).status).toBe(400);
});

test("an expired access token is refused, and refreshing goes on from there", async () => {
  await using folder = await testFolder();
  const { ask, register, clock } = await drive(folder, { TOKEN_TTL: "10s" });
  const first = (await register("alice")).body;
  clock.ahead += 10_000;
  expect((await ask("GET", "/user/alice", { token: first.token })).status).toBe(401);
  const { body } = await ask("POST", "/token/refresh", { body: { refreshToken: first.refreshToken } });
  expect((await ask("GET", "/user/alice", { token: body.token })).status).toBe(200);
});

test("activity is noted, every five minutes at most", async () => {
  await using folder = await testFolder();
  const { ask, register, clock, lifecycle } = await drive(folder);
  const { token, user } = (await register("alice")).body;
  const lastActiveAt = async () => {
    await ask("GET", "/user/alice", { token });
    await lifecycle.idle();
    return Date.parse(String((await ask("GET", "/user/alice", { token })).body["lastActiveAt"]));
  };
  const created = Date.parse(String(user["createdAt"]));
  expect(await lastActiveAt()).toBe(created);
  clock.ahead += 4 * 60_000;
  expect(await lastActiveAt()).toBe(created);
  clock.ahead += 2 * 60_000;
  expect(await lastActiveAt()).toBeGreaterThan(created + 5 * 60_000);
});

test("a hash with old parameters is made anew at the next sign-in", async () => {
  await using folder = await testFolder();
  const { register, signIn, catalog, lifecycle } = await drive(folder);
  await register("alice");
  const passwordHash = await Bun.password.hash("correct horse", { algorithm: "argon2id", memoryCost: 1024, timeCost: 1 });
  await catalog.db.update(users).set({ passwordHash });
  expect((await signIn("alice")).status).toBe(200);
  await lifecycle.idle();
  expect((await catalog.db.select().from(users))[0]?.passwordHash).toStartWith("$argon2id$v=19$m=19456,t=2,p=1$");
  expect((await signIn("alice")).status).toBe(200);
});

test("deleting an account ends all that it owns and frees its name", async () => {
  await using folder = await testFolder();
  const { ask, register, catalog, config, ...one } = await drive(folder);
  const two = await drive(folder);
  const [alice, bob] = [(await register("alice")).body, (await register("bob")).body];
  const other = (await one.signIn("alice")).body;
  const ids = { alice: String(alice.user["id"]), bob: String(bob.user["id"]) };
  for (const userId of Object.values(ids)) {
    await insertFileRow(catalog, userId, "a", 5);
    await insertFileRow(catalog, userId, "b", 7);
    for (const state of ["open", "verifying", "done"] as const) await insertUploadRow(catalog, userId, state);
    await insertChallenge(catalog, { id: newId(), userId, sha1: "", size: 1, nonce: "", ranges: "", expiresAt: 1 });
  }
  expect((await ask("GET", "/user/alice", { token: alice.token })).body).toMatchObject({ files: 2, bytes: 12 });
  expect((await two.ask("GET", "/user/alice", { token: other.token })).status).toBe(200);

  expect((await ask("DELETE", "/user/alice", { token: alice.token })).status).toBe(204);
  for (const { token } of [alice, other]) expect(await one.auth.authenticate(token).catch(String)).toContain("has ended");
  for (const { token } of [alice, other]) expect((await ask("GET", "/user/alice", { token })).status).toBe(401);
  await eventually(async () => (await two.ask("GET", "/user/alice", { token: other.token })).status === 401);
  expect((await ask("POST", "/token/refresh", { body: { refreshToken: other.refreshToken } })).status).toBe(401);
  const gone = await catalog.db.select().from(files).where(eq(files.userId, ids.alice));
  expect(gone.map((f) => [f.liveName, (f.purgeAt ?? 0) - (f.deletedAt ?? 0)])).toEqual([
    [null, config.PURGE_AFTER],
    [null, config.PURGE_AFTER],
  ]);
  const ended = await catalog.db.select().from(uploads).where(eq(uploads.userId, ids.alice));
  expect(ended.map(({ state }) => state).toSorted()).toEqual(["cancelled", "cancelled", "done"]);
  const left = await catalog.db.query.challenges.findMany();
  expect(left.map(({ userId }) => userId)).toEqual([ids.bob]);
  const kept = await catalog.db.select().from(sessions).where(eq(sessions.userId, ids.alice));
  expect(kept.map(({ revokedAt }) => typeof revokedAt)).toEqual(["number", "number"]);

  expect((await ask("GET", "/user/bob", { token: bob.token })).body).toMatchObject({ files: 2, bytes: 12 });
  expect((await one.signIn("alice")).status).toBe(401);
  const again = await register("alice");
  expect(again.status).toBe(201);
  expect((await ask("GET", "/user/alice", { token: again.body.token })).body).toMatchObject({ files: 0, bytes: 0 });
});

test("a sign-in that an account's deletion overtakes is one to no account", async () => {
  await using folder = await testFolder();
  const { ask, register, signIn, auth, catalog } = await drive(folder);
  const { token } = (await register("alice")).body;
  const check = auth.checkPassword.bind(auth);
  auth.checkPassword = async (attempt) => {
    const right = await check(attempt);
    expect((await ask("DELETE", "/user/alice", { token })).status).toBe(204);
    return right;
  };
  expect((await signIn("alice")).body["code"]).toBe("bad-credentials");
  expect(await catalog.db.select().from(sessions)).toHaveLength(1);
});

test("a deletion that fails half-way deletes nothing", async () => {
  await using folder = await testFolder();
  const { ask, register, catalog, signIn } = await drive(folder);
  const { token } = (await register("alice")).body;
  const transaction = catalog.transaction.bind(catalog);
  catalog.transaction = (run) =>
    transaction(async (tx) => {
      await run(tx);
      throw new Error("the power went");
    });
  expect((await ask("DELETE", "/user/alice", { token })).status).toBe(500);
  catalog.transaction = transaction;
  expect((await ask("GET", "/user/alice", { token })).status).toBe(200);
  expect((await signIn("alice")).status).toBe(200);
});

test("the routes stand in the OpenAPI document as the contract has them", async () => {
  await using folder = await testFolder();
  const { app } = await drive(folder);
  const { paths = {} } = app.getOpenAPI31Document({ openapi: "3.1.0", info: { title: "t", version: "1" } });
  const routes = Object.entries(paths).flatMap(([path, item]) => Object.keys(item ?? {}).map((method) => `${method} ${path}`));
  expect(routes.toSorted()).toEqual([
    "delete /token",
    "delete /user/{username}",
    "get /user/{username}",
    "post /token/refresh",
    "post /user",
    "post /user/{username}",
  ]);
});

type TestCatalog = Awaited<ReturnType<typeof testGateway>>["catalog"];

async function insertFileRow({ db }: TestCatalog, userId: string, name: string, size: number): Promise<void> {
  const row = {
    id: newId(),
    userId,
    name,
    liveName: name,
    searchName: name,
    blobId: "",
    sha1: "",
    size,
    uploadedAt: 1,
    updatedAt: 1,
  };
  await db.insert(files).values(row);
}

async function insertUploadRow(catalog: TestCatalog, userId: string, state: "open" | "verifying" | "done"): Promise<void> {
  const id = newId();
  await insertUpload(catalog, {
    id,
    userId,
    name: "x",
    size: 1,
    sha1: null,
    chunkSize: 1,
    chunkCount: 1,
    node: "n",
    requestId: null,
    createdAt: 1,
    expiresAt: 2,
  });
  await catalog.db.update(uploads).set({ state }).where(eq(uploads.id, id));
}
