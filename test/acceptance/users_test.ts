import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";

import { bytesOf, type Client, until } from "../support/client.ts";
import { expectCalled } from "./routes.ts";
import { newName, openTarget, problem, revokedWithinMs, type Target } from "./target.ts";

interface SignedIn {
  user: { id: string; username: string; email: string | null; createdAt: string };
  token: string;
  refreshToken: string;
  expiresIn: number;
}

setDefaultTimeout(300_000);

let target: Target;
beforeAll(async () => {
  target = await openTarget();
});
afterAll(async () => {
  await target[Symbol.asyncDispose]();
});

const password = "correct horse";
const register = (body: Record<string, unknown>) =>
  target.fetch("/user", { method: "POST", json: { username: newName(), password, ...body } });
const signIn = (username: string, body: unknown = { password }) =>
  target.fetch(`/user/${encodeURIComponent(username)}`, { method: "POST", json: body });
const refresh = (refreshToken: unknown) => target.fetch("/token/refresh", { method: "POST", json: { refreshToken } });
const account = (username: string, token: string, method = "GET") =>
  target.fetch(`/user/${encodeURIComponent(username)}`, { method, headers: { authorization: `Bearer ${token}` } });
const read = async (answer: Promise<Response>, status: number) => {
  const response = await answer;
  expect(response.status).toBe(status);
  return (await response.json()) as SignedIn;
};

test("registers a user and signs them in", async () => {
  const username = newName("reg");
  const before = Date.now();
  const { user, token, refreshToken, expiresIn } = await read(register({ username, email: "a@example.org" }), 201);
  expect(user).toMatchObject({ username, email: "a@example.org" });
  expect(user.id).toMatch(/\S/);
  expect(user.createdAt).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/);
  expect(Math.abs(Date.parse(user.createdAt) - before)).toBeLessThan(60_000);
  expect(refreshToken).toMatch(/\S/);
  expect(expiresIn).toBe(900);
  expect((await account(username, token)).status).toBe(200);
  const again = await read(signIn(username), 200);
  expect(again.user).toEqual(user);
  expect(again.token).not.toBe(token);
});

test("no answer with a token is cached", async () => {
  expect((await register({})).headers.get("cache-control")).toBe("no-store");
});

test.each(["日本語ユーザー", "жанна.д_арк-1", "عربي", "abc", "x".repeat(64), "1.2"])(
  "takes the username %s",
  async (username) => {
    const own = username.length === 64 ? username : `${username}${crypto.randomUUID().slice(0, 8)}`;
    const { user, token } = await read(register({ username: own }), 201);
    expect(user.username).toBe(own);
    expect((await account(own, token)).status).toBe(200);
    expect((await signIn(own)).status).toBe(200);
  },
);

test("a username is the same in every case and width", async () => {
  const name = newName("case");
  const { user, token } = await read(register({ username: name.toUpperCase() }), 201);
  expect(user.username).toBe(name);
  const wide = name.replaceAll(/[a-z]/g, (letter) => String.fromCharCode(letter.charCodeAt(0) + 0xfee0));
  await problem(register({ username: wide }), 409, "username-taken");
  expect((await signIn(wide)).status).toBe(200);
  expect((await account(name.toUpperCase(), token)).status).toBe(200);
});

test("a username is the same where case is more than one letter for another", async () => {
  const name = `${newName("fold")}straße`;
  const { token } = await read(register({ username: name }), 201);
  for (const other of [name.toUpperCase(), name.replace("ß", "ẞ"), name.replace("ß", "ss")]) {
    await problem(register({ username: other }), 409, "username-taken");
    expect((await signIn(other)).status).toBe(200);
    expect((await account(other, token)).status).toBe(200);
  }
});

test("refuses a taken name, also to all but one who ask at once", async () => {
  const username = newName("taken");
  const answers = await Promise.all(Array.from({ length: 8 }, async () => (await register({ username })).status));
  expect(answers.toSorted()).toEqual([201, ...Array.from({ length: 7 }, () => 409)]);
  const { detail } = await problem(register({ username }), 409, "username-taken");
  expect(detail).toContain(username);
});

test.each<Record<string, unknown>>([
  { username: "ab" },
  { username: "x".repeat(65) },
  { username: "a b c" },
  { username: "a/b/c" },
  { username: "abc\n" },
  { username: "😀😀😀" },
  { username: "" },
  { username: 12345 },
  { username: null },
  { username: undefined },
  { password: "1234567" },
  { password: "x".repeat(257) },
  { password: undefined },
  { password: 12_345_678 },
  { email: "nobody" },
  { email: "a b@example.org" },
  { email: "" },
  { unknown: 1 },
  { isAdmin: true },
])("refuses to register %j", async (body) => {
  await problem(register(body), 400, "invalid-request");
});

