import { AppError } from "../../errors/mod.ts";
import { createDeadline, type Deadline } from "./deadline.ts";
import { createGate } from "./gate.ts";
import type { Session } from "./session.ts";
import { declareQueue, type QueueSpec } from "./topology.ts";
import type { Envelope } from "./wire.ts";

/** Where a message goes. */
export interface Target {
  exchange: string;
  routingKey: string;
  /** The queues that it may end in: they are declared first, or it would be dropped where no consumer was yet. */
  queues: QueueSpec[];
}

/** Publishes on one session, each message confirmed. */
export interface Publisher {
  /**
   * Resolves once the broker has the message: on disk, on most nodes of its cluster.
   *
   * @throws {AppError} `unavailable` when that is not known after 5 s, when the connection is lost meanwhile (the message
   * may have arrived all the same), when the broker takes none now, and when no queue is there for it.
   */
  publish(target: Target, envelope: Envelope, signal?: AbortSignal): Promise<void>;
  /** Messages sent that the broker has not yet confirmed. */
  unconfirmed(): number;
}

/** Any number published at once would be as many buffers; past this they wait for their turn. */
export const maxUnconfirmed = 256;
const publishMs = 5000;

export async function createPublisher(session: Session): Promise<Publisher> {
  const channel = await session.confirmChannel();
  const gate = createGate(maxUnconfirmed);
  const declared = new Map<string, Promise<unknown>>();
  const returned = new Set<string>();
  let unconfirmed = 0;
  /** Goes up with every answer of the broker. */
  let answers = 0;
  // One listener for all: of many on one signal, to take one off is to look through them all.
  const under = new Set<Deadline>();
  session.lost.addEventListener("abort", () => {
    for (const deadline of under) deadline.fail(session.lost.reason);
  });
  channel.on("return", ({ properties }) => returned.add(String(properties.messageId)));

  /** @returns whether it came to a queue: one that did not is returned (before its confirm) and confirmed all the same. */
  const confirm = async ({ exchange, routingKey }: Target, { content, properties }: Envelope) => {
    const answer = Promise.withResolvers<boolean>();
    unconfirmed += 1;
    try {
      channel.publish(exchange, routingKey, content, { ...properties, mandatory: true }, (error: unknown) => {
        answers += 1;
        const isReturned = returned.delete(properties.messageId);
        if (error === null) answer.resolve(!isReturned);
        else answer.reject(error);
      });
      return await answer.promise;
    } catch (error) {
      throw notTaken(routingKey, error, session);
    } finally {
      unconfirmed -= 1;
    }
  };
  /** The place is given back when the broker has answered, not when somebody no longer waits: what it bounds is buffers. */
  const send = async (target: Target, envelope: Envelope, deadline: Deadline) => {
    await gate.enter(deadline.signal);
    return await deadline.race(confirm(target, envelope).finally(() => gate.leave()));
  };
  const declare = async (spec: QueueSpec) => {
    const declaring = declared.get(spec.name) ?? session.withChannel(async (own) => declareQueue(own, spec));
    declared.set(spec.name, declaring);
    try {
      await declaring;
      answers += 1;
    } catch (error) {
      declared.delete(spec.name);
      throw notTaken(spec.name, error, session);
    }
  };
  const deliver = async (target: Target, envelope: Envelope, deadline: Deadline) => {
    for (let attempt = 1; attempt <= 2; attempt += 1) {
      await deadline.race(Promise.all(target.queues.map(declare)));
      if (await send(target, envelope, deadline)) return;
      // Somebody deleted the queue, or it was not used for long.
      for (const { name } of target.queues) declared.delete(name);
    }
    throw new AppError("unavailable", `publishing to ${target.routingKey}: RabbitMQ has no queue for it`);
  };
  return {
    unconfirmed: () => unconfirmed,
    async publish(target, envelope, signal) {
      const reason = session.blocked();
      if (reason !== undefined) throw new AppError("unavailable", `RabbitMQ takes no messages now: ${reason}`);
      const answersBefore = answers;
      const deadline = createDeadline(`publishing to ${target.routingKey}`, publishMs, signal);
      under.add(deadline);
      try {
        session.lost.throwIfAborted();
        await deliver(target, envelope, deadline);
      } catch (error) {
        // Not one answer all that time: frozen, or a connection that leads nowhere. Sooner seen than by heartbeats.
        if (deadline.isOver() && answers === answersBefore && session.blocked() === undefined) session.drop(error);
        throw error;
      } finally {
        under.delete(deadline);
        deadline.clear();
      }
    },
  };
}

function notTaken(what: string, error: unknown, { lost }: Session): AppError {
  const why = lost.aborted ? "the connection is lost" : "RabbitMQ did not take it";
  return new AppError("unavailable", `publishing to ${what}: ${why}`, { cause: error });
}
