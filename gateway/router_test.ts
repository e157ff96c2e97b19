import { expect, test } from "bun:test";

import { createRoute, z } from "@hono/zod-openapi";

import { isAppError } from "#lib/errors/mod.ts";

import { querySchema } from "./file/schema.ts";
import { createRouter, queryReader } from "./router.ts";

/** One route by `openapi()` and one that checks its query itself, over the same schema. */
function bothWays() {
  const app = createRouter();
  app.onError((error, c) => c.json({ code: isAppError(error) ? error.code : "none", message: error.message }, 400));
  app.openapi(
    createRoute({ method: "get", path: "/valid", request: { query: querySchema }, responses: { 200: { description: "" } } }),
    (c) => c.json(c.req.valid("query"), 200),
  );
  const read = queryReader(querySchema);
  app.get("/checked", (c) => c.json(read(c.req), 200));
  return async (query: string) => {
    const [valid, checked] = [await app.request(`/valid?${query}`), await app.request(`/checked?${query}`)];
    return { valid: [valid.status, await valid.json()], checked: [checked.status, await checked.json()] };
  };
}

test.each([
  "",
  "id=01KAGZTVZM6F9Q2XF4V0J7DZ0S",
  "id=",
  "id",
  "id=a&id=b",
  "id=a%20b+c&q=%F0%9F%98%80",
  "q=%zz%",
  "sha1=AAF4C61DDCC5E8A2DABEDE0F3B482CD9AEA9434D",
  "sha1=x",
  "limit=7",
  "limit=0",
  "limit=x&cursor=y",
  `q=${"x".repeat(256)}`,
  "unknown=1&id=a",
  "__proto__=a&__proto__=b",
  "__proto__=x&constructor=y&toString=z&id=a",
  "&&=&id=a&",
])("a query that is checked by hand comes out as by a validator: %s", async (query) => {
  const ask = bothWays();
  for (let times = 0; times < 2; times++) {
    const { valid, checked } = await ask(query);
    expect(checked).toEqual(valid);
  }
});

test("a query that came before is not read again, and no more than a thousand are remembered", async () => {
  let read = 0;
  const count = z.object({ n: z.string().transform((n) => ({ n, read: read++ })) });
  const app = createRouter();
  const reader = queryReader(count);
  app.get("/", (c) => c.json(reader(c.req)));
  const ask = async (n: number) => (await app.request(`/?n=${n}`)).json();
  expect([await ask(1), await ask(2), await ask(1)]).toEqual([
    { n: { n: "1", read: 0 } },
    { n: { n: "2", read: 1 } },
    { n: { n: "1", read: 0 } },
  ]);
  for (let n = 3; n <= 1001; n++) await ask(n);
  expect(await ask(1)).toEqual({ n: { n: "1", read: 1001 } });
});
