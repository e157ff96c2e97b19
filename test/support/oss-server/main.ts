// `bun test/support/oss-server/main.ts DIR PORT BUCKET`, with OSS_KEY, OSS_SECRET and OSS_REGION: the test server in a process of its own,
// which can be killed and frozen. It is no object store.
import { startOssServer } from "./server.ts";

const [dir = "", port = "0", bucket = ""] = process.argv.slice(2);
const { OSS_KEY: accessKeyId = "", OSS_SECRET: accessKeySecret = "", OSS_REGION: region = "" } = process.env;
const server = await startOssServer({ dir, port: Number(port), accounts: [{ accessKeyId, accessKeySecret }], region });
await server.makeBucket(bucket);
process.stdout.write(`the OSS test server (no object store) listens on ${server.port}\n`);
