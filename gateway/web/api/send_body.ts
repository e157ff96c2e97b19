import { NetworkError } from "./network_error.ts";
import { ProblemError } from "./problem_error.ts";

/** One body on its way. */
export interface BodyRequest {
  method: "PUT" | "POST";
  url: string;
  token: string;
  body: Blob | FormData;
  headers?: Record<string, string>;
  signal: AbortSignal;
  /** Told how many bytes of the body have left. */
  onProgress: (bytes: number) => void;
}

/** Without a byte moved for this long, a connection is taken for dead; browsers themselves would wait for minutes. */
const stallMs = 45_000;

/**
 * Sends a body and gives the text of the answer. By XMLHttpRequest, since `fetch` does not tell how much has left.
 *
 * @throws {ProblemError} When the answer is not 2xx.
 * @throws {NetworkError} When there is no answer, or no byte moves for 45 s.
 * @throws The reason of `signal` when it aborts.
 */
export function sendBody({ method, url, token, body, headers = {}, signal, onProgress }: BodyRequest): Promise<string> {
  const xhr = new XMLHttpRequest();
  const sent = new Promise<string>((resolve, reject) => {
    signal.throwIfAborted();
    xhr.addEventListener("load", () =>
      xhr.status >= 200 && xhr.status < 300 ? resolve(xhr.responseText) : reject(refusal(xhr)),
    );
    xhr.addEventListener("error", () => reject(new NetworkError()));
    xhr.addEventListener("abort", () => reject(signal.aborted ? signal.reason : new NetworkError()));
  });
  const watch = stallWatch(() => xhr.abort());
  xhr.upload.addEventListener("progress", ({ loaded }) => {
    watch.moved();
    onProgress(loaded);
  });
  const abort = () => xhr.abort();
  signal.addEventListener("abort", abort);
  xhr.open(method, url);
  xhr.setRequestHeader("Authorization", `Bearer ${token}`);
  for (const [name, value] of Object.entries(headers)) xhr.setRequestHeader(name, value);
  xhr.send(body);
  return sent.finally(() => {
    watch.stop();
    signal.removeEventListener("abort", abort);
  });
}

function refusal(xhr: XMLHttpRequest): ProblemError {
  return ProblemError.parse(xhr.status, xhr.responseText, xhr.getResponseHeader("Retry-After"));
}

function stallWatch(onStall: () => void): { moved: () => void; stop: () => void } {
  let timer = setTimeout(onStall, stallMs);
  return {
    moved: () => {
      clearTimeout(timer);
      timer = setTimeout(onStall, stallMs);
    },
    stop: () => clearTimeout(timer),
  };
}
