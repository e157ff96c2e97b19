/** A part of a `multipart/form-data` body, with its headers as they are to be sent. */
export interface FormPart {
  disposition: string;
  type?: string;
  bytes?: Uint8Array;
}

/** A form as no browser would make it, as what `fetch` takes. */
export function rawForm(parts: FormPart[], boundary = "----sluice", ending = `--${boundary}--\r\n`) {
  const pieces: Uint8Array[] = parts.flatMap(({ disposition, type, bytes = new Uint8Array() }) => [
    Buffer.from(`--${boundary}\r\nContent-Disposition: ${disposition}\r\n${type ? `Content-Type: ${type}\r\n` : ""}\r\n`),
    bytes,
    Buffer.from("\r\n"),
  ]);
  return {
    method: "POST",
    headers: { "content-type": `multipart/form-data; boundary=${boundary}` },
    body: Buffer.concat([...pieces, Buffer.from(ending)]),
  };
}

/** A form of files, each in the field `file`. */
export function formOf(...files: [name: string, bytes: Uint8Array<ArrayBuffer>][]): { method: "POST"; body: FormData } {
  const body = new FormData();
  for (const [name, bytes] of files) body.append("file", new Blob([bytes]), name);
  return { method: "POST", body };
}
