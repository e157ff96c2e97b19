import { openPorts, type Ports } from "./ports.ts";
import { openSecrets, type Secrets } from "./secrets.ts";

/** Where one stack lives: its folder, with the ports and passwords that are kept there. */
export interface Site extends Ports {
  /** Absolute. */
  dir: string;
  secrets: Secrets;
}

/** Opens a folder that is there; what it lacks of ports and passwords is added. */
export async function openSite(dir: string): Promise<Site> {
  return { dir, secrets: await openSecrets(dir), ...(await openPorts(dir)) };
}
