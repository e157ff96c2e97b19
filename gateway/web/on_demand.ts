import type { WebAssets } from "./build.ts";

/** The web client; at once when it is built already. Rejects as the build does. */
export type WebOnDemand = () => WebAssets | Promise<WebAssets>;

/**
 * Builds the web client when it is first asked for: the bundler leaves 6 MB behind in a process, and 11 MB while it works, of
 * which a gateway that only takes requests of programs has nothing. A build that fails is tried again by the next who asks.
 */
export function webOnDemand(build: () => Promise<WebAssets>): WebOnDemand {
  let built: WebAssets | undefined;
  let building: Promise<WebAssets> | undefined;
  const begin = async () => {
    try {
      return (built = await build());
    } finally {
      building = undefined;
    }
  };
  return () => built ?? (building ??= begin());
}
