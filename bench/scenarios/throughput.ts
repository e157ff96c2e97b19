import { link, mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";

import type { Bench, Outcome, Row, Scenario } from "../scenario.ts";
import { type FileJson, signUp } from "../support/account.ts";
import { cephTransfers } from "../support/ceph_transfers.ts";
import { doneFile } from "../support/chunked.ts";
import { startBenchCluster } from "../support/cluster.ts";
import { type Drive, startDrive } from "../support/drive.ts";
import { startDav, startFront, startStatic } from "../support/front.ts";
import { largestFile } from "../support/largest_file.ts";
import { makeFile } from "../support/make_file.ts";
import { median } from "../support/median.ts";
import { type Sender, startSender } from "../support/sender.ts";
import { type Server, startServer } from "../support/server.ts";
import { discardedShape, type Shape, shapeName, uploadedShape } from "../support/shape.ts";
import { curl, curlGet, curlRanges, race, speedRatio, type Transfer } from "../support/transfer.ts";
import { type UploadedFile, uploadFile } from "../support/upload_file.ts";

const mib = 2 ** 20;
const totalBytes = 256 * mib;
const shapes: Shape[] = [
  [1, 8],
  [4, 8],
  [16, 8],
  [4, 1],
  [4, 64],
].map(([connections = 0, chunk = 0]) => ({ connections, chunkBytes: chunk * mib, totalBytes }));
const [, usual = { connections: 4, chunkBytes: 8 * mib, totalBytes }] = shapes;

/** Ways in which bytes move, each beside what bounds it: the first of its group. */
type Group = Transfer[];

/** Every way in and out of a drive, each against its limit. */
export const throughput: Scenario = {
  name: "throughput",
  onlyByName: true,
  about:
    "256 MiB by every way in and out of a drive, each against what bounds it: a server that discards, nginx, hashing alone, Ceph's RGW",
  diskBytes: 24e9,
  run: async ({ folder, quick }: Bench): Promise<Outcome> => {
    const path = join(folder, "public", "file.bin");
    await makeFile(path, totalBytes);
    const rounds = quick ? 3 : 7;
    const rows = [...(await embeddedRows(folder, path, rounds)), ...(await cephRows(folder, path, rounds))];
    return { rows, goals: [] };
  },
};

/** Of the embedded drive. */
async function embeddedRows(folder: string, path: string, rounds: number): Promise<Row[]> {
  await using sender = await startSender();
  await using discard = await startServer({ command: [process.execPath, "bench/peers/discard.ts"], folder, name: "discard" });
  await using drive = await startDrive(folder, { TRUSTED_PROXIES: "127.0.0.1", NODE_ID: "one" });
  await using front = await startFront(folder, [drive], { nodes: { one: drive.dataDir } });
  await using discardFront = await startFront(folder, [discard]);
  await using dav = await startDav(folder, join(folder, "dav"));
  await using tusBun = await startTus(folder, process.execPath, "tus-bun");
  await using tusNode = await startTus(folder, "node", "tus-node");
  const servers = { dav, tusBun, tusNode, sender, discard, drive, front, discardFront, path };
  const groups = [...(await chunkedWays(servers)), await wholeWays(servers), await hashingWays(servers)];
  return [...(await raceGroups(groups, rounds)), ...(await downloadRows(folder, path, rounds))];
}

/** Of embedded drives that hold this one file, beside nginx that sends their very file: how one was written is told by how fast it is sent. */
async function downloadRows(folder: string, path: string, rounds: number): Promise<Row[]> {
  await using disk = await startDrive(folder, { TRUSTED_PROXIES: "127.0.0.1", NODE_ID: "disk" }, "disk");
  await using front = await startFront(folder, [disk], { nodes: { disk: disk.dataDir } });
  await using spool = await startDrive(folder, { WORKERS: "none" }, "spool");
  const stored = await uploadFile(disk.url, path, true);
  const spooled = await uploadFile(spool.url, path, false);
  const root = join(folder, "stored");
  await mkdir(root);
  await link(await largestFile(join(disk.dataDir, "store")), join(root, "file.bin"));
  await using bare = await startStatic(folder, root);
  return await raceGroups([downloadWays({ bare, disk, front, spool }, stored, spooled)], rounds);
}

/** Of the cluster, whose bytes end up in Ceph, on the same machine. */
async function cephRows(folder: string, path: string, rounds: number): Promise<Row[]> {
  await using cluster = await startBenchCluster(folder);
  const stored = await uploadFile(cluster.url, path, true);
  const { download, ranges, push, formPush } = await cephTransfers(cluster, path, totalBytes, stored);
  return await raceGroups([download, ranges, [...push, formPush]], rounds);
}

async function raceGroups(groups: Group[], rounds: number): Promise<Row[]> {
  const rows: Row[] = [];
  for (const group of groups) rows.push(...rowsOf(group, await race(group, rounds)));
  return rows;
}

interface Servers {
  dav: Server;
  tusBun: Tus;
  tusNode: Tus;
  sender: Sender;
  discard: Server;
  drive: Drive;
  front: Server;
  discardFront: Server;
  path: string;
}

function rowsOf(group: Group, seconds: number[][]): Row[] {
  return group.map(({ name }, i) => ({
    way: name,
    "MB/s": Math.round(totalBytes / 1e6 / median(seconds[i] ?? [])),
    "of the limit": i === 0 ? "limit" : speedRatio(seconds[i], seconds[0]),
  }));
}

async function chunkedWays({ sender, discard, drive, front, discardFront }: Servers): Promise<Group[]> {
  const [account, behind] = [await signUp(drive.url), await signUp(front.url)];
  const direct = shapes.map((shape): Group => [
    discardedShape(`${shapeName(shape)}: discarded`, sender, discard.url, shape),
    uploadedShape(`${shapeName(shape)}: Sluice`, sender, account, shape),
  ]);
  const proxied: Group = [
    discardedShape(`${shapeName(usual)}: discarded behind nginx`, sender, discardFront.url, usual),
    uploadedShape(`${shapeName(usual)}: Sluice behind nginx`, sender, behind, usual),
  ];
  return [...direct, proxied];
}

/** A file in one request, by curl. */
async function wholeWays({ discard, drive, path, dav, tusBun, tusNode }: Servers): Promise<Group> {
  const { authorization } = (await signUp(drive.url)).headers;
  return [
    { name: "one request: discarded", run: () => curlPut(`${discard.url}/`, path) },
    { name: "one request: nginx DAV PUT", run: () => curlPut(`${dav.url}/file.bin`, path) },
    { name: "one request: form to Sluice, hashed", run: () => curlForm(`${drive.url}/file/upload`, path, authorization) },
    { name: "one request: @tus/server on Bun", run: () => putByTus(tusBun, path) },
    { name: "one request: @tus/server on Node.js", run: () => putByTus(tusNode, path) },
  ];
}

const timed = ["-o", "/dev/null", "-w", "%{time_total}", "-H", "Expect:"];

async function curlPut(url: string, path: string): Promise<number> {
  return Number(await curl([...timed, "-T", path, url]));
}

async function curlForm(url: string, path: string, authorization: string): Promise<number> {
  return Number(await curl([...timed, "-H", `Authorization: ${authorization}`, "-F", `file=@${path}`, url]));
}

/** With the folder that it keeps files in. */
interface Tus extends Server {
  files: string;
}

async function startTus(folder: string, runtime: string, name: string): Promise<Tus> {
  const files = join(folder, `${name}-files`);
  await mkdir(files);
  const server = await startServer({ command: [runtime, "bench/peers/tus.mjs", files], folder, name });
  return { ...server, files };
}

/** tus 1.0, sections "Creation" and "PATCH". */
async function putByTus({ url, files }: Tus, path: string): Promise<number> {
  const version = { "tus-resumable": "1.0.0" };
  const made = await fetch(`${url}/files`, { method: "POST", headers: { ...version, "upload-length": String(totalBytes) } });
  const target = new URL(made.headers.get("location") ?? "", url).href;
  const fields = ["Tus-Resumable: 1.0.0", "Upload-Offset: 0", "Content-Type: application/offset+octet-stream"];
  const seconds = await curl([...timed, "-X", "PATCH", ...fields.flatMap((field) => ["-H", field]), "-T", path, target]);
  const { headers } = await fetch(target, { method: "HEAD", headers: version });
  if (headers.get("upload-offset") !== String(totalBytes)) throw new Error("tus did not keep the file");
  for (const file of await readdir(files)) await rm(join(files, file));
  return Number(seconds);
}

/** What a merge cannot be faster than, and a merge. */
async function hashingWays({ sender, drive, path }: Servers): Promise<Group> {
  const account = await signUp(drive.url);
  const digest = async (name: string) => {
    const begin = performance.now();
    const child = Bun.spawn(["openssl", "dgst", `-${name}`, path], { stdio: ["ignore", "ignore", "ignore"] });
    if ((await child.exited) !== 0) throw new Error(`openssl dgst -${name} failed`);
    return (performance.now() - begin) / 1000;
  };
  const both = async () => {
    const child = Bun.spawn([process.execPath, "bench/peers/hash.ts", path], { stdio: ["ignore", "pipe", "ignore"] });
    const { seconds }: { seconds: number } = JSON.parse(await child.stdout.text());
    return seconds;
  };
  return [
    { name: "merge: SHA-1 and SHA-256 in one pass, alone", run: both },
    { name: "merge: openssl dgst -sha1", run: () => digest("sha1") },
    { name: "merge: openssl dgst -sha256", run: () => digest("sha256") },
    { name: "merge: Sluice, complete to done", run: () => mergeOnce(sender, account) },
  ];
}

async function mergeOnce(sender: Sender, account: Awaited<ReturnType<typeof signUp>>): Promise<number> {
  const opening = { name: "bench.bin", size: totalBytes, chunkSize: usual.chunkBytes };
  const { uploadId } = await account.json<{ uploadId: string }>(201, "POST", "/file/mpupload/init", opening);
  const requests = Array.from({ length: totalBytes / usual.chunkBytes }, (_, i) => ({
    method: "PUT",
    url: `${account.url}/file/mpupload/uppart?uploadid=${uploadId}&index=${i + 1}`,
    headers: account.headers,
    body: [{ kind: "zeros" as const, bytes: usual.chunkBytes }],
  }));
  await sender.run({ connections: usual.connections, requests });
  const begin = performance.now();
  await account.json(202, "POST", "/file/mpupload/complete", { uploadId });
  const file: FileJson = await doneFile(account, uploadId);
  const seconds = (performance.now() - begin) / 1000;
  await account.json(204, "POST", "/file/delete", { id: file.id });
  return seconds;
}

function downloadWays(
  { bare, disk, front, spool }: Record<"bare" | "disk" | "front" | "spool", Server>,
  stored: UploadedFile,
  spooled: UploadedFile,
): Group {
  const get = (server: Server, of = stored) => curlGet(server.url + of.path, totalBytes, of.headers);
  const rangesOf = ({ url }: Server) => curlRanges(url + stored.path, totalBytes, stored.headers);
  return [
    { name: "download: nginx static", run: () => curlGet(`${bare.url}/file.bin`, totalBytes) },
    { name: "download: nginx static, four ranges", run: () => curlRanges(`${bare.url}/file.bin`, totalBytes) },
    { name: "download: disk store through the front", run: () => get(front) },
    { name: "download: four ranges through the front", run: () => rangesOf(front) },
    { name: "download: disk store by the gateway", run: () => get(disk) },
    { name: "download: four ranges by the gateway", run: () => rangesOf(disk) },
    { name: "download: spool by the gateway", run: () => get(spool, spooled) },
  ];
}
