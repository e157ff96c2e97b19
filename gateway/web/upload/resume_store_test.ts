import { describe, expect, test } from "bun:test";

import { MemoryStorage } from "../api/memory_storage.ts";
import { ResumeStore } from "./resume_store.ts";

const entry = { uploadId: "u1", name: "a.bin", size: 10, sha1: "ab", chunkSize: 4, lastModified: 123 };

describe("ResumeStore", () => {
  test("remembers over a reload, for each person alone", () => {
    const storage = new MemoryStorage();
    new ResumeStore(storage, "ann").put(entry);
    expect(new ResumeStore(storage, "ann").list()).toEqual([entry]);
    expect(new ResumeStore(storage, "an").list()).toEqual([]);
  });

  test("writing again replaces, removing forgets", () => {
    const store = new ResumeStore(new MemoryStorage(), "ann");
    store.put(entry);
    store.put({ ...entry, name: "b.bin" });
    expect(store.list().map(({ name }) => name)).toEqual(["b.bin"]);
    store.remove("u1");
    expect(store.list()).toEqual([]);
  });

  test("passes over what it did not write", () => {
    const storage = new MemoryStorage();
    for (const [id, text] of Object.entries({ a: "{", b: "null", c: '{"uploadId":1}', d: "[]" })) {
      storage.setItem(`sluice.upload ann ${id}`, text);
    }
    expect(new ResumeStore(storage, "ann").list()).toEqual([]);
  });

  test("a full storage does not stop an upload", () => {
    const storage = new MemoryStorage();
    storage.setItem = () => {
      throw new DOMException("full", "QuotaExceededError");
    };
    new ResumeStore(storage, "ann").put(entry);
  });
});
