import { expect, test } from "bun:test";
import { join } from "node:path";

import { configSchema } from "#lib/config/mod.ts";

import { fromEnv } from "./from_env.ts";
import { renderConf } from "./render.ts";
import { frontSchema } from "./values.ts";

test("reads lists, numbers and nodes", () => {
  const values = fromEnv({
    NGINX_LISTEN: "0.0.0.0:80, [::]:80",
    NGINX_GATEWAYS: "g1:8080,g2:8080",
    NGINX_NODES: "n1=/data/n1,n2=/data/a=b",
    NGINX_STORE: "http://rgw:7480",
    NGINX_WORKERS: "4",
    NGINX_MAX_BODY_BYTES: "0",
    NGINX_USER: "",
  });
  expect(frontSchema.parse(values)).toMatchObject({
    listen: ["0.0.0.0:80", "[::]:80"],
    gateways: ["g1:8080", "g2:8080"],
    nodes: { n1: "/data/n1", n2: "/data/a=b" },
    stores: [{ endpoint: "http://rgw:7480", ca: "/etc/ssl/certs/ca-certificates.crt" }],
    workers: 4,
    maxBodyBytes: 0,
  });
});

test("the limits of streams are the gateway's own, unless the front has others", () => {
  const gateway = { STREAM_MAX: "7", STREAM_MAX_PER_CLIENT: "3" };
  expect(fromEnv(gateway)).toMatchObject({ streamMax: 7, streamMaxPerClient: 3 });
  expect(fromEnv({ ...gateway, NGINX_STREAM_MAX: "70" })).toMatchObject({ streamMax: 70, streamMaxPerClient: 3 });
  const { STREAM_MAX, STREAM_MAX_PER_CLIENT } = configSchema.parse({});
  expect(frontSchema.parse(fromEnv({ NGINX_GATEWAYS: "g:1" }))).toMatchObject({
    streamMax: STREAM_MAX,
    streamMaxPerClient: STREAM_MAX_PER_CLIENT,
  });
});

test("certificate and key go together", () => {
  expect(() => renderConf(fromEnv({ NGINX_GATEWAYS: "g:1", NGINX_TLS_CERT: "/c.pem" }))).toThrow("tls.key");
  expect(() => renderConf(fromEnv({ NGINX_GATEWAYS: "g:1", NGINX_TLS_KEY: "/k.pem" }))).toThrow("tls.cert");
});

test("every value has its variable", () => {
  const numbers = new Set(["connectionsPerClient", "streamMax", "streamMaxPerClient", "signInsPerSecond", "signInBurst"]);
  for (const name of ["maxBodyBytes", "gatewayTimeoutSeconds"]) numbers.add(name);
  const special: Record<string, Record<string, string>> = {
    tls: { NGINX_TLS_CERT: "/c", NGINX_TLS_KEY: "/k" },
    nodes: { NGINX_NODES: "n1=/x" },
    stores: { NGINX_STORE: "x" },
    workers: { NGINX_WORKERS: "auto" },
  };
  for (const name of Object.keys(frontSchema.shape)) {
    const variable = `NGINX_${name.replaceAll(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`;
    const env = special[name] ?? { [variable]: numbers.has(name) ? "7" : "x" };
    expect([name, Object.entries(fromEnv(env)).find(([key]) => key === name)?.[1]]).not.toEqual([name, undefined]);
  }
});

test("the program prints the conf, or names what is wrong", async () => {
  const run = async (env: Record<string, string>) => {
    const child = Bun.spawn([process.execPath, join(import.meta.dir, "render.ts")], { env, stdout: "pipe", stderr: "pipe" });
    const [out, err, code] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
    return { out, err, code };
  };
  const good = await run({ NGINX_GATEWAYS: "g:1" });
  expect([good.code, good.err, good.out]).toEqual([0, "", renderConf({ gateways: ["g:1"] })]);
  const bad = await run({ NGINX_GATEWAYS: "g:1", NGINX_WORKERS: "many" });
  expect([bad.code, bad.out]).toEqual([1, ""]);
  expect(bad.err).toContain("workers");
});
