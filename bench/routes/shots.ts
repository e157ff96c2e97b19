import type { Client } from "../../test/support/client.ts";
import type { Shot } from "../load/load_job.ts";

/** A request of somebody, or of nobody; a body is sent as JSON. */
export function shotOf(who: Pick<Client, "token"> | null, method: string, path: string, json?: object): Shot {
  const headers = who ? { authorization: `Bearer ${who.token}` } : {};
  if (json === undefined) return { method, path, headers };
  const body = Buffer.from(JSON.stringify(json)).toString("latin1");
  return { method, path, headers: { ...headers, "content-type": "application/json" }, body };
}

/** A file sent as the field `file` of a form (RFC 7578). */
export function formShot(who: Client, path: string, name: string, bytes: Uint8Array): Shot {
  const boundary = "----sluice-bench";
  const head = `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="${name}"\r\n\r\n`;
  const { headers } = shotOf(who, "POST", path);
  return {
    method: "POST",
    path,
    headers: { ...headers, "content-type": `multipart/form-data; boundary=${boundary}` },
    body: `${head}${Buffer.from(bytes).toString("latin1")}\r\n--${boundary}--\r\n`,
  };
}

/** Makes `count` things, some at a time. @returns them in order. */
export async function many<T>(count: number, make: (i: number) => Promise<T>): Promise<T[]> {
  const made: T[] = [];
  const rest = Array.from({ length: count }, (_, i) => i).values();
  const work = async () => {
    for (const i of rest) made[i] = await make(i);
  };
  await Promise.all(Array.from({ length: 16 }, work));
  return made;
}

/** A name that nothing else has. */
export function newName(extension = "bin"): string {
  return `${crypto.randomUUID()}.${extension}`;
}
