import { MemoryStorage } from "./memory_storage.ts";

/** The browser's localStorage; where the person has forbidden it, one that lasts as long as the page. */
export function openStorage(): Storage {
  try {
    return window.localStorage;
  } catch (error) {
    if (error instanceof DOMException) return new MemoryStorage();
    throw error;
  }
}
