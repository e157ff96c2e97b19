import { expectJson, expectSame, expectText } from "./expect.ts";
import type { Answered, RouteCase } from "./route_case.ts";
import { shotOf } from "./shots.ts";

/** Health, metrics, the API's document, and the pages. */
export const systemCases: RouteCase[] = [
  asked("/healthz", (answer) => void expectJson(answer, { ok: true })),
  { ...asked("/readyz", (answer) => void expectJson(answer, { ready: true })), roundTrip: "select" },
  asked("/metrics", (answer) => expectText(answer, /^sluice_\w+(\{[^}]*\})? \d/m)),
  asked("/openapi.json", (answer) => void expectJson(answer, { openapi: "3.1.0" })),
  asked("/docs", (answer) => expectText(answer, /^<!doctype html>[\s\S]*\/file\/query/i)),
  asked("/docs.css", (answer) => expectSame("Content-Type", answer.headers.get("content-type"), "text/css; charset=utf-8")),
  asked("/file/upload", (answer) => expectText(answer, /^<!doctype html>[\s\S]*\/assets\//i)),
  { ...asked("/s/k7m2p9xqw4tzh8", (answer) => expectText(answer, /^<!doctype html>/i)), route: "GET /s/{code}" },
  {
    route: "GET /",
    seed: async () => ({
      kind: "repeat",
      status: 302,
      shot: shotOf(null, "GET", "/"),
      check: ({ headers }) => expectSame("Location", headers.get("location"), "/file/upload"),
    }),
  },
  {
    route: "GET /assets/{name}",
    seed: async ({ url }) => {
      const page = await (await fetch(`${url}/file/upload`)).text();
      const path = /\/assets\/[\w.-]+\.js/.exec(page)?.[0];
      if (path === undefined) throw new Error("the page names no script");
      return { kind: "repeat", status: 200, shot: shotOf(null, "GET", path), check: mustBeKept };
    },
  },
];

/** A GET that needs no user and nothing seeded. */
function asked(path: string, check: (answer: Answered) => void): RouteCase {
  return {
    route: `GET ${path}`,
    seed: async () => ({ kind: "repeat", status: 200, shot: shotOf(null, "GET", path), check }),
  };
}

function mustBeKept({ headers }: Answered): void {
  expectSame("whether it is kept", headers.get("cache-control")?.includes("immutable"), true);
}
