import { element, xmlDocument } from "./xml.ts";

/** A refusal as OSS words it: "Error responses" of its API reference. */
export class OssError extends Error {
  readonly status: number;
  readonly code: string;
  /** Further elements of the answer, such as `StringToSign`. */
  readonly details: Record<string, string>;

  constructor(status: number, code: string, message: string, details: Record<string, string> = {}) {
    super(message);
    this.status = status;
    this.code = code;
    this.details = details;
  }
}

/** The answer to a request that is refused; to a HEAD, whose answer has no body, with the same XML in `x-oss-err`. */
export function refusal(error: OssError, method: string, requestId: string): Response {
  const children = { Code: error.code, Message: error.message, RequestId: requestId, HostId: "localhost", ...error.details };
  const xml = xmlDocument(
    element(
      "Error",
      Object.entries(children)
        .map(([name, text]) => element(name, text))
        .join(""),
    ),
  );
  const headers = { "content-type": "application/xml", "x-oss-request-id": requestId };
  if (method !== "HEAD") return new Response(xml, { status: error.status, headers });
  return new Response(null, { status: error.status, headers: { ...headers, "x-oss-err": Buffer.from(xml).toString("base64") } });
}
