import { beforeEach, describe, expect, test } from "bun:test";

import { MemoryStorage } from "../api/memory_storage.ts";
import { NetworkError } from "../api/network_error.ts";
import { ProblemError } from "../api/problem_error.ts";
import { sleep } from "../api/sleep.ts";
import type { DriveFile, UploadStatus } from "../api/wire.ts";
import { failureText } from "./failure_text.ts";
import { Pool } from "./pool.ts";
import { ResumeStore } from "./resume_store.ts";
import { StatusFeed } from "./status_feed.ts";
import { Upload } from "./upload.ts";
import type { UploadParts } from "./upload_parts.ts";

/** A drive of one upload: chunks of four bytes, which a test may refuse or hold back. */
class OneUpload {
  readonly chunkSize = 4;
  held = new Map<number, string>();
  state: UploadStatus["state"] = "open";
  calls: string[] = [];
  instant = false;
  putting = 0;
  mostPutting = 0;
  /** Runs before each chunk is taken. */
  beforePut: (index: number) => Promise<void> = () => Promise.resolve();
  /** Runs after `complete`, in the place of the merge worker. */
  merge: () => void = () => void (this.state = "done");
  size = 0;

  status = (): UploadStatus => {
    const chunkCount = Math.ceil(this.size / this.chunkSize);
    const all = Array.from({ length: chunkCount }, (_, index) => index + 1);
    const missing = all.filter((index) => !this.held.has(index));
    const { size, state } = this;
    return { uploadId: "u1", name: "a", size, state, received: this.held.size, chunkCount, percent: 0, missing };
  };

  client: UploadParts["client"] = {
    claim: () => this.#answer("claim", { challenge: { id: "c1", nonce: "00", ranges: [], expiresAt: "" } }),
    prove: () => (this.instant ? this.#answer("prove", file1) : Promise.reject(new ProblemError(404, "not-instant", "no"))),
    openUpload: ({ size }) => {
      this.size = size;
      return this.#answer("open", { uploadId: "u1", chunkSize: 4, chunkCount: Math.ceil(size / 4), expiresAt: "" });
    },
    putChunk: async (_, index, { body, signal }) => {
      this.mostPutting = Math.max(this.mostPutting, ++this.putting);
      try {
        await this.beforePut(index);
        signal.throwIfAborted();
        this.held.set(index, await body.text());
      } finally {
        this.putting--;
      }
    },
    uploadStatus: () => this.#answer("status", this.status()),
    completeUpload: async () => {
      if (this.status().missing.length > 0) throw new ProblemError(409, "incomplete", "chunks are missing");
      this.state = "verifying";
      const status = await this.#answer("complete", this.status());
      this.merge();
      return status;
    },
    cancelUpload: () => this.#answer("cancel", undefined),
  };

  get content(): string {
    return [...this.held]
      .toSorted(([a], [b]) => a - b)
      .map(([, text]) => text)
      .join("");
  }

  #answer<T>(call: string, value: T): Promise<T> {
    this.calls.push(call);
    return Promise.resolve(value);
  }
}

const file1: DriveFile = {
  id: "f1",
  name: "a",
  size: 1,
  sha1: "",
  sha256: "",
  mime: "",
  state: "stored",
  uploadedAt: "",
  updatedAt: "",
};

