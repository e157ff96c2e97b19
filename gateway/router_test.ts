import { expect, test } from "bun:test";

import { createRoute } from "@hono/zod-openapi";

import { isAppError } from "#lib/errors/mod.ts";

import { querySchema } from "./file/schema.ts";
import { checkedQuery, createRouter } from "./router.ts";

/** One route by `openapi()` and one that checks its query itself, over the same schema. */
function bothWays() {
  const app = createRouter();
  app.onError((error, c) => c.json({ code: isAppError(error) ? error.code : "none", message: error.message }, 400));
  app.openapi(
    createRoute({ method: "get", path: "/valid", request: { query: querySchema }, responses: { 200: { description: "" } } }),
    (c) => c.json(c.req.valid("query"), 200),
  );
  app.get("/checked", (c) => c.json(checkedQuery(c.req, querySchema), 200));
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
  const { valid, checked } = await bothWays()(query);
  expect(checked).toEqual(valid);
});
