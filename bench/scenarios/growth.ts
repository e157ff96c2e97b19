import type { Bench, Goal, Outcome, Row, Scenario } from "../scenario.ts";
import { type Account, signUp } from "../support/account.ts";
import { addBulkFiles, bulkId, bulkSha1, smallFiles } from "../support/bulk_files.ts";
import { type Drive, startDrive } from "../support/drive.ts";
import { eventDelay } from "../support/event_delay.ts";
import { median } from "../support/median.ts";

/** What a request about a few rows takes among many, and what one about many rows takes. */
export const growth: Scenario = {
  name: "growth",
  onlyByName: true,
  about: "requests one after the other on SQLite with 10 k, 1 M and 10 M files (quick: 10 k and 200 k), against those with 10 k",
  diskBytes: 30e9,
  run: async ({ folder, quick }: Bench): Promise<Outcome> => {
    const sizes = quick ? [smallFiles, 200_000] : [smallFiles, 1e6, 1e7];
    const users = await makeUsers(folder);
    const measured: Measured[] = [];
    for (const [i, files] of sizes.entries()) {
      const begin = performance.now();
      const bytes = await addBulkFiles(users.dataDir, users.ids, sizes[i - 1] ?? 0, files);
      const seconds = (performance.now() - begin) / 1000;
      await using drive = await startDrive(folder, { DATA_DIR: users.dataDir }, `growth-${files}`);
      measured.push({ files, bytes, seconds, medians: await measure(drive, users) });
    }
    return outcomeOf(measured);
  },
};

interface Measured {
  files: number;
  /** Of the catalog. */
  bytes: number;
  /** That it took to fill. */
  seconds: number;
  /** Milliseconds, by what was asked. */
  medians: Map<string, number>;
}

interface Users {
  dataDir: string;
  small: Account;
  large: Account;
  names: { small: string; large: string };
  ids: { small: string; large: string };
}

async function makeUsers(folder: string): Promise<Users> {
  await using drive = await startDrive(folder, { TOKEN_TTL: "24h" });
  const [small, large] = [await signUp(drive.url), await signUp(drive.url)];
  const [one, other] = [claimsOf(small), claimsOf(large)];
  const names = { small: one.name, large: other.name };
  return { dataDir: drive.dataDir, small, large, names, ids: { small: one.sub, large: other.sub } };
}

/** What an access token says of its user. */
function claimsOf({ headers }: Account): { sub: string; name: string } {
  const [, payload = ""] = headers.authorization.split(".");
  return JSON.parse(Buffer.from(payload, "base64url").toString());
}

/** A kind of request, each time about something else. */
type Ask = (i: number) => Promise<unknown>;

const get = (account: Account, path: string) => account.json<unknown>(200, "GET", path);
/** One of the small user's files, each time another. */
const some = (i: number) => (i * 7919) % smallFiles;

const file = (i: number) => ({ sha1: bulkSha1(some(i)), size: 1000, name: `again ${crypto.randomUUID()}.jpg` });

async function measure(drive: Drive, users: Users): Promise<Map<string, number>> {
  const [small, large] = [at(drive, users.small), at(drive, users.large)];
  const asks: [name: string, ask: Ask][] = [
    ["query by id", (i) => get(small, `/file/query?id=${bulkId(some(i))}`)],
    ["query by sha1", (i) => get(small, `/file/query?sha1=${bulkSha1(some(i))}`)],
    ["list, first page", () => get(small, "/file/query?limit=100")],
    ["search, many hits", (i) => get(small, `/file/query?q=${i % 10}.jpg&limit=100`)],
    ["search, no hit", (i) => get(small, `/file/query?q=nothing${i}`)],
    ["own counts", () => get(small, `/user/${users.names.small}`)],
    ["rename", (i) => small.json(200, "POST", "/file/update", { id: bulkId(i), name: `renamed ${crypto.randomUUID()}.jpg` })],
    ["fastupload by the holder", (i) => small.json(201, "POST", "/file/fastupload", file(i))],
    ["metrics", () => fetch(`${drive.url}/metrics`).then((answer) => answer.text())],
    ["events: a change is told", () => eventDelay(small, bulkId(1))],
    ["list, a tenth of all", () => get(large, "/file/query?limit=100")],
    ["search, no hit, a tenth of all", (i) => get(large, `/file/query?q=nothing${i}`)],
    ["own counts, a tenth of all", () => get(large, `/user/${users.names.large}`)],
  ];
  const medians = new Map<string, number>();
  for (const [, ask] of asks) await medianOf(ask, 20);
  for (const [name, ask] of asks) medians.set(name, await medianOf(ask));
  return medians;
}

function at(drive: Drive, account: Account): Account {
  const { headers } = account;
  return {
    url: drive.url,
    headers,
    json: async (status, method, path, body) => {
      const init = body && { body: JSON.stringify(body), headers: { ...headers, "content-type": "application/json" } };
      const answer = await fetch(`${drive.url}${path}`, { method, headers, ...init });
      const text = await answer.text();
      if (answer.status !== status) throw new Error(`${method} ${path} answered ${answer.status}: ${text}`);
      return JSON.parse(text);
    },
  };
}

const [mostAsks, mostMs] = [300, 4000];

/** One after the other, for some seconds at most; the first ones warm up. An ask may say itself how long it took. */
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

/** `10k`, `1M`. */
function label(files: number): string {
  return files >= 1e6 ? `${files / 1e6}M` : `${files / 1000}k`;
}

/** What must not grow with other users' files. */
const steady = ["query by id", "query by sha1", "list, first page", "fastupload by the holder", "own counts", "metrics"];

function outcomeOf(measured: Measured[]): Outcome {
  const [first] = measured;
  const last = measured.at(-1);
  const ratio = (name: string, { medians }: Measured) => (medians.get(name) ?? NaN) / (first?.medians.get(name) ?? NaN);
  const rows = [...(first?.medians.keys() ?? [])].map((name): Row => ({
    "median ms": name,
    ...Object.fromEntries(measured.map(({ files, medians }) => [label(files), (medians.get(name) ?? NaN).toFixed(2)])),
    ...Object.fromEntries(
      measured.slice(1).map((each) => [`${label(each.files)} of ${label(smallFiles)}`, ratio(name, each).toFixed(2)]),
    ),
  }));
  const told = (name: string, of: (each: Measured) => string): Row => ({
    "median ms": name,
    ...Object.fromEntries(measured.map((each) => [label(each.files), of(each)])),
  });
  rows.push(told("catalog, MB", ({ bytes }) => (bytes / 1e6).toFixed(0)));
  rows.push(told("filled in, s", ({ seconds }) => seconds.toFixed(0)));
  const goals = steady.map((name): Goal => ({
    name: `${name}, of what it takes with ${label(smallFiles)} files`,
    value: last ? ratio(name, last) : NaN,
    unit: "×",
    atMost: 2,
  }));
  return { rows, goals };
}
