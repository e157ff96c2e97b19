import type { Options } from "amqplib";

import { newId } from "../../id/mod.ts";
import { type Message, messageSchema } from "../port.ts";

/** A message as it travels. */
export interface Envelope {
  content: Buffer;
  properties: Options.Publish & { messageId: string };
}

/** JSON in UTF-8; the version is in it. `messageId` is new each time. */
export function seal(message: Message): Envelope {
  return sealRaw(Buffer.from(JSON.stringify(message)), {
    contentType: "application/json",
    ...(message.requestId !== undefined && { correlationId: message.requestId }),
  });
}

/** Any bytes, persistent and with an id and a time of their own. */
export function sealRaw(content: Buffer, properties: Options.Publish = {}): Envelope {
  const timestamp = Math.floor(Date.now() / 1000);
  return { content, properties: { ...properties, persistent: true, appId: "sluice", messageId: newId(), timestamp } };
}

/** The message that some bytes are, or why they are none that this version understands. */
export type Opened = { message: Message; reason?: never } | { message: null; reason: string };

export function open(content: Buffer): Opened {
  const json = parse(content);
  if (json === undefined) return { message: null, reason: "not JSON" };
  const parsed = messageSchema.safeParse(json);
  if (parsed.success) return { message: parsed.data };
  const issues = parsed.error.issues.map(({ path, message }) => `${path.join(".") || "message"}: ${message}`);
  return { message: null, reason: issues.join("; ") };
}

function parse(content: Buffer): unknown {
  try {
    return JSON.parse(content.toString("utf8"));
  } catch {
    // What it is not is told by the caller.
    return undefined;
  }
}
