import { join } from "node:path";

import { z } from "zod";

export const root = join(import.meta.dir, "../..");

/** A service of docker-compose.yml, as far as the tests look at it. */
const serviceSchema = z.object({
  image: z.string(),
  build: z.string().optional(),
  command: z.array(z.string()).optional(),
  user: z.string().optional(),
  read_only: z.boolean().optional(),
  restart: z.string(),
  profiles: z.array(z.string()).optional(),
  ports: z.array(z.string()).optional(),
  volumes: z.array(z.string()).optional(),
  environment: z.record(z.string(), z.string()).optional(),
  secrets: z
    .array(z.union([z.string(), z.object({ source: z.string(), target: z.string() }).transform((s) => s.source)]))
    .optional(),
  depends_on: z.record(z.string(), z.object({ condition: z.string() })).optional(),
  healthcheck: z
    .object({ test: z.array(z.string()) })
    .loose()
    .optional(),
});
export type Service = z.infer<typeof serviceSchema>;

const composeSchema = z.object({
  services: z.record(z.string(), serviceSchema),
  secrets: z.record(z.string(), z.object({ file: z.string() })),
  volumes: z.record(z.string(), z.null()),
});

/** docker-compose.yml, parsed. */
export async function readCompose(): Promise<z.infer<typeof composeSchema>> {
  return composeSchema.parse(Bun.YAML.parse(await Bun.file(join(root, "docker-compose.yml")).text()));
}
