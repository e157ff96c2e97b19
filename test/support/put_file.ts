// `bun test/support/put_file.ts KEY PATH`, with STORE_URL: puts a file as the push worker does, in a process that can be killed.
import { openStore } from "#lib/store/mod.ts";

const [key = "", path = ""] = process.argv.slice(2);
const store = await openStore({ url: process.env["STORE_URL"], dataDir: "." });
process.stdout.write("putting\n");
const hasher = new Bun.CryptoHasher("sha256");
for await (const piece of Bun.file(path).stream()) hasher.update(piece);
const source = { path, size: Bun.file(path).size, sha256: hasher.digest("hex") };
await store.put(key, source, new AbortController().signal);
process.stdout.write("done\n");
await store.close();
