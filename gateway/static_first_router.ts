import type { Result, Router } from "hono/router";
import { TrieRouter } from "hono/router/trie-router";

/**
 * Hono's trie router, which remembers what it has found for paths that are routes as they stand: one look into a map, where the
 * trie splits the path and goes down step by step, for each request twice (see `edge.ts`). Hono's own quick router takes
 * no `/share/top` beside `/share/:code`.
 */
export class StaticFirstRouter<T> implements Router<T> {
  readonly name = "StaticFirstRouter";
  readonly #trie = new TrieRouter<T>();
  readonly #static = new Set<string>();
  /** By method, then by path: no more than there are routes. */
  readonly #found = new Map<string, Map<string, Result<T>>>();

  add(method: string, path: string, handler: T): void {
    this.#found.clear();
    if (!/[:*]/.test(path)) this.#static.add(path);
    this.#trie.add(method, path, handler);
  }

  match(method: string, path: string): Result<T> {
    return this.#found.get(method)?.get(path) ?? this.#search(method, path);
  }

  #search(method: string, path: string): Result<T> {
    const result = this.#trie.match(method, path);
    // A client may make up methods, which find nothing.
    if (!this.#static.has(path) || result[0].length === 0) return result;
    const found = this.#found.get(method) ?? new Map<string, Result<T>>();
    this.#found.set(method, found.set(path, result));
    return result;
  }
}
