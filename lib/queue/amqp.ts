import { AppError } from "../errors/mod.ts";
import { within } from "./amqp/deadline.ts";
import { delayStep } from "./amqp/delay_step.ts";
import { createHints } from "./amqp/hints.ts";
import { type Live, openLink } from "./amqp/link.ts";
import { countParked, listParked, parkBytes, replayParked } from "./amqp/parking.ts";
import { createPublisher, type Publisher, type Target } from "./amqp/publisher.ts";
import { isRefusal } from "./amqp/refusal.ts";
import { openSession } from "./amqp/session.ts";
import { createSubscription, type Subscription } from "./amqp/subscription.ts";
import { createTopology, declareExchanges } from "./amqp/topology.ts";
import { seal } from "./amqp/wire.ts";
import { routeOf } from "./backlog.ts";
import { createNotifier } from "./notifier.ts";
import type { Message, Queue } from "./port.ts";

export interface AmqpQueueOptions {
  /** `amqp:` or `amqps:`, with user, password and vhost. */
  url: string;
  /** Told what goes wrong where nobody waits for it: in a handler (of which message), a listener, a connection. Must not throw. */
  onError: (error: unknown, message?: Message) => void;
  /** What the names of all exchanges and queues begin with. */
  prefix?: string;
  /** How long a node's queue outlives its last use, ms; a week by default. */
  expiresMs?: number;
}

/** Each message is asked for by itself. */
const parkedMs = 60_000;
const checkMs = 5000;
/** Two quorum queues are declared in it, which a busy broker takes its time for. */
const attachMs = 30_000;

/**
 * The queue on RabbitMQ: quorum queues behind a topic exchange, each publish confirmed. Two connections, since a broker that
 * is short of memory or disk stops reading from those that publish, and consumers must go on to acknowledge; each comes
 * back by itself.
 *
 * While there is no connection, `publish` and `check` reject with `unavailable` at once, hints are dropped, and consumers wait.
 * After `close` every call is `unavailable`.
 *
 * @throws {AppError} `unavailable` that names AMQP_URL when the broker cannot be reached or refuses the user.
 */
export async function amqpQueue({ url, onError, prefix = "sluice", expiresMs }: AmqpQueueOptions): Promise<Queue> {
  const topology = createTopology(prefix, expiresMs);
  const notifier = createNotifier((error) => onError(error));
  // What this process names is told to the others once in a turn, too.
  const outgoing = createNotifier((error) => onError(error));
  const hints = createHints(topology.hints, (topic) => notifier.notify(topic));
  const subscriptions = new Set<Subscription>();
  let isClosed = false;

  const open = (signal: AbortSignal) => openSession(url, signal);
  const publishing = await openLink({
    open,
    onError,
    async setUp(session): Promise<{ publisher: Publisher; tell: (topic: string) => void }> {
      await session.withChannel((channel) => declareExchanges(channel, topology));
      return { publisher: await createPublisher(session), tell: await hints.speak(session) };
    },
  });
  const consuming = await openLink({
    open,
    onError,
    async setUp(session) {
      await session.withChannel((channel) => declareExchanges(channel, topology));
      await hints.listen(session);
      await Promise.all([...subscriptions].map((subscription) => subscription.attach(session)));
    },
  }).catch(async (error: unknown) => {
    await publishing.close();
    throw error;
  });

  const enter = (action: string, signal?: AbortSignal): Live<{ publisher: Publisher }> => {
    signal?.throwIfAborted();
    if (isClosed) throw new AppError("unavailable", `${action}: the queue is closed`);
    const live = publishing.current();
    if (!live) throw new AppError("unavailable", `${action}: there is no connection to RabbitMQ now`);
    return live;
  };
  const targetOf = ({ worker, node }: Message, delayMs: number): Target => {
    const job = topology.job(worker, node);
    const wait = delayMs > 0 ? topology.wait(delayStep(delayMs)) : undefined;
    const queues = wait ? [job, wait] : [job];
    return { exchange: wait?.name ?? topology.jobs, routingKey: routeOf(worker, node), queues };
  };
  const attach = async (subscription: Subscription) => {
    // Every new connection from here on attaches it, too.
    subscriptions.add(subscription);
    const live = consuming.current();
    if (!live) return;
    try {
      await within({ action: "consuming", ms: attachMs }, subscription.attach(live.session));
    } catch (error) {
      if (isRefusal(error)) {
        subscriptions.delete(subscription);
        await subscription.stop();
        throw new AppError("unavailable", `consuming: RabbitMQ refuses: ${error.message}`, { cause: error });
      }
      // Whatever it is, the connection is of no use to the other consumers either, and the next one brings them all back. RabbitMQ
      // 3.10 itself ends one that consumes from a quorum queue which somebody else is just declaring.
      live.session.drop(error);
    }
  };
  outgoing.onNotify((topic) => publishing.current()?.parts.tell(topic));

  return {
    engine: "rabbitmq",
    async publish(message, { delayMs = 0, signal } = {}) {
      const { parts } = enter(`publishing ${message.worker} ${message.id}`, signal);
      await parts.publisher.publish(targetOf(message, delayMs), seal(message), signal);
    },
    async consume(options, handle) {
      if (isClosed) throw new AppError("unavailable", `consuming ${options.worker}: the queue is closed`);
      const subscription = createSubscription({
        ...options,
        topology,
        handle,
        onError,
        setAside: async ({ content, fields }, reason) => {
          const { parts } = enter(`parking a message for ${fields.routingKey}`);
          await parkBytes(parts.publisher, topology, { content, route: fields.routingKey, reason });
        },
      });
      await attach(subscription);
      return {
        async stop() {
          await subscription.stop();
          // Not before: close() must still reach what is in hand.
          subscriptions.delete(subscription);
        },
      };
    },
    notify(topic) {
      notifier.notify(topic);
      outgoing.notify(topic);
    },
    onNotify: (listener) => notifier.onNotify(listener),
    async park(message, reason, { signal } = {}) {
      const { parts } = enter(`parking ${message.worker} ${message.id}`, signal);
      const route = routeOf(message.worker, message.node);
      await parkBytes(parts.publisher, topology, { content: seal(message).content, route, reason }, signal);
    },
    async parked({ limit, signal }) {
      const { session } = enter("listing what is parked", signal);
      return await within({ action: "listing what is parked", ms: parkedMs, signal }, listParked(session, topology, limit));
    },
    async countParked(signal) {
      const { session } = enter("counting what is parked", signal);
      return await within({ action: "counting what is parked", ms: checkMs, signal }, countParked(session, topology));
    },
    async replayParked(signal) {
      const { session, parts } = enter("replaying what is parked", signal);
      return await replayParked(session, parts.publisher, topology, signal);
    },
    async check(signal) {
      const { session } = enter("checking", signal);
      if (!consuming.current()) throw new AppError("unavailable", "checking: there is no connection to RabbitMQ now");
      await within(
        { action: "checking", ms: checkMs, signal },
        session.withChannel(async () => {}),
      );
    },
    async close() {
      if (isClosed) return;
      isClosed = true;
      notifier.close();
      outgoing.close();
      const reason = new AppError("unavailable", "the queue is closed");
      for (const subscription of subscriptions) subscription.abort(reason);
      await Promise.all([publishing.close(), consuming.close()]);
    },
  };
}
