import { mkdir } from "node:fs/promises";
import { join } from "node:path";

import type { Address } from "./address.ts";
import { type Objects, objectsIn } from "./objects.ts";
import { type Uploads, uploadsIn } from "./uploads.ts";
import { element, xmlResponse } from "./xml.ts";

export interface Bucket {
  name: string;
  objects: Objects;
  uploads: Uploads;
  now(): number;
}

export async function makeBucket(dir: string, name: string): Promise<void> {
  await mkdir(join(dir, name, "uploads"), { recursive: true });
}

export function openBucket(dir: string, name: string, now: () => number): Bucket {
  return { name, now, objects: objectsIn(join(dir, name)), uploads: uploadsIn(join(dir, name)) };
}

/** ListMultipartUploads: "uploads whose keys come after key-marker, or are it and whose ids come after upload-id-marker". */
export async function listUploads(bucket: Bucket, { query }: Address): Promise<Response> {
  const get = (name: string) => query.get(name) ?? "";
  const max = Math.min(Number(query.get("max-uploads") ?? 1000), 1000);
  const [prefix, afterKey, afterId] = [get("prefix"), get("key-marker"), get("upload-id-marker")];
  const isAfter = (key: string, id: string) => key > afterKey || (key === afterKey && afterId !== "" && id > afterId);
  const rest = (await bucket.uploads.all()).filter(({ key, id }) => key.startsWith(prefix) && isAfter(key, id));
  const page = rest.slice(0, max);
  const uploads = page.map(({ key, id, initiatedAt }) => {
    const children = { Key: key, UploadId: id, Initiated: new Date(initiatedAt).toISOString() };
    return element(
      "Upload",
      Object.entries(children)
        .map(([name, text]) => element(name, text))
        .join(""),
    );
  });
  const last = page.at(-1);
  const children = [
    element("Bucket", bucket.name),
    element("NextKeyMarker", last?.key ?? ""),
    element("NextUploadIdMarker", last?.id ?? ""),
    element("IsTruncated", rest.length > page.length),
    ...uploads,
  ];
  return xmlResponse(element("ListMultipartUploadsResult", children.join("")));
}
