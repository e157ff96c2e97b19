import { newId } from "../../id/mod.ts";
import type { Session } from "./session.ts";

/** Hints between processes: transient, unconfirmed, and gone when nobody is connected. */
export interface Hints {
  /** Hears the hints of the others on a new connection. */
  listen(session: Session): Promise<void>;
  /** @returns what tells the others on a new connection, as long as that works and the broker keeps up. */
  speak(session: Session): Promise<(topic: string) => void>;
}

/** Hints that a process is too busy to take; past it the oldest go. */
const maxWaiting = 10_000;

/** @param hear told of each topic that another process named. */
export function createHints(exchange: string, hear: (topic: string) => void): Hints {
  // Its own come back to it as all others do, and were heard at once.
  const self = newId();
  return {
    async listen(session) {
      const channel = await session.channel();
      const options = { exclusive: true, autoDelete: true, durable: false, arguments: { "x-max-length": maxWaiting } };
      const { queue } = await channel.assertQueue("", options);
      await channel.bindQueue(queue, exchange, "");
      await channel.consume(
        queue,
        (hint) => {
          if (hint === null) session.drop(new Error("RabbitMQ deleted the queue of hints"));
          else if (hint.properties.appId !== self) hear(hint.content.toString("utf8"));
        },
        { noAck: true },
      );
    },
    async speak(session) {
      const channel = await session.channel();
      let isFull = false;
      channel.on("drain", () => (isFull = false));
      return (topic) => {
        if (isFull || session.lost.aborted || session.blocked() !== undefined) return;
        isFull = !channel.publish(exchange, "", Buffer.from(topic), { appId: self, contentType: "text/plain" });
      };
    },
  };
}
