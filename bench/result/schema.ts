import { z } from "zod";

/** The middle one of some runs, the least and the most. */
const spread = z.object({ median: z.number(), low: z.number(), high: z.number() });

/** What a process has taken in all runs of a figure, and what it had in the end. */
const processUsage = z.object({ cpuSeconds: z.number(), rssBytes: z.number() });

const latency = z.object({ p50: z.number(), p975: z.number(), p99: z.number() });

/** How fast one case of one route was, at one place, under so many connections. */
export const routeFigureSchema = z.object({
  /** A case of bench/routes: `METHOD /path/{parameter}`, and what of it was asked. */
  route: z.string(),
  title: z.string().optional(),
  /** Where it was asked, such as `drive-front`. */
  place: z.string(),
  connections: z.int(),
  /** Requests measured, in all runs; each was answered as it should. */
  requests: z.int(),
  perSecond: spread,
  /** Milliseconds; the median of the runs. */
  latencyMs: latency,
  /** By the name of the process. */
  processes: z.record(z.string(), processUsage),
  /** The same bytes from a bare Hono route (`hono`) and from nginx alone (`nginx`), on the same road. */
  floors: z.record(z.string(), z.object({ perSecond: spread, latencyMs: latency })),
  /** The one round trip that it cannot do without, by the same client with as many under way. */
  roundTrip: z.object({ what: z.string(), perSecond: z.number() }).optional(),
});

/** How fast bytes of one size were moved, in MB (10⁶ bytes) a second. */
export const sizeFigureSchema = z.object({
  what: z.string(),
  bytes: z.int(),
  megabytesPerSecond: spread,
  /** The same bytes to or from a bare server. */
  floor: spread,
});

const goal = z.object({
  name: z.string(),
  value: z.number(),
  unit: z.string(),
  /** One of the two. */
  atLeast: z.number().optional(),
  atMost: z.number().optional(),
});

const outcome = z.object({
  /** The table for people: the first column says of what. */
  rows: z.array(z.record(z.string(), z.union([z.string(), z.number()]))),
  goals: z.array(goal),
  routes: z.array(routeFigureSchema).optional(),
  sizes: z.array(sizeFigureSchema).optional(),
});

/** A run of the bench, as `--json` and the report keep it. */
export const resultSchema = z.object({
  version: z.literal(1),
  date: z.iso.datetime(),
  /** Of the code, with `-dirty` where there were changes that no commit has. */
  commit: z.string(),
  quick: z.boolean(),
  tool: z.string(),
  machine: z.object({ cpu: z.string(), cores: z.int(), memoryBytes: z.int(), kernel: z.string() }),
  /** Of the programs that took part, as far as they are there. */
  versions: z.record(z.string(), z.string()),
  /** By scenario. */
  outcomes: z.record(z.string(), outcome),
});

export type Result = z.output<typeof resultSchema>;
export type Outcome = z.output<typeof outcome>;
export type Goal = z.output<typeof goal>;
export type RouteFigure = z.output<typeof routeFigureSchema>;
export type SizeFigure = z.output<typeof sizeFigureSchema>;
export type Spread = z.output<typeof spread>;
export type Latency = z.output<typeof latency>;
