import { systemCode } from "../../errors/mod.ts";
import { wrongUrl } from "./store_url.ts";

/** The certificates (PEM) that a store's URL says are to be trusted, if it does. @throws {AppError} `invalid-request`. */
export async function readCa({ caFile }: { caFile?: string | undefined }): Promise<string | undefined> {
  if (caFile === undefined) return undefined;
  try {
    return await Bun.file(caFile).text();
  } catch (error) {
    throw wrongUrl(`caFile ${caFile} cannot be read: ${systemCode(error) ?? "not a file"}`, error);
  }
}
