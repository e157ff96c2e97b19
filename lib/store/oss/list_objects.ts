import { isObjectKey } from "../object_key.ts";
import type { ListedObject, ListOptions } from "../port.ts";
import { ask } from "../remote/ask.ts";
import { quickly } from "../remote/question.ts";
import type { Connection } from "./connection.ts";

/** The objects below the connection's prefix, in the order in which OSS lists them: that of their keys' bytes. */
export async function listObjects(oss: Connection, options: ListOptions, signal: AbortSignal): Promise<ListedObject[]> {
  const prefix = oss.prefix + options.prefix;
  let { after } = options;
  for (;;) {
    // A parameter without a value is left out, as in `uploadsQuery`.
    const query = {
      "max-keys": String(options.limit),
      ...(prefix !== "" && { prefix }),
      ...(after !== "" && { "start-after": oss.prefix + after }),
    };
    const page = await ask(quickly(oss, "listing objects", signal), async (signal) =>
      oss.ask({ signal }, async (client) => client.listV2(query)),
    );
    const listed = page.objects.flatMap(({ name, size, lastModified }) => {
      const key = name.slice(oss.prefix.length);
      return isObjectKey(key) ? [{ key, size, modifiedAt: Date.parse(lastModified) }] : [];
    });
    const last = page.objects.at(-1)?.name;
    // A page of nothing but strangers is not the end.
    if (listed.length > 0 || !page.isTruncated || last === undefined) return listed;
    after = last.slice(oss.prefix.length);
  }
}
