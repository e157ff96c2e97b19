import type { Body } from "../file/content.ts";
import type { Pacer } from "./pacer.ts";

export interface WatchOptions {
  /** Called once, however the body ends: sent, cancelled, failed, or its client gone. */
  onEnd: () => void;
  /** The request's: aborted when its client is gone. */
  signal: AbortSignal;
  pacer: Pacer;
}

/**
 * A body that tells of its end. Bun sends a `Blob` by itself and says of it neither when it is sent nor when it is cut; of a
 * stream it pulls a piece only when the one before has left, and cancels it when the client goes, or takes nothing for
 * the server's idle time. Never more than one piece is held here.
 */
export function watchedStream(body: Body, { onEnd, signal, pacer }: WatchOptions): ReadableStream<Uint8Array> {
  const reader = (body instanceof Blob ? body.stream() : body).getReader();
  let isOver = false;
  let isCancelled = false;
  const end = () => {
    if (isOver) return;
    isOver = true;
    signal.removeEventListener("abort", drop);
    pacer.stop();
    onEnd();
  };
  const read = async () => {
    try {
      return await reader.read();
    } catch (error) {
      end();
      throw error;
    }
  };
  const drop = () => {
    end();
    // The source may have failed on its own: nobody is left to be told.
    reader.cancel(signal.reason).catch(() => undefined);
  };
  if (signal.aborted) drop();
  else signal.addEventListener("abort", drop);
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await read();
        if (!done) await pacer.next(value.byteLength);
        // After a cancel there is nobody to enqueue for, and trying is an error.
        if (isCancelled) return;
        if (signal.aborted) return controller.error(signal.reason);
        if (!done) return controller.enqueue(value);
        end();
        controller.close();
      },
      async cancel(reason) {
        isCancelled = true;
        end();
        await reader.cancel(reason);
      },
    },
    // By default the first piece is read before anybody asks for it.
    { highWaterMark: 0 },
  );
}
