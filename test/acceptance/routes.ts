import { expect } from "bun:test";

import type { Target } from "./target.ts";

/** Every route of the contract that is there, by the suite that asks for it. `routes_test.ts` compares it with the app. */
export const routes = {
  users: [
    "POST /user",
    "POST /user/{username}",
    "GET /user/{username}",
    "DELETE /user/{username}",
    "POST /token/refresh",
    "DELETE /token",
  ],
  files: [
    "GET /file/upload",
    "POST /file/upload",
    "GET /file/query",
    "GET /file/download",
    "GET /file/downloadurl",
    "POST /file/update",
    "POST /file/delete",
  ],
  ranges: ["GET /file/download", "HEAD /file/download"],
  chunked: [
    "POST /file/mpupload/init",
    "PUT /file/mpupload/uppart",
    "POST /file/mpupload/uppart",
    "GET /file/mpupload/status",
    "POST /file/mpupload/complete",
    "POST /file/mpupload/cancel",
  ],
  videos: [
    "POST /user/{username}/videos",
    "POST /upload/{id}",
    "GET /user/{username}/videos",
    "GET /user/{username}/videos/{id}",
    "DELETE /user/{username}/videos/{id}",
    "GET /videos/{id}",
    "HEAD /videos/{id}",
    "GET /videos/{id}/poster",
    "GET /videos/{id}/comments",
    "POST /videos/{id}/comments",
    "DELETE /videos/{id}/comments/{commentId}",
    "POST /videos/{id}/comments/{commentId}",
  ],
  shares: [
    "POST /share",
    "GET /share",
    "GET /share/top",
    "GET /share/{code}",
    "HEAD /share/{code}",
    "GET /share/{code}/download",
    "HEAD /share/{code}/download",
    "POST /share/{code}/save",
    "DELETE /share/{code}",
  ],
  instant: ["POST /file/fastupload"],
  events: ["GET /file/events"],
  system: ["GET /healthz", "GET /readyz", "GET /metrics", "GET /openapi.json", "GET /docs"],
  /** Pages, and parts of them: not of the API, and not in its document. */
  pages: ["GET /", "GET /assets/{name}", "GET /docs.css", "GET /s/{code}"],
} as const satisfies Record<string, string[]>;

/** Expects that a suite has asked for every route of its own, and got no answer that the OpenAPI document does not list. */
export async function expectCalled(target: Target, ...suites: (keyof typeof routes)[]): Promise<void> {
  const listed = await listedStatuses(target);
  const called = new Set<string>();
  const unlisted = new Set<string>();
  for (const { method, path, status } of target.calls) {
    const route = [...listed.keys(), ...routes.pages].find((known) => matches(known, method, path));
    if (route === undefined) continue;
    called.add(route.replace(/^\S+/, method));
    const statuses = listed.get(route);
    if (statuses && !statuses.has(String(status))) unlisted.add(`${route} ${status}`);
  }
  expect([...unlisted].toSorted()).toEqual([]);
  expect(suites.flatMap((suite) => routes[suite]).filter((route) => !called.has(route))).toEqual([]);
}

/** The statuses of each operation of `/openapi.json`, by `METHOD /path/{parameter}`. */
async function listedStatuses({ url }: Target): Promise<Map<string, Set<string>>> {
  const document = (await (await fetch(`${url}/openapi.json`)).json()) as {
    paths: Record<string, Record<string, { responses: Record<string, unknown> }>>;
  };
  return new Map(
    Object.entries(document.paths).flatMap(([path, item]) =>
      Object.entries(item).map(([method, { responses }]): [string, Set<string>] => [
        `${method.toUpperCase()} ${path}`,
        new Set(Object.keys(responses)),
      ]),
    ),
  );
}

function matches(route: string, method: string, path: string): boolean {
  const [routeMethod, pattern = ""] = route.split(" ");
  const asked = method === "HEAD" ? "GET" : method;
  return asked === routeMethod && new RegExp(`^${pattern.replaceAll(/\{\w+\}/g, "[^/]+")}$`).test(path);
}
