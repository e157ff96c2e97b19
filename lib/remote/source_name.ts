import contentDisposition from "content-disposition";

import { cleanName } from "../name/mod.ts";
import type { RemoteAnswer } from "./remote.ts";

/** What a file is called whose URL says nothing. */
const nameless = "download";

/** What a file is called by the end of its URL's path. */
export function nameOfUrl(url: URL): string {
  return cleanName(decoded(url.pathname.split("/").at(-1) ?? "")) ?? nameless;
}

/** What a server calls a file: by `Content-Disposition` (RFC 6266), else by the path of the URL at which it was found. */
export function nameOfAnswer({ field, url }: Pick<RemoteAnswer, "field" | "url">): string {
  const filename = filenameOf(field("content-disposition"));
  return (filename === undefined ? null : cleanName(filename)) ?? nameOfUrl(url);
}

function filenameOf(header: string | undefined): string | undefined {
  if (header === undefined) return undefined;
  try {
    return asUtf8(contentDisposition.parse(header).parameters["filename"]);
  } catch {
    // Not in the grammar: the server has said nothing.
    return undefined;
  }
}

/** Fields are read as Latin-1; many servers send UTF-8 all the same. */
function asUtf8(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const bytes = Buffer.from(text, "latin1");
  if (bytes.toString("latin1") !== text) return text;
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return text;
  }
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
