import { eq, and } from "drizzle-orm";

import type { Queries } from "./catalog.ts";
import { affectedRows, isDuplicate } from "./errors.ts";
import { nodes } from "./schema.ts";

/** A gateway that others may ask. `seenAt` is when it last said so, epoch milliseconds by its own clock. */
export type Node = typeof nodes.$inferSelect;

/** A node that has not said for this long that it is there is taken for dead. */
export const nodeAliveMs = 15_000;

/** Whether a node counts as alive at `now`. */
export function isAlive({ seenAt }: Pick<Node, "seenAt">, now: number): boolean {
  return now - seenAt < nodeAliveMs;
}

/** Says that a node is there. */
export async function announceNode(db: Queries, { id, ...said }: Node): Promise<void> {
  const renew = async () => affectedRows(await db.update(nodes).set(said).where(eq(nodes.id, id))) === 1;
  if (await renew()) return;
  try {
    await db.insert(nodes).values({ id, ...said });
  } catch (error) {
    // Another process of this node came first, or an update that changed nothing was counted as none.
    if (!isDuplicate(error)) throw error;
    await renew();
  }
}

/** Every node that said once that it is there, the dead ones too. */
export async function listNodes(db: Queries): Promise<Node[]> {
  return await db.select().from(nodes);
}

export async function nodeById(db: Queries, id: string): Promise<Node | undefined> {
  const [node] = await db.select().from(nodes).where(eq(nodes.id, id));
  return node;
}

/** Removes a node that ends, unless it has come back at another URL meanwhile. */
export async function forgetNode(db: Queries, { id, url }: Pick<Node, "id" | "url">): Promise<void> {
  await db.delete(nodes).where(and(eq(nodes.id, id), eq(nodes.url, url)));
}
