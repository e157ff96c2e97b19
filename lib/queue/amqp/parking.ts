import type { Channel, GetMessage } from "amqplib";

import { type ParkedMessage, workerNames } from "../port.ts";
import type { Publisher, Target } from "./publisher.ts";
import type { Session } from "./session.ts";
import { declareQueue, type Topology } from "./topology.ts";
import { open, sealRaw } from "./wire.ts";

/** What a parked message says beside its bytes. */
const headers = { reason: "x-sluice-reason", route: "x-sluice-route" } as const;
/** Of a body that is not a message, so much is shown. */
const shownBytes = 500;
/** What is taken at once. */
const maxReplayed = 10_000;
const maxBytes = 64 * 2 ** 20;

/** Puts bytes into the parking queue; resolves once they are there. */
export async function parkBytes(
  publisher: Publisher,
  { parked }: Topology,
  { content, route, reason }: { content: Buffer; route: string; reason: string },
  signal?: AbortSignal,
): Promise<void> {
  const target = { exchange: "", routingKey: parked.name, queues: [parked] };
  const told = { [headers.reason]: reason, [headers.route]: route };
  await publisher.publish(target, sealRaw(content, { contentType: "application/json", headers: told }), signal);
}

/** How many messages are parked. */
export async function countParked(session: Session, { parked }: Topology): Promise<number> {
  return await session.withChannel((channel) => declareQueue(channel, parked));
}

/** Looks at up to `limit` parked messages: they are taken without acknowledgement, and go back with their channel. */
export async function listParked(session: Session, { parked }: Topology, limit: number): Promise<ParkedMessage[]> {
  return await session.withChannel(async (channel) => {
    await declareQueue(channel, parked);
    return (await getUpTo(channel, parked.name, limit)).map(show);
  });
}

/** Takes messages until there are none, or so many, or {@link maxBytes}. */
async function getUpTo(channel: Channel, queue: string, limit: number): Promise<GetMessage[]> {
  const got: GetMessage[] = [];
  for (let bytes = 0; got.length < limit && bytes < maxBytes;) {
    const message = await channel.get(queue);
    if (message === false) break;
    got.push(message);
    bytes += message.content.byteLength;
  }
  return got;
}

function show({ content, properties }: GetMessage): ParkedMessage {
  const { message } = open(content);
  const timestamp: unknown = properties.timestamp;
  return {
    message,
    reason: header(properties.headers, headers.reason),
    route: header(properties.headers, headers.route),
    parkedAt: typeof timestamp === "number" ? timestamp * 1000 : 0,
    body: content.toString("utf8", 0, shownBytes),
  };
}

/**
 * Publishes what is parked now, up to 10,000 messages, to where it was on its way to: each is acknowledged only once the
 * broker has it there, and one that no worker takes stays. What cannot be understood still is parked again by its worker.
 *
 * @returns how many were published.
 * @throws {AppError} `unavailable` when the broker is lost meanwhile; what was not published stays parked.
 */
export async function replayParked(
  session: Session,
  publisher: Publisher,
  topology: Topology,
  signal?: AbortSignal,
): Promise<number> {
  return await session.withChannel(async (channel) => {
    await declareQueue(channel, topology.parked);
    let published = 0;
    // All of them first: one that is parked again at once must not come round again and again.
    for (const message of await getUpTo(channel, topology.parked.name, maxReplayed)) {
      signal?.throwIfAborted();
      if (await replay(channel, message, publisher, topology)) published += 1;
    }
    return published;
  });
}

async function replay(channel: Channel, got: GetMessage, publisher: Publisher, topology: Topology): Promise<boolean> {
  const target = targetOf(topology, header(got.properties.headers, headers.route));
  // It goes back with the channel.
  if (target === undefined) return false;
  await publisher.publish(target, sealRaw(got.content, { contentType: "application/json" }));
  channel.ack(got);
  return true;
}

/** Where a routing key leads; `undefined` for one that no worker of this version has. */
function targetOf(topology: Topology, routingKey: string): Target | undefined {
  const worker = workerNames.find((name) => routingKey.startsWith(`${name}.`));
  if (worker === undefined) return undefined;
  const node = routingKey.slice(worker.length + 1);
  return { exchange: topology.jobs, routingKey, queues: [topology.job(worker, node === "any" ? null : node)] };
}

function header(all: Record<string, unknown> | undefined, name: string): string {
  const value = all?.[name];
  return typeof value === "string" ? value : "";
}
