/** A new user of a drive, for all that is not measured. */
export interface Account {
  url: string;
  headers: { authorization: string };
  /** A request whose JSON answer is wanted. @throws {Error} unless its status is the one given. */
  json<T>(status: number, method: string, path: string, body?: object): Promise<T>;
}

export interface FileJson {
  id: string;
  size: number;
  sha1: string;
  sha256: string;
  state: string;
  uploadedAt: string;
  /** When it was stored, if nothing else happened to it since. */
  updatedAt: string;
}

export interface StatusJson {
  uploadId: string;
  state: string;
  fileId?: string;
  error?: string;
}

/** Signs up a new user. */
export async function signUp(url: string): Promise<Account> {
  const credentials = { username: `bench-${crypto.randomUUID().slice(0, 18)}`, password: "correct horse" };
  const { token } = await ask<{ token: string }>(201, `${url}/user`, { method: "POST", body: credentials });
  return accountAt(url, { authorization: `Bearer ${token}` });
}

/** A user whose token is known, as a client of the drive at that URL. */
export function accountAt(url: string, headers: Account["headers"]): Account {
  return { url, headers, json: (status, method, path, body) => ask(status, `${url}${path}`, { method, headers, body }) };
}

interface AskInit {
  method: string;
  headers?: Record<string, string>;
  body?: object | undefined;
}

async function ask<T>(status: number, url: string, { method, headers, body }: AskInit): Promise<T> {
  const json = body && { body: JSON.stringify(body), headers: { ...headers, "content-type": "application/json" } };
  const response = await fetch(url, { method, ...(headers && { headers }), ...json });
  const text = await response.text();
  if (response.status !== status) throw new Error(`${method} ${url} answered ${response.status}: ${text}`);
  return JSON.parse(text === "" ? "null" : text);
}
