/** One part of a `multipart/byteranges` body. */
export interface RangePart {
  headers: Headers;
  bytes: Uint8Array;
}

/** Takes a `multipart/byteranges` body apart to the letter of RFC 2046, section 5.1. @throws {Error} where it is not one. */
export function parseByteRanges(contentType: string, body: Uint8Array): RangePart[] {
  const boundary = /^multipart\/byteranges; *boundary="?([\w'()+,./:=?-]{1,70})"?$/.exec(contentType)?.[1];
  if (boundary === undefined) throw new Error(`${contentType} names no boundary`);
  const text = Buffer.from(body).toString("latin1");
  // The delimiter is the CRLF before the dashes, too; the first one may stand at the very beginning.
  const pieces = `\r\n${text}`.split(`\r\n--${boundary}`);
  const preamble = pieces.shift() ?? "";
  const epilogue = pieces.pop() ?? "";
  if (preamble.trim() !== "") throw new Error(`bytes before the first part: ${preamble}`);
  if (!/^--[ \t]*(\r\n)?$/.test(epilogue)) throw new Error(`the end is ${JSON.stringify(epilogue)}`);
  return pieces.map((piece) => {
    const head = /^[ \t]*\r\n([\s\S]*?)\r\n\r\n/.exec(piece);
    if (head === null) throw new Error(`a part without its headers: ${piece.slice(0, 200)}`);
    const headers = new Headers(
      (head[1] ?? "")
        .split("\r\n")
        .map((line): [string, string] => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 1).trim()]),
    );
    return { headers, bytes: Buffer.from(piece.slice(head[0].length), "latin1") };
  });
}
