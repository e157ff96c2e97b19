/**
 * The spool: bytes that no object store has confirmed yet, one sparse file per upload and beside it the log of the
 * chunks it holds. Together with the SQL rows it is all the truth there is.
 *
 * ```ts
 * const spool = await folderSpool("./data/spool");
 * await spool.create(id, 20_000_000);
 * await spool.writeChunk({ id, index: 2, offset: 8_388_608, size: 8_388_608, body: freePieces(request.body), signal });
 * const { entries } = await spool.readLog(id); // [{ kind: "received", index: 2, size: 8388608, crc32: … }]
 * ```
 */
export { ChunkCheck } from "./chunk_check.ts";
export { digestsIn } from "./digests_in.ts";
export { freePiece, freePieces } from "./free_pieces.ts";
export { folderSpool, type FolderSpoolOptions } from "./folder.ts";
export { isSameStamp } from "./log_stamp.ts";
export type {
  ChunkAtOnce,
  ChunkRecord,
  ChunkWrite,
  LogEntry,
  Logged,
  LogStamp,
  LogTail,
  NewLog,
  Spool,
  SpoolEntry,
  WrittenChunk,
} from "./port.ts";
export { untilAborted } from "./until_aborted.ts";
