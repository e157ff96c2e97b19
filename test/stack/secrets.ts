import { randomBytes, randomUUID } from "node:crypto";
import { join } from "node:path";

import { z } from "zod";

import { readOrMakeSecret } from "#lib/lifecycle/mod.ts";

const secretsSchema = z.object({
  mysql: z.string(),
  mysqlRoot: z.string(),
  replication: z.string(),
  redis: z.string(),
  amqp: z.string(),
  erlangCookie: z.string(),
  s3AccessKeyId: z.string(),
  s3SecretAccessKey: z.string(),
  /** The gateways' `TOKEN_KEYS`. */
  tokenKeys: z.string(),
  /** No secrets, but made once per folder as well. */
  cephFsid: z.string(),
  cephOsd: z.string(),
});

/** The passwords of one stack. They are hexadecimal: no conf, URL or SQL needs to escape them. */
export type Secrets = z.infer<typeof secretsSchema>;

/** A folder's passwords, random and made on first use, in `secrets.json` (mode 0600) there. */
export async function openSecrets(dir: string): Promise<Secrets> {
  const text = await readOrMakeSecret(join(dir, "secrets.json"), () => JSON.stringify(make(), null, 2));
  return secretsSchema.parse(JSON.parse(text));
}

function make(): Secrets {
  const random = () => randomBytes(16).toString("hex");
  return {
    mysql: random(),
    mysqlRoot: random(),
    replication: random(),
    redis: random(),
    amqp: random(),
    erlangCookie: random(),
    s3AccessKeyId: random().slice(0, 20).toUpperCase(),
    s3SecretAccessKey: random(),
    tokenKeys: `stack:${randomBytes(32).toString("base64url")}`,
    cephFsid: randomUUID(),
    cephOsd: randomUUID(),
  };
}
