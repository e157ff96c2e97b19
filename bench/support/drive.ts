import { join } from "node:path";

import { type Server, startServer } from "./server.ts";

/** A gateway with its workers, as `npm start` runs it, and the folder of its data. */
export interface Drive extends Server {
  dataDir: string;
}

/**
 * Starts a drive with the defaults of production, on a free port and below `folder`.
 *
 * @param root the checkout to run, if not this one.
 */
export async function startDrive(
  folder: string,
  env: Record<string, string> = {},
  name = "sluice",
  root?: string,
): Promise<Drive> {
  const dataDir = join(folder, `${name}-data`);
  const command = [process.execPath, "gateway/main.ts"];
  const server = await startServer({
    command,
    folder,
    name,
    root,
    env: { HOST: "127.0.0.1", PORT: "0", DATA_DIR: dataDir, ...env },
  });
  return { ...server, dataDir };
}
