import { z } from "zod";

import { isNetwork } from "#lib/config/mod.ts";

/** `host:port`; a host is a name, an IPv4 address, `*`, or an IPv6 address in brackets. */
const address = z
  .string()
  .regex(/^(\*|[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\]):\d{1,5}$/, "must be host:port")
  .refine((text) => Number(/\d+$/.exec(text)?.[0]) <= 65_535, "must have a port of at most 65535");

/** Quoted in the conf, where `"`, `\` and `$` would still mean something. */
const path = z
  .string()
  .max(1000)
  .regex(/^[^"\\$\p{Cc}]+$/u, 'must be a path without " \\ $ and control characters');
const absolutePath = path.startsWith("/", "must be an absolute path");

/** One address, or a network as `10.0.0.0/8`. */
const network = z.string().refine(isNetwork, "must be an IP address, or a network such as 10.0.0.0/8");

const listenList = z.array(address).min(1);

/** All that the conf of the front depends on; none of it can bring in a directive of its own. */
export const frontSchema = z.strictObject({
  /** Where it listens for HTTP; with `tls`, only to send clients to HTTPS. */
  listen: listenList.default(["127.0.0.1:8080"]),
  /** The gateways, `host:port` each. */
  gateways: z.array(address).min(1),
  /** Names that it serves: `_` is any. */
  serverName: z
    .string()
    .regex(/^[A-Za-z0-9_*.-]+( [A-Za-z0-9_*.-]+)*$/, "must be names parted by spaces")
    .default("_"),
  tls: z.strictObject({ cert: absolutePath, key: absolutePath, listen: listenList.default(["0.0.0.0:443"]) }).optional(),
  /** Data folders of nodes (by `NODE_ID`) that nginx can read: their files go out by sendfile. */
  nodes: z.record(z.string().regex(/^[A-Za-z0-9_-]{1,26}$/, "must be a NODE_ID"), absolutePath).default({}),
  /** Stores whose objects do not pass through a gateway. */
  stores: z
    .array(
      z.strictObject({
        /** Where signed URLs lead, scheme, host and port alone; or a folder that gateways know by the same path. */
        endpoint: z
          .string()
          .regex(
            /^(https?:\/\/[A-Za-z0-9.-]+(:\d{1,5})?|file:\/\/(\/[A-Za-z0-9_.-]+)+)\/?$/,
            "must be http(s)://host[:port] and nothing more, or file:///folder of A-Z a-z 0-9 _ . - /",
          ),
        /** PEM file of the authorities that the store's certificate is checked by. */
        ca: absolutePath.default("/etc/ssl/certs/ca-certificates.crt"),
      }),
    )
    .default([]),
  /** Proxies before this one whose `X-Forwarded-For` is believed. */
  frontProxies: z.array(network).default([]),
  /** Who may ask for `/metrics`. */
  metricsAllow: z.array(network).default([]),
  /** Where `GET /nginx_status` is answered: of this machine only. */
  statusListen: z
    .union([
      z.string().regex(/^unix:\/[A-Za-z0-9_./-]{1,100}$/),
      address.refine((text) => /^(127\.|localhost:|\[::1\]:)/.test(text)),
    ])
    .optional(),
  /** Downloads that one address may have at once; 0 is no limit. */
  connectionsPerClient: z.int().min(0).max(65_535).default(256),
  /** Videos streamed at once, in all and to one address, as the gateway's `STREAM_MAX` and `STREAM_MAX_PER_CLIENT` are. */
  streamMax: z.int().min(1).max(65_535).default(100),
  streamMaxPerClient: z.int().min(1).max(65_535).default(20),
  /** Sign-ins and sign-ups that one address may do each second in the long run, and how many more at once. */
  signInsPerSecond: z.int().min(1).max(100_000).default(50),
  signInBurst: z.int().min(1).max(100_000).default(500),
  /** Largest body of the routes that take files; 0 leaves it to the gateway, which bounds files by `FILE_MAX_BYTES`. */
  maxBodyBytes: z.int().min(0).default(0),
  /** How long a gateway may be silent; more than the 120 s after which it closes an idle connection itself. */
  gatewayTimeoutSeconds: z.int().min(1).max(3600).default(150),
  workers: z.union([z.literal("auto"), z.int().min(1).max(512)]).default("auto"),
  user: z
    .string()
    .regex(/^[a-z_][a-z0-9_-]*( [a-z_][a-z0-9_-]*)?$/, "must be a user, and perhaps a group")
    .optional(),
  pid: path.optional(),
  /** Folder of what nginx must put aside; made beforehand, or nginx does not start. */
  tempDir: path.default("temp"),
  /** A file; none is written without it. */
  accessLog: path.optional(),
  errorLog: path.optional(),
});

export type FrontValues = z.input<typeof frontSchema>;
export type Front = z.output<typeof frontSchema>;
