import { describe, expect, test } from "bun:test";

import fc from "fast-check";

import { isAppError } from "#lib/errors/mod.ts";

import { type AdmissionOptions, createAdmission } from "./admission.ts";

/** A disk on which what runs is seen at its end, and takes as long as it is told. */
function diskOf(size: number, options?: AdmissionOptions) {
  const state = { used: 0, looks: 0, isBroken: false };
  const admission = createAdmission(async () => {
    state.looks++;
    await Bun.sleep(0);
    if (state.isBroken) throw new Error("no such disk");
    return size - state.used;
  }, options);
  async function take(bytes: number, { ms = 1, fails = false } = {}): Promise<number | string> {
    try {
      return await admission(bytes, async () => {
        await Bun.sleep(ms);
        if (fails) throw new Error("failed");
        state.used += bytes;
        return bytes;
      });
    } catch (error) {
      return isAppError(error, "no-space") ? "no space" : String(error);
    }
  }
  return { state, take };
}

const aPlenty = { plenty: 100, lifeMs: 60_000 };

describe("admission", () => {
  test("never gives more than there is, and all that there is", async () => {
    const { state, take } = diskOf(10);
    expect(await Promise.all([3, 4, 5, 3, 1].map((bytes) => take(bytes)))).toEqual([3, 4, "no space", 3, "no space"]);
    expect(state.used).toBe(10);
  });

  test("takes nothing for those who fail", async () => {
    const { take } = diskOf(10);
    const failing = take(10, { fails: true, ms: 20 });
    expect(await take(10)).toBe(10);
    expect(await failing).toBe("Error: failed");
    expect(await take(1)).toBe("no space");
  });

  test("looks once for many where there is a plenty, and lets nobody wait for another", async () => {
    const { state, take } = diskOf(1000, aPlenty);
    await take(1);
    const slow = take(1, { ms: 60_000 });
    expect(await Promise.all(Array.from({ length: 100 }, () => take(5)))).toEqual(Array.from({ length: 100 }, () => 5));
    expect(state.looks).toBe(1);
    void slow;
  });

  test("looks again where less than a plenty is left of a look, or once it is old", async () => {
    const scarce = diskOf(1000, aPlenty);
    expect([await scarce.take(800), await scarce.take(99), await scarce.take(1)]).toEqual([800, 99, 1]);
    expect(scarce.state.looks).toBe(1);
    await scarce.take(1);
    expect(scarce.state.looks).toBe(2);

    const old = diskOf(1000, { ...aPlenty, lifeMs: 0 });
    await old.take(1);
    await old.take(1);
    expect(old.state.looks).toBe(2);
  });

  test("a look serves all who came before it, however long it takes", async () => {
    const { state, take } = diskOf(1000, { lifeMs: 0, plenty: 2000 });
    const all = Array.from({ length: 50 }, () => take(1));
    expect(await Promise.all(all)).toEqual(Array.from({ length: 50 }, () => 1));
    expect(state.looks).toBeLessThanOrEqual(2);
  });

  test("fails all that need a look that fails, and looks again for the next", async () => {
    const { state, take } = diskOf(10);
    state.isBroken = true;
    expect(await Promise.all([take(1), take(1)])).toEqual(["Error: no such disk", "Error: no such disk"]);
    state.isBroken = false;
    expect(await take(1)).toBe(1);
  });

  test("holds for any takers at any times", async () => {
    const taker = fc.record({ bytes: fc.nat(60), at: fc.nat(5), ms: fc.nat(5), fails: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(fc.array(taker, { maxLength: 12 }), fc.nat(40), async (takers, plenty) => {
        const { state, take } = diskOf(100, { plenty, lifeMs: 2 });
        const answers = await Promise.all(
          takers.map(async ({ bytes, at, ...how }) => {
            await Bun.sleep(at);
            return await take(bytes, how);
          }),
        );
        expect(state.used).toBeLessThanOrEqual(100);
        // Who is refused did not fit beside all that others had or might have taken.
        const wanted = takers.reduce((sum, { bytes }) => sum + bytes, 0);
        if (wanted <= 100) expect(answers).not.toContain("no space");
        const after = 100 - state.used;
        expect(await take(after)).toBe(after);
        expect(await take(1)).toBe("no space");
      }),
    );
  });
});
