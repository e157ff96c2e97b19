import { expect, test } from "bun:test";

import { TrieRouter } from "hono/router/trie-router";

import { StaticFirstRouter } from "./static_first_router.ts";

function routers() {
  const both = [new StaticFirstRouter<string>(), new TrieRouter<string>()];
  const add = (method: string, path: string, handler = `${method} ${path}`) => {
    for (const router of both) router.add(method, path, handler);
  };
  const match = (method: string, path: string) => both.map((router) => router.match(method, path));
  return { add, match };
}

test("finds what the trie finds, the first time and again", () => {
  const { add, match } = routers();
  add("POST", "/*", "limit");
  add("GET", "/share/:code");
  add("GET", "/share/top");
  add("POST", "/share");
  add("ALL", "/any");
  for (const method of ["GET", "POST", "MADE-UP"])
    for (const path of ["/share/top", "/share/a", "/share", "/any", "/", "/nothing", "/share/:code", "/*"])
      for (let time = 0; time < 2; time++) {
        const [found, wanted] = match(method, path);
        expect(found).toEqual(wanted);
      }
});

test("finds a route that is added after it was asked for", () => {
  const { add, match } = routers();
  add("GET", "/a");
  match("GET", "/a");
  add("GET", "/a", "another");
  const [found, wanted] = match("GET", "/a");
  expect(found).toEqual(wanted);
  expect(found?.[0]).toHaveLength(2);
});
