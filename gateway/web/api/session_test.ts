import { beforeEach, describe, expect, test } from "bun:test";

import { MemoryStorage } from "./memory_storage.ts";
import { ProblemError } from "./problem_error.ts";
import { refreshLock } from "./refresh_lock.ts";
import type { RequestOptions } from "./request.ts";
import { Session } from "./session.ts";
import { TokenStore } from "./token_store.ts";

const refuse = (token: string) => Promise.reject(new ProblemError(401, "token", `no ${token}`));
const refuseFirst = (token: string) => (token === "t1" ? refuse(token) : Promise.resolve(token));

describe("Session", () => {
  let store: TokenStore;
  let refreshes: unknown[];
  let ended: number;
  let issued: number;

  const send = (path: string, { body }: RequestOptions): Promise<Response> => {
    if (path === "/token/refresh") refreshes.push(body);
    const count = ++issued;
    return Promise.resolve(
      Response.json({ user: { username: "ann" }, token: `t${count}`, refreshToken: `r${count}`, expiresIn: 900 }),
    );
  };
  const open = (sender = send): Session =>
    new Session({ store, lock: refreshLock(new MemoryStorage(), undefined), send: sender, onEnded: () => void ended++ });

  beforeEach(() => {
    store = new TokenStore(new MemoryStorage());
    refreshes = [];
    ended = 0;
    issued = 0;
  });

  test("keeps only the refresh token over a reload", async () => {
    await open().signIn("ann", "secret-word");
    expect(store.read()).toEqual({ username: "ann", refreshToken: "r1" });
    const reloaded = open();
    expect(reloaded.username).toBe("ann");
    expect(await reloaded.withToken((token) => Promise.resolve(token))).toBe("t2");
    expect(refreshes).toEqual([{ refreshToken: "r1" }]);
  });

  test("refreshes once for many refused requests, then repeats each", async () => {
    const session = open();
    await session.signIn("ann", "secret-word");
    expect(await Promise.all([1, 2, 3].map(() => session.withToken(refuseFirst)))).toEqual(["t2", "t2", "t2"]);
    expect(refreshes).toHaveLength(1);
  });

  test("uses the refresh token that another tab has rotated", async () => {
    const session = open();
    await session.signIn("ann", "secret-word");
    store.write({ username: "ann", refreshToken: "of-another-tab" });
    await session.withToken(refuseFirst);
    expect(refreshes).toEqual([{ refreshToken: "of-another-tab" }]);
  });

  test("ends when the refresh token is refused, and says so once", async () => {
    store.write({ username: "ann", refreshToken: "stolen" });
    const session = open(() => Promise.reject(new ProblemError(401, "token", "used twice")));
    await expect(session.withToken((token) => Promise.resolve(token))).rejects.toThrow("signed out");
    await expect(session.withToken((token) => Promise.resolve(token))).rejects.toThrow("signed out");
    expect({ ended, username: session.username, saved: store.read() }).toEqual({ ended: 1, username: null, saved: null });
  });

  test("never takes over the session of somebody else who signed in on another tab", async () => {
    const session = open();
    await session.signIn("ann", "secret-word");
    store.write({ username: "bob", refreshToken: "bobs" });
    await expect(session.withToken(refuse)).rejects.toThrow();
    expect(refreshes).toEqual([]);
    expect(store.read()?.username).toBe("bob");
  });
});
