import type { FrontValues } from "./values.ts";

type Env = Record<string, string | undefined>;

/**
 * The front's values from `NGINX_…` variables, which are named as the values are; lists are comma-separated, nodes are
 * `NODE_ID=/folder,…`. An empty variable counts as not set; where `NGINX_STREAM_MAX…` is not, the gateway's own `STREAM_MAX…` is
 * taken. What they hold is checked by `renderConf`.
 */
export function fromEnv(env: Env): FrontValues {
  const get = (name: string) => env[`NGINX_${name}`] || undefined;
  const list = (name: string) =>
    get(name)
      ?.split(",")
      .map((entry) => entry.trim());
  const number = (name: string) => numberOf(get(name));
  const [cert, key] = [get("TLS_CERT"), get("TLS_KEY")];
  return {
    listen: list("LISTEN"),
    gateways: list("GATEWAYS") ?? [],
    serverName: get("SERVER_NAME"),
    tls: (cert ?? key) === undefined ? undefined : { cert: cert ?? "", key: key ?? "", listen: list("TLS_LISTEN") },
    nodes: list("NODES") && Object.fromEntries((list("NODES") ?? []).map(nodeOf)),
    stores: list("STORE")?.map((endpoint) => ({ endpoint, ca: get("STORE_CA") })),
    frontProxies: list("FRONT_PROXIES"),
    metricsAllow: list("METRICS_ALLOW"),
    statusListen: get("STATUS_LISTEN"),
    connectionsPerClient: number("CONNECTIONS_PER_CLIENT"),
    ...streamLimits(env),
    signInsPerSecond: number("SIGN_INS_PER_SECOND"),
    signInBurst: number("SIGN_IN_BURST"),
    maxBodyBytes: number("MAX_BODY_BYTES"),
    gatewayTimeoutSeconds: number("GATEWAY_TIMEOUT_SECONDS"),
    workers: get("WORKERS") === "auto" ? "auto" : number("WORKERS"),
    user: get("USER"),
    pid: get("PID"),
    tempDir: get("TEMP_DIR"),
    accessLog: get("ACCESS_LOG"),
    errorLog: get("ERROR_LOG"),
  };
}

/** How many streams the front lets through: as many as the gateways do, unless it is told otherwise. */
export function streamLimits(env: Env): Pick<FrontValues, "streamMax" | "streamMaxPerClient"> {
  const limit = (name: string) => numberOf(env[`NGINX_${name}`] || env[name] || undefined);
  return { streamMax: limit("STREAM_MAX"), streamMaxPerClient: limit("STREAM_MAX_PER_CLIENT") };
}

/** What is no number is NaN, which the schema refuses. */
function numberOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  return /^\d+$/.test(text) ? Number(text) : Number.NaN;
}

function nodeOf(entry: string): [id: string, folder: string] {
  const [id = "", ...folder] = entry.split("=");
  return [id, folder.join("=")];
}
