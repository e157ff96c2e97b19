import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { createControl } from "./control.ts";
import { ensureInstalled, missingPackages } from "./install.ts";
import { startNginx } from "./nginx.ts";
import { openPorts } from "./ports.ts";
import { filesOutside } from "./testing/files_outside.ts";
import { folderProcesses } from "./testing/folder_processes.ts";

const install = process.env["CI"] !== undefined;
const cannotRun = !install && missingPackages(["nginx"]).length > 0;

describe.skipIf(cannotRun)("nginx", () => {
  let dir: string;
  let port: number;

  beforeEach(async () => {
    await ensureInstalled(["nginx"], { install, log: () => {} });
    dir = await mkdtemp(join(tmpdir(), "st-"));
    port = await (await openPorts(dir)).port("nginx");
  }, 600_000);
  afterEach(async () => {
    // What a test that failed left running.
    await createControl(dir).kill("nginx");
    await rm(dir, { recursive: true });
  });

  const conf = (text: string) => {
    const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
      .map((name) => `${name}_temp_path temp/${name};`)
      .join(" ");
    return `user root; worker_processes 2; events {} http { ${temporary} access_log off;
      server { listen 127.0.0.1:${port}; location / { return 200 "${text}"; } } }`;
  };

  test("serves by the conf it is given, writes in its folder only, and is found by a second start", async () => {
    const nginx = await startNginx({ dir, conf: conf("hello"), ports: [port] });
    expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toBe("hello");
    expect((await startNginx({ dir, conf: conf("hello"), ports: [port] })).pid).toBe(nginx.pid);
    const pids = await folderProcesses(dir);
    expect((await Promise.all(pids.map((pid) => filesOutside(dir, pid)))).flat()).toEqual([]);
    await nginx.stop();
    expect(await folderProcesses(dir)).toEqual([]);
  });

  test("leaves no worker when it is killed, and starts again", async () => {
    const nginx = await startNginx({ dir, conf: conf("one"), ports: [port] });
    expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toBe("one");
    expect((await folderProcesses(dir)).length).toBeGreaterThan(1);
    await nginx.kill();
    expect(await folderProcesses(dir)).toEqual([]);
    const again = await startNginx({ dir, conf: conf("two"), ports: [port] });
    expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toBe("two");
    await again.stop();
  });

  test("says what is wrong with a conf", async () => {
    const error = await startNginx({ dir, conf: "events {} nonsense;", ports: [port] }).catch(String);
    expect(error).toContain('unknown directive "nonsense"');
    expect(await folderProcesses(dir)).toEqual([]);
  });
});