describe("Upload", () => {
  const file = new File(["the quick brown fox jumps"], "a.txt", { lastModified: 5 });
  let drive: OneUpload;
  let store: ResumeStore;
  let parts: UploadParts;
  let upload: Upload;

  const until = async (...phases: string[]) => {
    while (!phases.includes(upload.phase)) await sleep(1);
  };

  beforeEach(() => {
    drive = new OneUpload();
    store = new ResumeStore(new MemoryStorage(), "ann");
    const hasher = { run: () => Promise.resolve("digest") };
    const pools = { files: new Pool(3), hashing: new Pool(1), chunks: new Pool(4) };
    parts = { client: drive.client, hasher, store, feed: new StatusFeed(), ...pools };
    upload = new Upload(file, parts, () => undefined);
  });

  test("sends every chunk once, four at a time, and ends done", async () => {
    drive.beforePut = () => sleep(2);
    upload.start();
    await until("done", "failed");
    expect({ note: upload.note, content: drive.content, bytes: upload.bytes }).toEqual({
      note: "",
      content: await file.text(),
      bytes: 25,
    });
    expect(drive.mostPutting).toBe(4);
    expect(store.list()).toEqual([]);
  });

  test("sends nothing where the proof is good", async () => {
    drive.instant = true;
    upload.start();
    await until("done", "failed");
    expect({ instant: upload.instant, calls: drive.calls }).toEqual({ instant: true, calls: ["claim", "prove"] });
  });

  test("pauses in the middle, and goes on with what is missing only", async () => {
    const sent: number[] = [];
    drive.beforePut = async (index) => {
      sent.push(index);
      if (sent.length === 3) upload.pause();
      await sleep(1);
    };
    upload.start();
    await until("paused");
    await sleep(5);
    expect(store.list()).toMatchObject([{ uploadId: "u1", name: "a.txt" }]);
    const before = drive.held.size;
    upload.start();
    await until("done", "failed");
    expect(before).toBeLessThan(7);
    expect(drive.content).toBe(await file.text());
    expect(drive.calls.filter((call) => call === "open" || call === "claim")).toEqual(["claim", "open"]);
  });

  test("goes on after a reload with the same file, and takes no other one", async () => {
    drive.size = 25;
    drive.held.set(1, "the ");
    const entry = { uploadId: "u1", name: "a.txt", size: 25, sha1: "digest", chunkSize: 4, lastModified: 5 };
    store.put(entry);
    upload = new Upload(entry, parts, () => undefined);
    expect(upload.give(new File(["the quick brown fox jumpt"], "a.txt", { lastModified: 6 }))).toBe(false);
    expect(upload.give(file)).toBe(true);
    await until("done", "failed");
    expect(drive.content).toBe(await file.text());
    expect(drive.calls).not.toContain("claim");
  });

  test("sends a chunk again that the drive found torn", async () => {
    drive.merge = () => {
      drive.held.delete(2);
      drive.state = "open";
      drive.merge = () => void (drive.state = "done");
    };
    upload.start();
    await until("done", "failed");
    expect(drive.content).toBe(await file.text());
  });

  test("asks what the drive holds when it disagrees, and after lost connections", async () => {
    let lost = 0;
    drive.beforePut = (index) => (index === 2 && ++lost <= 3 ? Promise.reject(new NetworkError()) : Promise.resolve());
    upload.start();
    await until("done", "failed");
    expect({ note: upload.note, content: drive.content }).toEqual({ note: "", content: await file.text() });
    expect(drive.calls.filter((call) => call === "status").length).toBeGreaterThan(1);
  });

  test("shows why the drive refused the file, and tries again from the beginning", async () => {
    drive.client.uploadStatus = () =>
      Promise.resolve({ ...drive.status(), ...(drive.state === "failed" && { error: "sha1-mismatch" }) });
    drive.merge = () => void (drive.state = "failed");
    upload.start();
    await until("done", "failed");
    expect({ phase: upload.phase, note: upload.note, kept: store.list() }).toEqual({
      phase: "failed",
      note: failureText("sha1-mismatch"),
      kept: [],
    });
    drive.state = "open";
    drive.merge = () => void (drive.state = "done");
    upload.start();
    await until("done");
  });

  test("cancelling frees the drive's room", async () => {
    drive.beforePut = () => sleep(5);
    upload.start();
    await until("uploading");
    await upload.cancel();
    expect({ phase: upload.phase, last: drive.calls.at(-1), kept: store.list() }).toEqual({
      phase: "cancelled",
      last: "cancel",
      kept: [],
    });
  });

  test("an upload that is gone from the drive is opened anew", async () => {
    const { uploadStatus } = drive.client;
    drive.client.uploadStatus = (id) => {
      drive.client.uploadStatus = uploadStatus;
      return Promise.reject(new ProblemError(404, "no-such-upload", `no ${id}`));
    };
    upload = new Upload(
      { uploadId: "old", name: "a.txt", size: 25, sha1: "digest", chunkSize: 4, lastModified: 5 },
      parts,
      () => undefined,
    );
    upload.give(file);
    await until("done", "failed");
    expect(drive.content).toBe(await file.text());
  });

  test("an empty file has no chunk", async () => {
    upload = new Upload(new File([], "empty"), parts, () => undefined);
    upload.start();
    await until("done", "failed");
    expect({ phase: upload.phase, held: drive.held.size }).toEqual({ phase: "done", held: 0 });
  });
});
