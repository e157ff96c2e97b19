/** The headers of an answer, of which ali-oss's types say no more than that they are there. */
export function answerHeaders({ headers }: { headers: object }): Headers {
  return new Headers(Object.entries(headers).map(([name, value]): [string, string] => [name, String(value)]));
}
