import { expect, test } from "bun:test";
import { mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { pacedFile } from "./paced_file.ts";
import { WritePace } from "./write_pace.ts";

test("writes the same on the loop and off it", async () => {
  const folder = await mkdtemp(join(tmpdir(), "sluice-paced-"));
  try {
    await using file = await open(join(folder, "file"), "w+");
    const pace = new WritePace();
    const paced = pacedFile(file, pace);
    expect(pace.isOnLoop).toBe(true);
    expect(await paced.write(Buffer.from("-on-"), 1, 2, 0)).toEqual({ bytesWritten: 2 });
    pace.took(1000);
    expect(pace.isOnLoop).toBe(false);
    expect((await paced.write(Buffer.from("-off-"), 1, 3, 2)).bytesWritten).toBe(3);
    expect(await Bun.file(join(folder, "file")).text()).toBe("onoff");
  } finally {
    await rm(folder, { recursive: true });
  }
});

test("a write that takes no longer than a copy keeps the pace", () => {
  const pace = new WritePace();
  pace.took(3);
  expect(pace.isOnLoop).toBe(true);
});
