/**
 * Servers out there, asked on a user's behalf, and never a way into the inside: only public addresses are connected to,
 * whatever a name server or a redirect says.
 *
 * ```ts
 * const remote = createRemote({ allow: [], ports: [], connectMs: 10_000, idleMs: 30_000 });
 * using answer = await remote.open(remote.parse("https://example.org/a.iso"), { range: "bytes=1000-" }, signal);
 * for await (const piece of answer.body) …
 * ```
 */
export { createRemote, type Remote, type RemoteAnswer, type RemoteOptions } from "./remote.ts";
export { nameOfAnswer, nameOfUrl } from "./source_name.ts";