test("takes the shortest and the longest password, of any characters", async () => {
  for (const chosen of ["12345678", "x".repeat(256), "пароль 密码 😀"]) {
    const username = newName("pw");
    await read(register({ username, password: chosen }), 201);
    await read(signIn(username, { password: chosen }), 200);
    await problem(signIn(username, { password: `${chosen}x` }), 401, "bad-credentials");
  }
});

test("says the same in the same time of a wrong password and of no such user", async () => {
  const ask = async (name: string) => {
    const begin = performance.now();
    const { instance: _, ...said } = await problem(signIn(name, { password: "wrong horse" }), 401, "bad-credentials");
    return { said, ms: performance.now() - begin };
  };
  const fastest = { wrong: Number.POSITIVE_INFINITY, nobody: Number.POSITIVE_INFINITY };
  const ratio = () => fastest.nobody / fastest.wrong;
  // On a busy machine the fastest of a few may still have been disturbed.
  for (let round = 0; round < 10 && !(ratio() > 1 / 3 && ratio() < 3); round++) {
    const username = newName("guess");
    await read(register({ username }), 201);
    const [wrong, nobody] = [await ask(username), await ask(newName("nobody"))];
    expect(nobody.said).toEqual(wrong.said);
    fastest.wrong = Math.min(fastest.wrong, wrong.ms);
    fastest.nobody = Math.min(fastest.nobody, nobody.ms);
  }
  expect(ratio()).toBeWithin(1 / 3, 3);
});

test("refuses to sign in with a malformed body", async () => {
  const username = newName();
  for (const body of [{}, { password: 1 }, { password, username }, [], "x", null]) {
    await problem(signIn(username, body), 400, "invalid-request");
  }
});

test("slows down whoever fails again and again, and says for how long", async () => {
  const username = newName("slow");
  await read(register({ username }), 201);
  const blocked = await until(
    () => signIn(username, { password: "wrong horse" }),
    ({ status }) => status !== 401,
  );
  expect(Number(blocked.headers.get("retry-after"))).toBeGreaterThan(0);
  await problem(blocked, 429, "too-many-attempts");
  // The right password as well: else a guesser would learn from the answer.
  await problem(signIn(username), 429, "too-many-attempts");
});

test("tells a user of themselves, and counts their files", async () => {
  const alice = await target.signUp(newName("alice"));
  const profile = () => alice.json<Record<string, unknown>>(200, `/user/${alice.username}`);
  const before = await profile();
  expect(before).toEqual({
    username: alice.username,
    email: null,
    createdAt: expect.any(String),
    lastActiveAt: expect.any(String),
    files: 0,
    bytes: 0,
  });
  const { id } = await alice.upload("a.bin", bytesOf(1000));
  await alice.upload("b.bin", bytesOf(1000));
  expect(await profile()).toMatchObject({ files: 2, bytes: 2000 });
  await alice.fetch("/file/delete", { method: "POST", json: { id } });
  expect(await profile()).toMatchObject({ files: 1, bytes: 1000 });
});

test("tells nobody of anybody else, whether they are there or not", async () => {
  const [alice, bob] = [await target.signUp(), await target.signUp()];
  const [there, not] = [
    await problem(account(bob.username, alice.token), 403, "forbidden"),
    await problem(account(newName("nobody"), alice.token), 403, "forbidden"),
  ];
  expect(there.detail).toBe(not.detail);
  await problem(account(bob.username, alice.token, "DELETE"), 403, "forbidden");
  await problem(target.fetch(`/user/${alice.username}`), 401, "unauthorized");
  await problem(target.fetch(`/user/${alice.username}`, { method: "DELETE" }), 401, "unauthorized");
  expect((await account(bob.username, bob.token)).status).toBe(200);
});

test.each(["", "Bearer", "Bearer ", "Bearer x", "Basic YWxpY2U6cHc=", "Bearer a.b.c", "Bearer a b"])(
  "takes no token from %j",
  async (authorization) => {
    const answer = await target.fetch("/file/query", { headers: { authorization } });
    await problem(answer, 401, "unauthorized");
  },
);

test("takes no token that was altered, was signed by nobody, or is another drive's", async () => {
  const { token, refreshToken } = await target.signUp();
  const [head = "", body = "", signature = ""] = token.split(".");
  const none = Buffer.from(JSON.stringify({ alg: "none", typ: "JWT" })).toString("base64url");
  const other = `${signature.startsWith("A") ? "B" : "A"}${signature.slice(1)}`;
  await using elsewhere = await openTarget({ LOG_LEVEL: "error" });
  const stranger = await elsewhere.signUp();
  for (const bad of [`${head}.${body}.${other}`, `${head}.${body}.`, `${none}.${body}.`, stranger.token, refreshToken]) {
    const answer = await target.fetch("/file/query", { headers: { authorization: `Bearer ${bad}` } });
    // RFC 6750, section 3.1: a token that was sent and is not good is said to be so.
    expect(answer.headers.get("www-authenticate")).toContain('error="invalid_token"');
    await problem(answer, 401, "unauthorized");
  }
});

