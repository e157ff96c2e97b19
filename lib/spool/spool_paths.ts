import { isId } from "../id/mod.ts";

/** Where the files of one upload lie. */
export interface SpoolPaths {
  data: string;
  log: string;
}

/**
 * @param root as `resolve` gives it.
 * @throws {RangeError} when `id` does not have the shape of an id, and so might lead out of the folder.
 */
export function spoolPaths(root: string, id: string): SpoolPaths {
  if (!isId(id)) throw new RangeError(`"${id}" is not the id of a spool file`);
  return { data: `${root}/${id}.data`, log: `${root}/${id}.log` };
}
