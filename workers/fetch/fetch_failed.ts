import type { Code } from "#lib/errors/mod.ts";

/** A fetch is over: trying again cannot help. */
export class FetchFailed extends Error {
  override readonly name = "FetchFailed";
  readonly code: Code;

  constructor(code: Code, reason: string) {
    super(reason);
    this.code = code;
  }
}
