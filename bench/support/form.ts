import type { Outgoing } from "./job.ts";
import { makePattern } from "./pattern.ts";

const boundary = "----sluice-bench";
const patternBytes = makePattern().byteLength;
/** Bytes by which no two files are alike. */
const ownBytes = 32;

/** A form (RFC 7578) with one new file of so many bytes, 32 or more, that no other one equals. */
export function formOf(url: string, headers: Record<string, string>, bytes: number): Outgoing {
  const own = crypto.randomUUID().replaceAll("-", "");
  const head = `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="${own}.bin"\r\n\r\n`;
  const [whole, rest] = [Math.floor((bytes - ownBytes) / patternBytes), (bytes - ownBytes) % patternBytes];
  return {
    method: "POST",
    url,
    headers: { ...headers, "content-type": `multipart/form-data; boundary=${boundary}` },
    body: [
      { kind: "text", text: `${head}${own}` },
      { kind: "cut", at: 0, bytes: patternBytes, times: whole },
      { kind: "cut", at: 0, bytes: rest, times: 1 },
      { kind: "text", text: `\r\n--${boundary}--\r\n` },
    ],
  };
}
