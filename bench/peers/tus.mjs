// @tus/server with its file store, on Bun or on Node.js 20, which runs no TypeScript: hence .mjs. Takes its folder.
import { FileStore } from "@tus/file-store";
import { Server } from "@tus/server";

const server = new Server({ path: "/files", datastore: new FileStore({ directory: process.argv[2] }) });
const listener = server.listen({ host: "127.0.0.1", port: 0 }, () => {
  process.stdout.write(`tus listens on http://127.0.0.1:${listener.address().port}\n`);
});
