import { type Account, accountAt } from "../account.ts";
import type { Drive } from "../drive.ts";
import { eventDelay } from "../event_delay.ts";
import { median } from "../median.ts";
import { bulkId, bulkSha1, smallFiles } from "./rows.ts";
import type { Users } from "./users.ts";

/** A kind of request, each time about something else. It may say itself how many milliseconds it took. */
type Ask = (i: number) => Promise<unknown>;

const get = (account: Account, path: string) => account.json<unknown>(200, "GET", path);
/** One of the small user's files, each time another. */
const some = (i: number) => (i * 7919) % smallFiles;
const file = (i: number) => ({ sha1: bulkSha1(some(i)), size: 1000, name: `again ${crypto.randomUUID()}.jpg` });

/** Asks for a few rows and for many, one request after the other. @returns milliseconds, by what was asked: medians. */
export async function measureAsks({ url }: Drive, users: Users): Promise<Map<string, number>> {
  const small = accountAt(url, users.small.headers);
  const asks = [...smallAsks(small, users.names.small), ...largeAsks(accountAt(url, users.large.headers), users.names.large)];
  const medians = new Map<string, number>();
  for (const [, ask] of asks) await medianOf(ask, 20);
  for (const [name, ask] of asks) medians.set(name, await medianOf(ask));
  return medians;
}

function smallAsks(small: Account, name: string): [name: string, ask: Ask][] {
  return [
    ["query by id", (i) => get(small, `/file/query?id=${bulkId(some(i))}`)],
    ["query by sha1", (i) => get(small, `/file/query?sha1=${bulkSha1(some(i))}`)],
    ["list, first page", () => get(small, "/file/query?limit=100")],
    ["search, many hits", (i) => get(small, `/file/query?q=${i % 10}.jpg&limit=100`)],
    ["search, no hit", (i) => get(small, `/file/query?q=nothing${i}`)],
    ["own counts", () => get(small, `/user/${name}`)],
    ["rename", (i) => small.json(200, "POST", "/file/update", { id: bulkId(i), name: `renamed ${crypto.randomUUID()}.jpg` })],
    ["fastupload by the holder", (i) => small.json(201, "POST", "/file/fastupload", file(i))],
    ["metrics", () => fetch(`${small.url}/metrics`).then((answer) => answer.text())],
    ["events: a change is told", () => eventDelay(small, bulkId(1))],
  ];
}

function largeAsks(large: Account, name: string): [name: string, ask: Ask][] {
  return [
    ["list, a tenth of all", () => get(large, "/file/query?limit=100")],
    ["search, no hit, a tenth of all", (i) => get(large, `/file/query?q=nothing${i}`)],
    ["own counts, a tenth of all", () => get(large, `/user/${name}`)],
  ];
}

const [mostAsks, mostMs] = [300, 4000];

/** One after the other, for some seconds at most; the first ones warm up. */
async function medianOf(ask: Ask, most = mostAsks): Promise<number> {
  const took: number[] = [];
  const end = performance.now() + mostMs;
  for (let i = 0; i < most && (i < 5 || performance.now() < end); i++) {
    const begin = performance.now();
    const said = await ask(i);
    if (i > 1) took.push(typeof said === "number" ? said : performance.now() - begin);
  }
  return median(took);
}
