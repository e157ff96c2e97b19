import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { AppError } from "../errors/mod.ts";
import { diskStore } from "./disk.ts";
import type { Store } from "./port.ts";

export interface StoreOptions {
  /** `file:///folder`, `s3:http://KEY:SECRET@host/bucket` or `oss:https://KEY:SECRET@host/bucket?region=…`; without it, `<dataDir>/store`. */
  url?: string | undefined;
  /** The folder of all that is kept on this machine. */
  dataDir: string;
}

/**
 * Opens the engine that the URL names.
 *
 * @throws {AppError} `invalid-request` for a URL that names none, or a store that refuses; `unavailable` for one that cannot
 * be reached. Of a URL that is not understood it tells the scheme only: it may hold keys.
 */
export async function openStore(options: StoreOptions): Promise<Store> {
  const { url } = options;
  if (url === undefined) return await diskStore(join(options.dataDir, "store"));
  const scheme = /^[a-z0-9+.-]+:/i.exec(url)?.[0].toLowerCase();
  if (scheme === "file:") return await diskStore(folderOf(url));
  if (scheme === "s3:") {
    // Loaded where it is used: the SDK is the largest of all clients.
    const { s3Store } = await import("./s3.ts");
    return await s3Store(url);
  }
  if (scheme === "oss:") {
    const { ossStore } = await import("./oss.ts");
    return await ossStore(url);
  }
  throw new AppError(
    "invalid-request",
    `STORE_URL: ${scheme ?? "no scheme"} is not supported by this version; must be file:, s3: or oss:`,
  );
}

/** `new URL("file:store")` would silently be `/store`, so a relative path is refused. */
function folderOf(url: string): string {
  if (/^file:\/\/\/./i.test(url)) return fileURLToPath(url);
  throw new AppError("invalid-request", `STORE_URL: "${url}" must be an absolute path, such as file:///srv/sluice`);
}
