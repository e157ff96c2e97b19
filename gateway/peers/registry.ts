import type { Catalog } from "#db/mod.ts";
import { isAlive, listNodes, type Node, nodeAliveMs } from "#db/nodes.ts";
import { AppError } from "#lib/errors/mod.ts";

/** Where the other gateways are. */
export interface Registry {
  /** The base URL of a node's gateway. @throws {AppError} `unavailable` when there is none that is alive. */
  urlOf(node: string): Promise<string>;
}

/** How old what is known of the others may be. */
const cachedMs = 1000;

export function createRegistry({ catalog, now }: { catalog: Catalog; now: () => number }): Registry {
  let read: Promise<Map<string, Node>> | undefined;
  let readAt = 0;
  const nodes = () => {
    if (read && performance.now() - readAt < cachedMs) return read;
    readAt = performance.now();
    const reading = listNodes(catalog.db).then((rows) => new Map(rows.map((row) => [row.id, row])));
    reading.catch(() => {
      // Whoever awaits it hears of it; whoever comes next asks anew.
      if (read === reading) read = undefined;
    });
    return (read = reading);
  };
  return {
    urlOf: async (id) => {
      const node = (await nodes()).get(id);
      if (node && isAlive(node, now())) return node.url;
      throw new AppError("unavailable", `node ${id}, whose disk holds what this needs, is away; try again when it is back`, {
        retryAfterSeconds: nodeAliveMs / 1000,
      });
    },
  };
}
