import type { Address } from "./address.ts";
import type { Bucket } from "./bucket.ts";
import { element, xmlResponse } from "./xml.ts";

/** ListObjectsV2 without delimiter: keys "in alphabetical order", those after `start-after`. */
export async function listObjects(bucket: Bucket, { query }: Address): Promise<Response> {
  const max = Math.min(Number(query.get("max-keys") ?? 100), 1000);
  const [prefix, after] = [query.get("prefix") ?? "", query.get("start-after") ?? ""];
  const keys = (await bucket.objects.keys()).filter((key) => key.startsWith(prefix) && key > after).toSorted(byBytes);
  const page = await Promise.all(keys.slice(0, max).map(async (key) => await bucket.objects.find(key)));
  const contents = page.flatMap((object) => {
    if (object === null) return [];
    const { key, size, etag, modifiedAt } = object;
    const children = { Key: key, LastModified: new Date(modifiedAt).toISOString(), ETag: etag, Size: size };
    return element(
      "Contents",
      Object.entries(children)
        .map(([name, value]) => element(name, value))
        .join(""),
    );
  });
  const children = [
    element("Name", bucket.name),
    element("Prefix", prefix),
    element("KeyCount", contents.length),
    element("IsTruncated", keys.length > max),
    ...contents,
  ];
  return xmlResponse(element("ListBucketResult", children.join("")));
}

function byBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
