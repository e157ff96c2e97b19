import { type Account, type FileJson, signUp } from "./account.ts";
import { storedFile } from "./chunked.ts";
import { curl } from "./transfer.ts";

/** A file of a new user. */
export interface UploadedFile {
  file: FileJson;
  /** Where it is downloaded. */
  path: string;
  headers: Account["headers"];
}

/** Uploads a file by a form, as a new user, and where it is to go on into the store waits for that. */
export async function uploadFile(url: string, path: string, untilStored = false): Promise<UploadedFile> {
  const account = await signUp(url);
  const { authorization } = account.headers;
  const said = await curl([
    "-H",
    `Authorization: ${authorization}`,
    "-H",
    "Expect:",
    "-F",
    `file=@${path}`,
    `${url}/file/upload`,
  ]);
  const file: FileJson = JSON.parse(said);
  if (untilStored) await storedFile(account, file.id);
  return { file, path: `/file/download?id=${file.id}`, headers: account.headers };
}
