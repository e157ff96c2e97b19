import { once } from "node:events";
import type { Readable } from "node:stream";

import busboy from "busboy";

import { AppError } from "#lib/errors/mod.ts";

/** Files in one form: each holds a spool file until all of them are in. */
const maxParts = 1000;

/** A file part of a form, while its bytes come in. */
export interface FormFile {
  /** As the browser sent it, without its path. */
  name: string;
  body: AsyncIterable<Uint8Array>;
}

/**
 * Reads a `multipart/form-data` body (RFC 7578) as a stream and hands each part named `file` to `take`, in order,
 * while the body is held back to the pace at which `take` reads.
 *
 * @returns what `take` gave for each.
 * @throws {AppError} `invalid-request` for what is no form, or a malformed one, another field, or no file.
 */
export async function readForm<T>(request: Request, take: (file: FormFile) => Promise<T>): Promise<T[]> {
  const parser = createParser(request);
  const taken: Promise<T>[] = [];
  const failure = Promise.withResolvers<never>();
  failure.promise.catch(() => {
    // Whoever awaits the race below sees it; without one waiting it must not count as unhandled.
  });
  parser.on("file", (field: string, stream: Readable, { filename }: { filename?: string }) => {
    const part = takePart(field, stream, filename, take);
    part.catch(failure.reject);
    taken.push(part);
  });
  parser.on("field", (field: string) => failure.reject(unknownField(field)));
  // What is past the limit busboy drops without a word; the client must hear of it.
  parser.on("partsLimit", () => failure.reject(tooManyFiles()));
  parser.on("error", (error) => failure.reject(malformed(error)));
  try {
    await Promise.race([feed(request, parser), failure.promise]);
    const results = await Promise.all(taken);
    if (results.length > 0) return results;
    throw new AppError("invalid-request", 'the form has no file: send one or more in the field "file"');
  } catch (error) {
    parser.destroy();
    await Promise.allSettled(taken);
    throw error;
  }
}

function createParser(request: Request): busboy.Busboy {
  const type = request.headers.get("content-type") ?? "";
  if (!/^multipart\/form-data\b/i.test(type)) {
    throw new AppError("invalid-request", `send multipart/form-data, not ${JSON.stringify(type)}`);
  }
  try {
    // Fields are refused, but their bytes must not pile up until then.
    return busboy({
      headers: { "content-type": type },
      defParamCharset: "utf8",
      limits: { fieldSize: 1024, fields: 1, parts: maxParts },
    });
  } catch (error) {
    throw malformed(error);
  }
}

async function takePart<T>(field: string, stream: Readable, name: string | undefined, take: (file: FormFile) => Promise<T>) {
  stream.on("error", () => {
    // The parser says it, too. Without a listener, a body that is cut before `take` begins to read would end the process.
  });
  try {
    if (field !== "file") throw unknownField(field);
    return await take({ name: unescaped(name ?? ""), body: stream });
  } catch (error) {
    stream.resume();
    throw error;
  }
}

/**
 * Browsers and most other clients send a `"` of a name as `%22`, and no other character so ("Multipart form data", WHATWG HTML,
 * section 4.10.21.8; line breaks aside, which no name may have): a `%` stays what it is.
 */
function unescaped(name: string): string {
  return name.replaceAll("%22", '"');
}

async function feed(request: Request, parser: busboy.Busboy): Promise<void> {
  const closed = once(parser, "close");
  // `once` rejects on "error" too, which the caller hears of by itself.
  closed.catch(() => undefined);
  for await (const piece of request.body ?? []) {
    if (!parser.write(piece)) await Promise.race([once(parser, "drain"), closed]);
  }
  parser.end();
  await closed;
}

function unknownField(field: string): AppError {
  return new AppError(
    "invalid-request",
    `the form has a field ${JSON.stringify(field)}; only files in the field "file" are taken`,
  );
}

function tooManyFiles(): AppError {
  return new AppError("invalid-request", `the form has more than ${maxParts} files; send the rest in another one`);
}

function malformed(error: unknown): AppError {
  return new AppError("invalid-request", `the form cannot be read: ${error instanceof Error ? error.message : String(error)}`, {
    cause: error,
  });
}
