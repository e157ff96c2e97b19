import type { Account } from "./account.ts";

/**
 * Opens a user's event stream anew and changes a file of theirs.
 *
 * @returns milliseconds from the change's answer until the stream tells of it.
 */
export async function eventDelay(account: Account, fileId: string): Promise<number> {
  const { url, headers } = account;
  const stop = new AbortController();
  const stream = await fetch(`${url}/file/events`, { headers, signal: stop.signal });
  const told = Promise.withResolvers<number>();
  const reading = (async () => {
    let text = "";
    for await (const piece of stream.body ?? []) {
      text += Buffer.from(piece).toString();
      if (text.includes(fileId)) return told.resolve(performance.now());
    }
  })();
  // The stream ends by being aborted.
  reading.catch((error: unknown) => told.reject(error));
  const name = `told ${crypto.randomUUID()}.jpg`;
  await account.json(200, "POST", "/file/update", { id: fileId, name });
  const begin = performance.now();
  try {
    return Math.max(0, (await told.promise) - begin);
  } finally {
    stop.abort();
  }
}
