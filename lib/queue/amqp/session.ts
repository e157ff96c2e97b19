import { type Channel, type ChannelModel, type ConfirmChannel, connect } from "amqplib";

import { AppError } from "../../errors/mod.ts";
import { fired } from "./fired.ts";
import { parseUrl, refusal } from "./refusal.ts";

/** One connection, from its opening to its end. It does not come back: see `link.ts`. */
export interface Session {
  /** Fires when the connection has ended, with why. */
  readonly lost: AbortSignal;
  /** Why the broker takes no messages now: it is short of memory or disk. */
  blocked(): string | undefined;
  /** A channel that the session stands or falls with: any end of it but by {@link Session.release} drops the session. */
  channel(): Promise<Channel>;
  confirmChannel(): Promise<ConfirmChannel>;
  /** Closes a channel; what it has not acknowledged goes back to its queue. */
  release(channel: Channel): Promise<void>;
  /** A channel for a single task, which may fail without harm to the others. */
  withChannel<T>(task: (channel: Channel) => Promise<T>): Promise<T>;
  /** Ends it at once, without a word to the broker. */
  drop(reason: unknown): void;
  /** Ends it in order, or after two seconds all the same. */
  close(): Promise<void>;
}

/** Seconds between heartbeats: a peer that is silent for two to three of them is dead. */
const heartbeat = "10";
const closeMs = 2000;

/**
 * Connects.
 *
 * @param signal ends the attempt; so do `connectMs`.
 * @throws {AppError} `invalid-request` for what is no URL, and `unavailable` that names AMQP_URL, the host and why, never the password.
 */
export async function openSession(text: string, signal: AbortSignal, connectMs = 5000): Promise<Session> {
  const url = parseUrl(text);
  if (!url.searchParams.has("heartbeat")) url.searchParams.set("heartbeat", heartbeat);
  const socket = new AbortController();
  const giveUp = () => socket.abort(signal.reason);
  signal.addEventListener("abort", giveUp, { once: true });
  const timer = setTimeout(() => socket.abort(), connectMs);
  try {
    signal.throwIfAborted();
    // The signal destroys the socket, which nothing else of amqplib does when the peer is frozen.
    const options = { noDelay: true, signal: socket.signal, timeout: connectMs, clientProperties: { connection_name: "sluice" } };
    return createSession(await connect(url.href, options), socket);
  } catch (error) {
    signal.throwIfAborted();
    const isTimeUp = socket.signal.aborted;
    throw refusal(url, isTimeUp ? new Error(`no answer within ${connectMs} ms`) : error);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", giveUp);
  }
}

function createSession(connection: ChannelModel, socket: AbortController): Session {
  const lost = new AbortController();
  const gone = new AbortController();
  const closing = new WeakSet<Channel>();
  let blocked: string | undefined;

  /** At once, not when the socket has closed: until then a use of a channel would throw. */
  const lose = (why: unknown) => lost.abort(new AppError("unavailable", "the connection to RabbitMQ is lost", { cause: why }));
  const drop = (why: unknown) => {
    lose(why);
    socket.abort();
  };
  // `error` comes first, if at all, and `close` always.
  connection.on("error", lose);
  connection.on("close", (why) => {
    drop(why);
    gone.abort();
  });
  connection.on("blocked", (reason) => (blocked = reason));
  connection.on("unblocked", () => (blocked = undefined));

  const bind = <C extends Channel>(channel: C): C => {
    channel.on("error", drop);
    channel.on("close", () => {
      if (!closing.has(channel)) drop(new Error("a channel was closed"));
    });
    return channel;
  };
  /** What amqplib waits for never comes once the socket is gone. */
  const answered = async (answer: Promise<unknown>) => {
    const timer = setTimeout(() => drop(new Error(`no answer to a close within ${closeMs} ms`)), closeMs);
    await Promise.race([answer, fired(gone.signal)]).finally(() => clearTimeout(timer));
  };
  return {
    lost: lost.signal,
    blocked: () => blocked,
    drop,
    channel: async () => bind(await connection.createChannel()),
    confirmChannel: async () => bind(await connection.createConfirmChannel()),
    async release(channel) {
      closing.add(channel);
      if (!lost.signal.aborted) await answered(channel.close());
    },
    async withChannel(task) {
      const channel = await connection.createChannel();
      let isOpen = true;
      // Its task hears of it: what it waits for rejects.
      channel.on("error", () => (isOpen = false));
      channel.on("close", () => (isOpen = false));
      try {
        return await task(channel);
      } finally {
        if (isOpen && !lost.signal.aborted) await answered(channel.close());
      }
    },
    async close() {
      const isOpen = !lost.signal.aborted;
      lose(new Error("closed"));
      if (isOpen) await answered(connection.close());
      socket.abort();
    },
  };
}
