import { hostname } from "node:os";

import { announceNode, forgetNode, isAlive, listNodes, type Node } from "#db/nodes.ts";
import type { Config } from "#lib/config/mod.ts";
import { levelOf } from "#lib/errors/mod.ts";

import type { Context } from "../context.ts";

const everyMs = 3000;

type Ctx = Pick<Context, "catalog" | "config" | "lifecycle" | "log" | "node" | "now">;

/** How other gateways reach this one, which listens on `listening`. */
export function advertisedUrl({ ADVERTISE_URL, HOST }: Pick<Config, "ADVERTISE_URL" | "HOST">, listening: string): string {
  if (ADVERTISE_URL !== undefined) return new URL(ADVERTISE_URL).origin;
  const url = new URL(listening);
  // "All addresses" is nothing that another machine could ask.
  if (["0.0.0.0", "::"].includes(HOST)) url.hostname = hostname();
  return url.origin;
}

/**
 * Tells the other gateways every few seconds that this one is there, until the lifecycle stops. A catalog that is away is
 * logged once: this gateway goes on, and the others take it for dead meanwhile.
 */
export async function register(ctx: Ctx, url: string): Promise<void> {
  const { catalog, lifecycle, log, node, now } = ctx;
  const warn = warner(ctx, url);
  let isFailing = false;
  const tell = async () => {
    try {
      warn(await listNodes(catalog.db));
      await announceNode(catalog.db, { id: node, url, seenAt: now() });
      isFailing = false;
    } catch (err) {
      if (!isFailing) log[levelOf(err)]({ err }, "this gateway could not say that it is there; the others take it for dead");
      isFailing = true;
    }
  };
  await tell();
  let telling = Promise.resolve();
  let isTelling = false;
  const timer = setInterval(() => {
    if (isTelling) return;
    isTelling = true;
    telling = tell().finally(() => (isTelling = false));
  }, everyMs);
  // First of all: no request is sent here that would find the door closed.
  lifecycle.onStop("registry", async () => {
    clearInterval(timer);
    await telling;
    await forgetNode(catalog.db, { id: node, url });
  });
}

/** Says, once each, what keeps gateways that share a catalog from being one drive. */
function warner({ config, log, node, now }: Ctx, url: string): (nodes: Node[]) => void {
  const said = new Set<string>();
  let isKnown = false;
  const once = (isWrong: boolean, text: string) => {
    if (isWrong && !said.has(text)) log.error({ node, url }, text);
    if (isWrong) said.add(text);
  };
  return (nodes) => {
    const living = nodes.filter((other) => isAlive(other, now()));
    const own = living.find(({ id }) => id === node);
    // At the start it is what a process left that was killed.
    once(isKnown && own !== undefined && own.url !== url, `NODE_ID: the gateway at ${own?.url} says that it is ${node}, too`);
    isKnown = true;
    const others = living.some(({ id }) => id !== node);
    once(others && config.TOKEN_KEYS === undefined, "TOKEN_KEYS: several gateways need the same ones; this one has made its own");
    once(
      others && config.STORE_URL === undefined && config.STORES.length === 0,
      "STORE_URL: several gateways need one store; this one has a folder of its own",
    );
  };
}