test("the scheme's name is read in any case (RFC 9110, 11.1)", async () => {
  const { token } = await target.signUp();
  for (const scheme of ["bearer", "BEARER"]) {
    expect((await target.fetch("/file/query", { headers: { authorization: `${scheme} ${token}` } })).status).toBe(200);
  }
});

test("a refresh token is good once; its reuse ends the whole session", async () => {
  const first = await read(register({}), 201);
  const second = await read(refresh(first.refreshToken), 200);
  expect(second.user).toEqual(first.user);
  expect(second.refreshToken).not.toBe(first.refreshToken);
  expect((await account(second.user.username, second.token)).status).toBe(200);
  await problem(refresh(first.refreshToken), 401, "unauthorized");
  await problem(refresh(second.refreshToken), 401, "unauthorized");
  for (const { token } of [first, second]) {
    const ended = await until(
      () => account(first.user.username, token),
      ({ status }) => status === 401,
      revokedWithinMs,
    );
    await problem(ended, 401, "unauthorized");
  }
});

test("refuses what is no refresh token", async () => {
  const { token } = await target.signUp();
  for (const bad of ["", "x", token]) await problem(refresh(bad), 401, "unauthorized");
  for (const bad of [undefined, 1, null]) await problem(refresh(bad), 400, "invalid-request");
  await problem(target.fetch("/token/refresh", { method: "POST", json: { refreshToken: "x", more: 1 } }), 400, "invalid-request");
});

test("signing out ends one session, and no other", async () => {
  const username = newName("out");
  const first = await read(register({ username }), 201);
  const second = await read(signIn(username), 200);
  const out = await target.fetch("/token", { method: "DELETE", headers: { authorization: `Bearer ${first.token}` } });
  expect({ status: out.status, body: await out.text() }).toEqual({ status: 204, body: "" });
  await until(
    () => account(username, first.token),
    ({ status }) => status === 401,
    1000,
  );
  await problem(refresh(first.refreshToken), 401, "unauthorized");
  expect((await account(username, second.token)).status).toBe(200);
  await problem(target.fetch("/token", { method: "DELETE" }), 401, "unauthorized");
});

test("deleting an account takes all it owns, and frees its name", async () => {
  const alice = await target.signUp(newName("gone"));
  const { id } = await alice.upload("a.bin", bytesOf(1000));
  const { url } = await alice.json<{ url: string }>(200, `/file/downloadurl?id=${id}`);
  const { uploadId } = await alice.init({ name: "b.bin", size: 10 });
  expect((await fetch(url)).status).toBe(200);
  const gone = await account(alice.username, alice.token, "DELETE");
  expect({ status: gone.status, body: await gone.text() }).toEqual({ status: 204, body: "" });
  await until(
    () => account(alice.username, alice.token),
    ({ status }) => status === 401,
    1000,
  );
  // Another gateway may be asked next.
  await Bun.sleep(revokedWithinMs);
  await problem(refresh(alice.refreshToken), 401, "unauthorized");
  await problem(signIn(alice.username), 401, "bad-credentials");
  await problem(fetch(url), 404, "not-found");
  await problem(alice.chunk(uploadId, 1, bytesOf(10)), 401, "unauthorized");

  const namesake: Client = await target.signUp(alice.username);
  expect(await namesake.json<unknown>(200, "/file/query")).toEqual({ files: [], next: null });
  await problem(namesake.fetch(`/file/download?id=${id}`), 404, "not-found");
  await problem(namesake.fetch(`/file/mpupload/status?uploadid=${uploadId}`), 404, "no-such-upload");
});

test("an access token that expires in the middle costs nothing", async () => {
  await using short = await openTarget({ TOKEN_TTL: "2s" });
  const alice = await short.signUp();
  const bytes = bytesOf(600 * 1024);
  const { uploadId, chunkSize, chunkCount } = await alice.init({ name: "a.bin", size: bytes.length, chunkSize: 256 * 1024 });
  expect((await alice.chunk(uploadId, 1, bytes.slice(0, chunkSize))).status).toBe(200);
  const expired = await until(
    () => alice.fetch("/file/query"),
    ({ status }) => status === 401,
  );
  expect(expired.headers.get("www-authenticate")).toContain('error="invalid_token"');
  await problem(expired, 401, "unauthorized");
  const renewed = await short.fetch("/token/refresh", { method: "POST", json: { refreshToken: alice.refreshToken } });
  alice.token = ((await renewed.json()) as SignedIn).token;
  for (let index = 2; index <= chunkCount; index++) {
    const chunk = bytes.slice((index - 1) * chunkSize, index * chunkSize);
    expect((await alice.chunk(uploadId, index, chunk)).status).toBe(200);
  }
  await alice.json(202, "/file/mpupload/complete", { method: "POST", json: { uploadId } });
});

test("asks for every route of users, and gets only answers that the document lists", async () => {
  await expectCalled(target, "users");
});
