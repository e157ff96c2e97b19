import { median } from "./median.ts";

/** Something that moves bytes, and how long it took. */
export interface Transfer {
  name: string;
  /** Moves them once. @returns seconds. */
  run(): Promise<number>;
}

/** Runs all in turn, `rounds` times after one to warm up. @returns the seconds of each round, for each. */
export async function race(transfers: Transfer[], rounds: number): Promise<number[][]> {
  const seconds = transfers.map((): number[] => []);
  for (let round = 0; round <= rounds; round++) {
    for (const [i, transfer] of transfers.entries()) {
      const took = await transfer.run();
      if (round > 0) seconds[i]?.push(took);
    }
  }
  return seconds;
}

/** How fast one is beside another: the median of the rounds' ratios. */
export function speedRatio(seconds: number[] = [], beside: number[] = []): number {
  return Number(median(seconds.map((took, round) => (beside[round] ?? NaN) / took)).toFixed(2));
}

/** Downloads a URL by curl into nothing. @throws {Error} unless it is a 2xx of `bytes` bytes. */
export async function curlGet(url: string, bytes: number, headers: Record<string, string> = {}): Promise<number> {
  const fields = Object.entries(headers).flatMap(([name, value]) => ["-H", `${name}: ${value}`]);
  const said = await curl(["-o", "/dev/null", "-w", "%{time_total} %{size_download}", ...fields, url]);
  const [seconds = NaN, size = NaN] = said.split(" ").map(Number);
  if (size !== bytes) throw new Error(`${new URL(url).host} sent ${size} bytes, must be ${bytes}`);
  return seconds;
}

/** Downloads a URL by four curls at once, a quarter each. @throws {Error} as {@link curlGet} does. */
export async function curlRanges(url: string, bytes: number, headers: Record<string, string> = {}): Promise<number> {
  const quarter = bytes / 4;
  const begin = performance.now();
  await Promise.all(
    [0, 1, 2, 3].map((i) => curlGet(url, quarter, { ...headers, Range: `bytes=${i * quarter}-${(i + 1) * quarter - 1}` })),
  );
  return (performance.now() - begin) / 1000;
}

/** Runs curl. @returns what it wrote. @throws {Error} unless it ended well, with a 2xx. */
export async function curl(args: string[]): Promise<string> {
  const child = Bun.spawn(["curl", "-sS", "--fail", ...args], { stdio: ["ignore", "pipe", "pipe"] });
  const [out, err] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
  if (child.exitCode !== 0) throw new Error(`curl ended with ${child.exitCode}: ${err}`);
  return out;
}
