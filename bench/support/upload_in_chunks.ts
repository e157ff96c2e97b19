import { stat } from "node:fs/promises";

import { signUp } from "./account.ts";
import { doneFile } from "./chunked.ts";
import type { UploadedFile } from "./upload_file.ts";

/** Uploads a file chunk by chunk, as a new user, and waits until it is verified. */
export async function uploadInChunks(url: string, path: string): Promise<UploadedFile> {
  const account = await signUp(url);
  const { size } = await stat(path);
  const { uploadId, chunkSize } = await account.json<{ uploadId: string; chunkSize: number }>(
    201,
    "POST",
    "/file/mpupload/init",
    { name: "bench.bin", size },
  );
  for (let index = 1; (index - 1) * chunkSize < size; index++) {
    const body = Bun.file(path).slice((index - 1) * chunkSize, Math.min(index * chunkSize, size));
    const part = `${url}/file/mpupload/uppart?uploadid=${uploadId}&index=${index}`;
    const answer = await fetch(part, { method: "PUT", headers: account.headers, body });
    if (!answer.ok) throw new Error(`chunk ${index} was answered ${answer.status}: ${await answer.text()}`);
    await answer.body?.cancel();
  }
  await account.json(202, "POST", "/file/mpupload/complete", { uploadId });
  const file = await doneFile(account, uploadId);
  return { file, path: `/file/download?id=${file.id}`, headers: account.headers };
}
