import { openRecency } from "#lib/recency/mod.ts";

// Asks about one user again and again, and writes each answer with its time: `bun test/support/ask_recency.ts USER WINDOW_MS`.

const [userId = "", windowMs] = process.argv.slice(2);
const recency = await openRecency({ url: process.env["REDIS_URL"], onError: () => {}, windowMs: Number(windowMs) });
for (;;) {
  const isRecent = await recency.isRecent(userId);
  process.stdout.write(`${Date.now()} ${isRecent ? "recent" : "not recent"}\n`);
  await Bun.sleep(1);
}
