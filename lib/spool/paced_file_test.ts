import { expect, test } from "bun:test";
import { mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { openPaced, pacedFile } from "./paced_file.ts";
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

test("is measured, read and made as long as it shall be on the loop and off it", async () => {
  const folder = await mkdtemp(join(tmpdir(), "sluice-paced-"));
  try {
    const pace = new WritePace();
    using file = await openPaced(join(folder, "file"), "wx+", pace);
    await file.write(Buffer.from("some"));
    for (const [isOnLoop, length] of [
      [true, 10],
      [false, 20],
    ] as const) {
      if (!isOnLoop) pace.took(1000);
      expect(pace.isOnLoop).toBe(isOnLoop);
      await file.truncate(length);
      expect((await file.stat()).size).toBe(length);
      expect(await file.read(1, 8)).toEqual(Buffer.from("ome\0\0\0\0\0"));
      expect(await file.read(length - 2, 8)).toHaveLength(2);
    }
  } finally {
    await rm(folder, { recursive: true });
  }
});
