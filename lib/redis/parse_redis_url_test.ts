import { expect, test } from "bun:test";

import { isAppError } from "../errors/mod.ts";
import { parseRedisUrl } from "./parse_redis_url.ts";

test("reads host, port, database, user and password", () => {
  expect(parseRedisUrl("redis://cache")).toEqual({ host: "cache", port: 6379, db: 0 });
  expect(parseRedisUrl("redis://:p%40ss%2F@127.0.0.1:7000/3")).toEqual({
    host: "127.0.0.1",
    port: 7000,
    password: "p@ss/",
    db: 3,
  });
  expect(parseRedisUrl("rediss://me:secret@[::1]:1/")).toEqual({
    host: "::1",
    port: 1,
    username: "me",
    password: "secret",
    db: 0,
    tls: {},
  });
});

test("refuses what it would have to guess, and never quotes it", () => {
  const bad = [
    "redis://:s3cret@h/abc",
    "redis://:s3cret@h/1/2",
    "redis://:s3cret@h:port",
    "redis://:s3cret@h?family=6",
    "redis://:s3cret@h#a",
    "redis://:s3cret%@h",
    "redis:s3cret",
    "http://:s3cret@h",
    "s3cret",
  ];
  for (const url of bad) {
    let error: unknown = null;
    try {
      parseRedisUrl(url);
    } catch (thrown) {
      error = thrown;
    }
    expect([url, isAppError(error, "invalid-request")]).toEqual([url, true]);
    expect(String(error)).toContain("REDIS_URL");
    expect(String(error)).not.toContain("s3cret");
  }
});
