import { createControl } from "./control.ts";
import { residentBytes } from "./process_state.ts";
import { makeDaemons } from "./servers.ts";
import { withSite } from "./with_site.ts";

export interface DaemonStatus {
  name: string;
  /** `null` when it does not run. */
  pid: number | null;
  /** Whether it answered as it should within 5 s. */
  works: boolean;
  ports: number[];
  /** Memory that it holds; 0 when it does not run. */
  residentBytes: number;
}

/** How each daemon of a folder is; waits while one is being started or ended there. */
export async function stackStatus(dir: string): Promise<DaemonStatus[]> {
  return await withSite(dir, async (site) => {
    const control = createControl(site.dir);
    const daemons = Object.values(await makeDaemons(site)).flat();
    const look = async ({ name, ports, check }: (typeof daemons)[number]): Promise<DaemonStatus> => {
      const pid = await control.pid(name);
      const works = pid !== null && (await succeeds(check, 5000));
      return { name, pid, works, ports, residentBytes: pid === null ? 0 : await residentBytes(pid) };
    };
    return await Promise.all(daemons.map(look));
  });
}

async function succeeds(check: () => Promise<unknown>, timeoutMs: number): Promise<boolean> {
  const answer = check().then(
    () => true,
    () => false,
  );
  return await Promise.race([answer, Bun.sleep(timeoutMs).then(() => false)]);
}
