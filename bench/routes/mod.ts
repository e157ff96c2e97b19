/**
 * What the bench asks of each route: how to seed it, what to send, and what a right answer is. `test/guards` compares the list
 * with the app's routes, so a new route needs a case here:
 *
 * ```ts
 * {
 *   route: "GET /share/{code}",
 *   roundTrip: "select",
 *   seed: async ({ user }) => {
 *     const { client, file } = await withFile(user);
 *     const { code } = await client.json<{ code: string }>(201, "/share", { method: "POST", json: { fileId: file.id } });
 *     const shot = shotOf(null, "GET", `/share/${code}`);
 *     return { kind: "repeat", status: 200, shot, check: (answer) => void expectJson(answer, { code, size: file.size }) };
 *   },
 * }
 * ```
 *
 * A request that can be sent once is `kind: "each"`, with `shots` that makes as many as are asked for.
 */
export { chosenCases } from "./chosen_cases.ts";
export { constantOf } from "./constant_of.ts";
export { createGround, type OwnGround } from "./ground.ts";
export { routeCases } from "./route_cases.ts";
export { type Answered, type Ground, nameOf, type Plan, type RoundTrip, type RouteCase } from "./route_case.ts";
export { shotOf } from "./shots.ts";
export { type RunLength, trafficOf } from "./traffic.ts";
export { verify, type Verified } from "./verify.ts";
