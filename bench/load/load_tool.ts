import type { LoadJob, LoadResult } from "./load_job.ts";

/** A client that loads a server, in a process of its own. */
export interface LoadTool extends AsyncDisposable {
  name: string;
  /** Does one job at a time. What went wrong with the answers is told in the result. @throws {Error} when the tool itself fails. */
  run(job: LoadJob): Promise<LoadResult>;
}
