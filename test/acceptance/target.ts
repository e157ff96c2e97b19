import { expect } from "bun:test";

import { z } from "zod";

import { streamLimits } from "../../nginx/from_env.ts";
import type { Cluster } from "../stack/mod.ts";
import { type Client, type ProblemJson, signUp } from "../support/client.ts";
import { patient, startTestCluster } from "../support/cluster.ts";
import { startDrive } from "../support/drive.ts";
import { addressOf, startFront } from "../support/front.ts";

/** What a test sends: as `fetch` takes it, or a plain object as `json`. */
export type Init = RequestInit & { json?: unknown };

/** One answered request: its path is without the query. */
export interface Call {
  method: string;
  path: string;
  status: number;
}

/** A drive under test, known by its URL alone. */
export interface Target {
  url: string;
  /** Where each of its gateways can be asked by itself. */
  gateways: string[];
  /** Each gateway's folder. */
  dataDirs: string[];
  /** Every request that was answered, so that a suite can tell what it has not asked for. */
  calls: Call[];
  /** Any request, without a token. */
  fetch(path: string, init?: Init): Promise<Response>;
  /** A new user, whose requests are recorded. */
  signUp(username?: string, password?: string): Promise<Client>;
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * What the suites ask, which `npm test` runs on each: the embedded drive, the same behind nginx (`front`), or a cluster on real
 * servers (`cluster`).
 */
export const kind = z.enum(["drive", "front", "cluster"]).default("drive").parse(process.env["SLUICE_TEST_TARGET"]);

/** On a cluster an end of a session is known to every gateway within a second, and only to the one that was asked at once. */
export const revokedWithinMs = kind === "cluster" ? 1000 : 0;

/**
 * Opens the drive that the acceptance tests ask: one of its own for each suite, in processes of its own.
 *
 * @param env what the suite needs to be otherwise than in `startDrive`.
 */
export async function openTarget(env: Record<string, string> = {}): Promise<Target> {
  const drive = await { cluster: openCluster, front: openFront, drive: openDrive }[kind](env);
  const calls: Call[] = [];
  const recorded = async (path: string, { method = "GET" }: Init, answer: Promise<Response>) => {
    const { status } = await answer;
    calls.push({ method: method.toUpperCase(), path: path.split("?")[0] ?? path, status });
    return await answer;
  };
  return {
    url: drive.url,
    gateways: drive.gateways,
    dataDirs: drive.dataDirs,
    calls,
    fetch: (path, init = {}) => recorded(path, init, fetch(`${drive.url}${path}`, withJson(init))),
    signUp: async (username, password) => {
      const client = await signUp(drive.url, username, password);
      calls.push({ method: "POST", path: "/user", status: 201 });
      const send = client.fetch;
      client.fetch = (path, init = {}) => recorded(path, init, send(path, init));
      return client;
    },
    [Symbol.asyncDispose]: () => drive[Symbol.asyncDispose](),
  };
}

interface Opened {
  url: string;
  gateways: string[];
  dataDirs: string[];
  [Symbol.asyncDispose](): Promise<void>;
}

async function openDrive(env: Record<string, string>): Promise<Opened> {
  const { url, dataDir, [Symbol.asyncDispose]: dispose } = await startDrive({ env });
  return { url, gateways: [url], dataDirs: [dataDir], [Symbol.asyncDispose]: async () => await dispose() };
}

async function openFront(env: Record<string, string>): Promise<Opened> {
  await using stack = new AsyncDisposableStack();
  const drive = stack.use(await startDrive({ env: { ...env, TRUSTED_PROXIES: "127.0.0.1", NODE_ID: "n1" } }));
  const { url } = stack.use(
    await startFront({ ...streamLimits(env), gateways: [addressOf(drive.url)], nodes: { n1: drive.dataDir } }),
  );
  const ending = stack.move();
  return {
    url,
    gateways: [drive.url],
    dataDirs: [drive.dataDir],
    [Symbol.asyncDispose]: async () => await ending.disposeAsync(),
  };
}

/** The one that `npm test` started for all suites that ask for nothing special; users are what keeps them apart. */
const sharedCluster = process.env["SLUICE_TEST_CLUSTER"];

async function openCluster(env: Record<string, string>): Promise<Opened> {
  if (sharedCluster !== undefined && Object.keys(env).length === 0) {
    const { nginx, gateways, dataDirs } = JSON.parse(sharedCluster) as Cluster;
    return { url: nginx, gateways, dataDirs, [Symbol.asyncDispose]: async () => {} };
  }
  const { nginx, gateways, dataDirs, [Symbol.asyncDispose]: dispose } = await startTestCluster({ ...patient, ...env });
  return { url: nginx, gateways, dataDirs, [Symbol.asyncDispose]: async () => await dispose() };
}

function withJson({ json, ...init }: Init): RequestInit {
  if (json === undefined) return init;
  const headers = new Headers(init.headers);
  headers.set("content-type", "application/json");
  return { ...init, headers, body: JSON.stringify(json) };
}

/** Expects the problem document of RFC 9457 with this status and code, and gives it. */
export async function problem(answer: Response | Promise<Response>, status: number, code: string): Promise<ProblemJson> {
  const response = await answer;
  const text = await response.text();
  expect({ status: response.status, text }).toEqual({ status, text: expect.stringContaining(`"code":"${code}"`) });
  const document: ProblemJson = JSON.parse(text);
  expect(response.headers.get("content-type")).toBe("application/problem+json");
  expect(document).toMatchObject({ status, code, instance: response.headers.get("x-request-id") ?? "none" });
  for (const member of ["type", "title", "detail"] as const) expect(document[member]).toMatch(/\S/);
  expect(text).not.toMatch(/SELECT |INSERT |UPDATE |node_modules|\.ts:\d/);
  // RFC 6750, section 3
  if (status === 401) expect(response.headers.get("www-authenticate")).toMatch(/^Bearer realm="/);
  return document;
}

/** A user's name that nobody has. */
export function newName(prefix = "u"): string {
  return `${prefix}-${crypto.randomUUID().slice(0, 18)}`;
}
