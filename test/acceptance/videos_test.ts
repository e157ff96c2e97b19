import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";

import { bytesOf, type Client, type FileJson, hashOf, until } from "../support/client.ts";
import { hasMediaTools, makeClip, testPicture, wavOf } from "../support/clips.ts";
import { parseByteRanges } from "./byteranges.ts";
import { formOf } from "./form.ts";
import { expectCalled } from "./routes.ts";
import { newName, openTarget, problem, type Target } from "./target.ts";
import {
  type CommentJson,
  commentsOf,
  made,
  publish,
  published,
  remove,
  say,
  send,
  type VideoJson,
  videosOf,
  waiting,
} from "./video_client.ts";

setDefaultTimeout(300_000);

let target: Target;
let alice: Client;
let bob: Client;
beforeAll(async () => {
  target = await openTarget();
  [alice, bob] = [await target.signUp(newName("alice")), await target.signUp(newName("bob"))];
});
afterAll(async () => {
  await target[Symbol.asyncDispose]();
});

const unknown = "01JQ5W4V9M3N8K2X7R6T1Z0YAB";
const watch = (id: string, headers: Record<string, string> = {}, method = "GET") =>
  target.fetch(`/videos/${id}`, { method, headers });
/** For what nginx refuses by itself. */
const gateway = () => target.gateways[0];
const filesOf = async (client: Client) => (await client.json<{ files: FileJson[] }>(200, "/file/query")).files;

describe("publishing", () => {
  test("shows a file of one's own under a title", async () => {
    const bytes = wavOf(100_000);
    const { id: fileId } = await alice.upload("holiday.mp4", bytes);
    const video = await made(publish(alice, { title: "Ünsere Ferien – 假期 🏖️", fileId }));
    expect(video).toMatchObject({ title: "Ünsere Ferien – 假期 🏖️", username: alice.username, state: "ready", fileId });
    expect(Date.parse(video.createdAt)).toBeCloseTo(Date.now(), -5);
    const seen = await target.fetch(`/user/${alice.username}/videos/${video.id}`);
    expect(await seen.json()).toMatchObject({ id: video.id, title: video.title, state: "ready", createdAt: video.createdAt });
    const answer = await watch(video.id);
    expect(answer.headers.get("content-type")).toBe("audio/wav");
    expect(await answer.bytes()).toEqual(bytes);
  });

  test("without a file waits for one, which is sent as a form", async () => {
    const video = await waiting(alice);
    expect(video.state).toBe("waiting");
    expect(video).not.toHaveProperty("fileId");
    await problem(watch(video.id), 404, "not-found");
    const bytes = wavOf(3_000_001);
    const filled = await made(send(alice, video.id, bytes, "party.wav"));
    const { fileId = "" } = filled;
    expect(filled).toMatchObject({ id: video.id, title: video.title, state: "ready" });
    expect(hashOf("sha1", await (await watch(video.id)).bytes())).toBe(hashOf("sha1", bytes));
    // It is a file as any other.
    expect(await alice.json(200, `/file/query?id=${fileId}`)).toMatchObject({ name: "party.wav", size: bytes.length });
  });

  test("takes the file of a video once, and of several senders one", async () => {
    const { id } = await waiting(alice);
    const before = (await filesOf(alice)).length;
    const answers = await Promise.all([1, 2, 3].map((n) => send(alice, id, wavOf(50_000, `race ${n}`))));
    expect(answers.map(({ status }) => status).toSorted()).toEqual([201, 400, 400]);
    expect(await filesOf(alice)).toHaveLength(before + 1);
    await problem(send(alice, id, wavOf(50_000)), 400, "invalid-request");
    expect(await filesOf(alice)).toHaveLength(before + 1);
  });

  test("refuses what is no media, whatever it is called, and keeps nothing of it", async () => {
    const page = new TextEncoder().encode("<!doctype html><script>alert(1)</script>");
    const { id: fileId } = await alice.upload("film.mp4", page);
    await problem(publish(alice, { title: "A film", fileId }), 400, "invalid-request");
    const empty = await alice.upload("empty.mp4", new Uint8Array());
    await problem(publish(alice, { title: "A film", fileId: empty.id }), 400, "invalid-request");
    const before = (await filesOf(alice)).length;
    const { id } = await waiting(alice);
    for (const bytes of [page, new Uint8Array(), bytesOf(300_000)])
      await problem(send(alice, id, bytes, "film.mp4"), 400, "invalid-request");
    expect(await filesOf(alice)).toHaveLength(before);
    // It still waits.
    expect((await send(alice, id, wavOf(1000))).status).toBe(201);
  });

  test("wants one file in the form", async () => {
    const { id } = await waiting(alice);
    const two = formOf(["a.wav", wavOf(1000)], ["b.wav", wavOf(1001)]);
    await problem(alice.fetch(`/upload/${id}`, two), 400, "invalid-request");
    await problem(alice.fetch(`/upload/${id}`, formOf()), 400, "invalid-request");
    await problem(alice.fetch(`/upload/${id}`, { method: "POST", json: {} }), 400, "invalid-request");
    const wrong = new FormData();
    wrong.append("video", new Blob([wavOf(1000)]), "a.wav");
    await problem(alice.fetch(`/upload/${id}`, { method: "POST", body: wrong }), 400, "invalid-request");
    const seen = await target.fetch(`/user/${alice.username}/videos/${id}`);
    expect(await seen.json()).toMatchObject({ state: "waiting" });
  });

  test("is for one's own name, and one's own files", async () => {
    const { id: fileId } = await alice.upload("mine.wav", wavOf(1000));
    await problem(publish(bob, { title: "Mine", fileId }, alice.username), 403, "forbidden");
    await problem(publish(bob, { title: "Mine", fileId }), 404, "not-found");
    await problem(publish(bob, { title: "Mine", fileId: unknown }), 404, "not-found");
    await problem(publish(bob, { title: "Mine" }, newName("nobody")), 403, "forbidden");
    const { id } = await waiting(alice);
    await problem(send(bob, id, wavOf(1000)), 403, "forbidden");
    await problem(send(bob, unknown, wavOf(1000)), 404, "not-found");
    await problem(target.fetch(`/user/${alice.username}/videos`, { method: "POST", json: { title: "x" } }), 401, "unauthorized");
    await problem(target.fetch(`/upload/${id}`, formOf(["a.wav", wavOf(1000)])), 401, "unauthorized");
  });

  test.each([
    ["no title", {}],
    ["an empty title", { title: "" }],
    ["a blank title", { title: " \u3000 " }],
    ["a title too long", { title: "x".repeat(201) }],
    ["a title too long, of two units each", { title: "😀".repeat(201) }],
    ["a line break", { title: "a\nb" }],
    ["a NUL", { title: "a\0b" }],
    ["what turns it around", { title: "a\u202Eb" }],
    ["half a character", { title: "a\uD800" }],
    ["a number", { title: 7 }],
    ["a field too many", { title: "a", state: "ready" }],
    ["an empty file", { title: "a", fileId: "" }],
    ["no object", []],
  ])("refuses %s", async (_, body) => {
    await problem(publish(alice, body), 400, "invalid-request");
  });

  test.each([
    "a",
    "x".repeat(200),
    "😀".repeat(200),
    "a/b\\c",
    "日本語の動画",
    "فيديو",
    "<script>alert(1)</script>",
    "'; DROP TABLE videos; --",
  ])("takes the title %s", async (title) => {
    const { id } = await made(publish(alice, { title }));
    expect(await (await target.fetch(`/user/${alice.username}/videos/${id}`)).json()).toMatchObject({ title });
  });

  test("keeps to VIDEO_MAX_BYTES and to the quota", async () => {
    await using small = await openTarget({ VIDEO_MAX_BYTES: "1MiB", USER_QUOTA_BYTES: "1500000" });
    const carol = await small.signUp();
    const { id } = await waiting(carol);
    await problem(send(carol, id, wavOf(1024 * 1024 + 1)), 413, "too-large");
    await problem(send(carol, id, wavOf(4 * 1024 * 1024)), 413, "too-large");
    expect((await send(carol, id, wavOf(1024 * 1024))).status).toBe(201);
    const { id: second } = await waiting(carol);
    await problem(send(carol, second, wavOf(1024 * 1024 - 1)), 507, "no-space");
    expect(await filesOf(carol)).toHaveLength(1);
  });
});

describe("listing", () => {
  test("gives pages, newest first, to anybody", async () => {
    const carol = await target.signUp();
    const titles = Array.from({ length: 7 }, (_, i) => `video ${i}`);
    for (const title of titles) await waiting(carol, title);
    const seen: string[] = [];
    let cursor = "";
    do {
      const page = await videosOf(target, carol.username, `?limit=3${cursor}`);
      expect(page.videos.length).toBeLessThanOrEqual(3);
      seen.push(...page.videos.map(({ title }) => title));
      cursor = page.next === null ? "" : `&cursor=${page.next}`;
    } while (cursor !== "");
    expect(seen).toEqual(titles.toReversed());
    // A name is one name in any spelling.
    expect((await videosOf(target, carol.username.toUpperCase())).videos).toHaveLength(7);
  });

  test("tells nothing of a name that nobody has", async () => {
    expect(await videosOf(target, newName("nobody"))).toEqual({ videos: [], next: null });
    expect(await videosOf(target, bob.username)).toEqual({ videos: [], next: null });
  });

  test.each(["?limit=0", "?limit=201", "?limit=x", "?limit=1.5", "?cursor=x", "?cursor=", "?limit=-1"])(
    "refuses %s",
    async (query) => {
      await problem(target.fetch(`/user/${alice.username}/videos${query}`), 400, "invalid-request");
      const { id } = await waiting(alice);
      await problem(target.fetch(`/videos/${id}/comments${query}`), 400, "invalid-request");
    },
  );

  test("gives one video under its owner's name alone", async () => {
    const { id } = await waiting(alice);
    await problem(target.fetch(`/user/${bob.username}/videos/${id}`), 404, "not-found");
    await problem(target.fetch(`/user/${newName("nobody")}/videos/${id}`), 404, "not-found");
    for (const wrong of [unknown, "x", "..%2f", "'"])
      await problem(target.fetch(`/user/${alice.username}/videos/${wrong}`), 404, "not-found");
    await problem(fetch(`${gateway()}/user/${alice.username}/videos/%00`), 404, "not-found");
  });
});

describe("watching", () => {
  const bytes = wavOf(1_000_003, "watched");
  let video: VideoJson;
  beforeAll(async () => {
    video = await published(alice, bytes);
  });
  const etag = () => `"${hashOf("sha1", bytes)}"`;

  test("gives the whole, to be shown in place and never to be run", async () => {
    const answer = await watch(video.id);
    expect(answer.status).toBe(200);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      "content-type": "audio/wav",
      "content-disposition": expect.stringMatching(/^inline\b/),
      "accept-ranges": "bytes",
      etag: etag(),
      "x-content-type-options": "nosniff",
      "content-security-policy": expect.stringMatching(/^sandbox allow-same-origin; default-src 'none'/),
    });
    expect(await answer.bytes()).toEqual(bytes);
  });

  test("tells the same to HEAD, and sends nothing", async () => {
    const answer = await watch(video.id, {}, "HEAD");
    expect(answer.status).toBe(200);
    expect(answer.headers.get("content-length")).toBe(String(bytes.length));
    expect(answer.headers.get("content-type")).toBe("audio/wav");
    expect(await answer.bytes()).toHaveLength(0);
  });

  test.each([
    ["bytes=0-0", 0, 1],
    ["bytes=0-99", 0, 100],
    ["bytes=500000-", 500_000, 1_000_003],
    ["bytes=-5", 999_998, 1_000_003],
    ["bytes=1000002-2000000", 1_000_002, 1_000_003],
  ])("gives the range %s", async (range, from, to) => {
    const answer = await watch(video.id, { range });
    expect(answer.status).toBe(206);
    expect(answer.headers.get("content-range")).toBe(`bytes ${from}-${to - 1}/${bytes.length}`);
    expect(answer.headers.get("content-type")).toBe("audio/wav");
    if (to - from < 1000) expect(answer.headers.get("content-length")).toBe(String(to - from));
    expect(Buffer.compare(await answer.bytes(), bytes.subarray(from, to))).toBe(0);
  });

  test("gives several ranges in one answer", async () => {
    const answer = await watch(video.id, { range: "bytes=0-9,1000-1009,-7" });
    expect(answer.status).toBe(206);
    const parts = parseByteRanges(answer.headers.get("content-type") ?? "", await answer.bytes());
    expect(parts.map(({ bytes }) => Buffer.from(bytes).toString("hex"))).toEqual(
      [bytes.subarray(0, 10), bytes.subarray(1000, 1010), bytes.subarray(-7)].map((b) => Buffer.from(b).toString("hex")),
    );
    expect(parts.every(({ headers }) => headers.get("content-type") === "audio/wav")).toBe(true);
  });

  test.each(["bytes=1000003-", "bytes=9999999-99999999", "bytes=-0"])("refuses the range %s", async (range) => {
    const answer = await watch(video.id, { range });
    expect(answer.headers.get("content-range")).toBe(`bytes */${bytes.length}`);
    await problem(answer, 416, "range-not-satisfiable");
  });

  test.each(["bytes=5-2", "bytes=x", "lines=0-1", "bytes="])("gives the whole for the range %s, which is none", async (range) => {
    const answer = await watch(video.id, { range });
    expect(answer.status).toBe(200);
    expect((await answer.bytes()).length).toBe(bytes.length);
  });

  test("minds If-Range and If-None-Match", async () => {
    const range = "bytes=0-9";
    expect((await watch(video.id, { range, "if-range": etag() })).status).toBe(206);
    const changed = await watch(video.id, { range, "if-range": '"another"' });
    expect(changed.status).toBe(200);
    await changed.bytes();
    const same = await watch(video.id, { "if-none-match": etag() });
    expect(same.status).toBe(304);
    expect(await same.bytes()).toHaveLength(0);
    await problem(watch(video.id, { "if-match": '"another"' }), 412, "precondition-failed");
  });

  test("of what is not there is 404", async () => {
    for (const path of ["", "/comments", "/poster"]) {
      for (const id of ["%00", "..%2f..%2fetc%2fpasswd"])
        await problem(fetch(`${gateway()}/videos/${id}${path}`), 404, "not-found");
    }
    for (const id of [unknown, "x"]) {
      await problem(watch(id), 404, "not-found");
      await problem(target.fetch(`/videos/${id}/comments`), 404, "not-found");
      await problem(target.fetch(`/videos/${id}/poster`), 404, "not-found");
    }
    expect((await watch(unknown, {}, "HEAD")).status).toBe(404);
  });

  test("takes no other method", async () => {
    const answer = await target.fetch(`/videos/${video.id}`, { method: "PUT", body: "x" });
    expect(answer.headers.get("allow")).toContain("GET");
    await problem(answer, 405, "method-not-allowed");
  });
});

describe("commenting", () => {
  let video: VideoJson;
  beforeAll(async () => {
    video = await published(alice, wavOf(1000, "commented"));
  });

  test("anybody who is signed in may, and everybody reads it, newest first", async () => {
    const words = ["first", "第二条评论 🎬", "<script>alert(1)</script>", "two\nlines\tand a tab", "'; DROP TABLE comments; --"];
    const before = Date.now();
    for (const [i, content] of words.entries()) {
      const author = i % 2 === 0 ? alice : bob;
      const comment = await made<CommentJson>(say(author, video.id, content));
      expect(comment).toEqual({
        id: expect.stringMatching(/\S/),
        videoId: video.id,
        author: author.username,
        content,
        createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      });
      expect(Math.abs(Date.parse(comment.createdAt) - before)).toBeLessThan(60_000);
    }
    const { comments, next } = await commentsOf(target, video.id);
    expect(comments.map(({ content }) => content)).toEqual(words.toReversed());
    expect(next).toBeNull();
  });

  test("is read in pages", async () => {
    const { id } = await waiting(alice);
    const words = Array.from({ length: 11 }, (_, i) => `comment ${i}`);
    for (const content of words) await made(say(bob, id, content));
    const seen: string[] = [];
    let cursor = "";
    do {
      const page = await commentsOf(target, id, `?limit=4${cursor}`);
      seen.push(...page.comments.map(({ content }) => content));
      cursor = page.next === null ? "" : `&cursor=${page.next}`;
      // What comes in meanwhile does not move what is read.
      await made(say(alice, id, "meanwhile"));
    } while (cursor !== "");
    expect(seen).toEqual(words.toReversed());
  });

  test.each([
    ["nothing", ""],
    ["blanks", " \n\t "],
    ["too much", "x".repeat(2001)],
    ["too much, of two units each", "😀".repeat(2001)],
    ["a NUL", "a\0b"],
    ["an escape", "\u001b[31m"],
    ["half a character", "\uDC00"],
    ["a number", 5],
    ["none", undefined],
  ])("refuses %s", async (_, content) => {
    await problem(say(alice, video.id, content), 400, "invalid-request");
  });

  test.each(["x", "x".repeat(2000), "😀".repeat(2000), "ا".repeat(2000), "e\u0301"])("takes %p as it is", async (content) => {
    const comment = await made<CommentJson>(say(bob, video.id, content));
    expect(comment.content).toBe(content);
    const { comments } = await commentsOf(target, video.id, "?limit=1");
    expect(comments[0]?.content).toBe(content);
  });

  test("needs a token and a video", async () => {
    await problem(target.fetch(`/videos/${video.id}/comments`, { method: "POST", json: { content: "x" } }), 401, "unauthorized");
    await problem(say(alice, unknown, "x"), 404, "not-found");
  });

  test.each(["DELETE", "POST"])("its author and the video's owner take it back, nobody else (%s)", async (method) => {
    const carol = await target.signUp();
    const take = (client: Pick<Client, "fetch">, videoId: string, id: string) =>
      client.fetch(`/videos/${videoId}/comments/${id}`, { method });
    const [one, two] = [await made<CommentJson>(say(bob, video.id, "one")), await made<CommentJson>(say(bob, video.id, "two"))];
    const own = await made<CommentJson>(say(alice, video.id, "mine"));
    await problem(take(carol, video.id, one.id), 403, "forbidden");
    await problem(take(bob, video.id, own.id), 403, "forbidden");
    await problem(target.fetch(`/videos/${video.id}/comments/${one.id}`, { method }), 401, "unauthorized");
    const other = await waiting(bob);
    await problem(take(bob, other.id, one.id), 404, "not-found");
    await problem(take(bob, video.id, unknown), 404, "not-found");
    await problem(take(bob, unknown, one.id), 404, "not-found");
    expect((await take(bob, video.id, one.id)).status).toBe(204);
    expect((await take(alice, video.id, two.id)).status).toBe(204);
    await problem(take(bob, video.id, one.id), 404, "not-found");
    const { comments } = await commentsOf(target, video.id, "?limit=200");
    const ids = comments.map(({ id }) => id);
    expect(ids).toContain(own.id);
    expect(ids).not.toContain(one.id);
    expect(ids).not.toContain(two.id);
  });
});

describe("deleting", () => {
  const expectGone = async (owner: string, id: string) => {
    await problem(watch(id), 404, "not-found");
    await problem(target.fetch(`/user/${owner}/videos/${id}`), 404, "not-found");
    await problem(target.fetch(`/videos/${id}/comments`), 404, "not-found");
    await problem(target.fetch(`/videos/${id}/poster`), 404, "not-found");
    await problem(say(bob, id, "late"), 404, "not-found");
    expect((await videosOf(target, owner, "?limit=200")).videos.map((video) => video.id)).not.toContain(id);
  };

  test("ends the video at once, and leaves the file that it showed", async () => {
    const bytes = wavOf(20_000, "kept");
    const { id: fileId } = await alice.upload("kept.wav", bytes);
    const [one, two] = [await made(publish(alice, { title: "1", fileId })), await made(publish(alice, { title: "2", fileId }))];
    await made(say(bob, one.id, "nice"));
    expect((await remove(alice, one.id)).status).toBe(204);
    await expectGone(alice.username, one.id);
    await problem(remove(alice, one.id), 404, "not-found");
    expect(await alice.download(fileId)).toEqual(bytes);
    expect(await (await watch(two.id)).bytes()).toEqual(bytes);
  });

  test("takes the file along that was sent for it, unless another video shows that", async () => {
    const carol = await target.signUp();
    const first = await waiting(carol);
    const { fileId } = await made(send(carol, first.id, wavOf(20_000, "own")));
    const second = await made(publish(carol, { title: "the same", fileId }));
    expect((await remove(carol, first.id)).status).toBe(204);
    expect((await filesOf(carol)).map(({ id }) => id)).toEqual([fileId ?? ""]);
    expect((await watch(second.id)).status).toBe(200);
    const alone = await waiting(carol);
    await made(send(carol, alone.id, wavOf(20_000, "alone")));
    expect(await filesOf(carol)).toHaveLength(2);
    expect((await remove(carol, alone.id)).status).toBe(204);
    expect((await filesOf(carol)).map(({ id }) => id)).toEqual([fileId ?? ""]);
    expect(await carol.json(200, `/user/${carol.username}`)).toMatchObject({ files: 1 });
  });

  test("a file ends the videos that show it", async () => {
    const video = await published(alice, wavOf(1000, "file first"));
    await alice.fetch("/file/delete", { method: "POST", json: { id: video.fileId } });
    await expectGone(alice.username, video.id);
  });

  test("an account ends its videos, and takes its comments along", async () => {
    const carol = await target.signUp();
    const video = await published(carol, wavOf(1000, "account"));
    const other = await waiting(alice);
    await made(say(carol, other.id, "from carol"));
    expect((await carol.fetch(`/user/${carol.username}`, { method: "DELETE" })).status).toBe(204);
    await expectGone(carol.username, video.id);
    expect((await commentsOf(target, other.id)).comments).toEqual([]);
  });

  test("is for its owner", async () => {
    const { id } = await waiting(alice);
    await problem(remove(bob, id, alice.username), 403, "forbidden");
    await problem(remove(bob, id), 404, "not-found");
    await problem(remove(alice, unknown), 404, "not-found");
    await problem(target.fetch(`/user/${alice.username}/videos/${id}`, { method: "DELETE" }), 401, "unauthorized");
    expect((await target.fetch(`/user/${alice.username}/videos/${id}`)).status).toBe(200);
  });

  test("of several at once one is told that it did", async () => {
    const { id } = await waiting(alice);
    const answers = await Promise.all([1, 2, 3, 4].map(() => remove(alice, id)));
    expect(answers.map(({ status }) => status).toSorted()).toEqual([204, 404, 404, 404]);
  });
});

describe.skipIf(!hasMediaTools)("what the tools see", () => {
  const probed = (owner: string, id: string) =>
    until(
      async () => (await (await target.fetch(`/user/${owner}/videos/${id}`)).json()) as VideoJson,
      (video) => video.duration !== undefined,
      30_000,
    );

  test.each([
    ["webm", ["-c:v", "libvpx"]],
    // Its index stands at the end.
    ["mp4", ["-c:v", "mpeg4"]],
  ])("is told of a %s: duration, size and a poster", async (extension, codec) => {
    const clip = await makeClip(extension, ...testPicture(3, "320x240"), ...codec);
    const { id } = await published(alice, clip);
    const { duration, width, height, poster } = await probed(alice.username, id);
    expect({ duration: Math.round(duration ?? 0), width, height }).toEqual({ duration: 3, width: 320, height: 240 });
    const answer = await target.fetch(poster ?? "");
    expect(answer.headers.get("content-type")).toBe("image/jpeg");
    const jpeg = await answer.bytes();
    expect(Buffer.from(jpeg.subarray(0, 2)).toString("hex")).toBe("ffd8");
    expect(jpeg.length).toBeGreaterThan(1000);
  });

  test("has no poster of a sound", async () => {
    const { id } = await published(alice, wavOf(16_044));
    const video = await probed(alice.username, id);
    expect(video.duration).toBeCloseTo(2, 1);
    expect(video).not.toHaveProperty("poster");
    await problem(target.fetch(`/videos/${id}/poster`), 404, "not-found");
  });

  test("other programs read ranges of it: ffprobe and curl", async () => {
    const clip = await makeClip("mp4", ...testPicture(3), "-c:v", "mpeg4");
    const { id } = await published(alice, clip);
    const url = `${target.url}/videos/${id}`;
    const seen = Bun.spawnSync(["ffprobe", "-v", "error", "-show_entries", "format=duration", "-of", "csv=p=0", url], {
      timeout: 30_000,
    });
    expect(Number(seen.stdout.toString())).toBeCloseTo(3, 0);
    const last = Bun.spawn(["curl", "-sf", "-r", "-100", url], { timeout: 30_000 });
    expect(Buffer.from(await last.stdout.bytes()).equals(Buffer.from(clip.subarray(-100)))).toBe(true);
  });
});

test("asks for every route of videos, and gets only answers that the document lists", async () => {
  await expectCalled(target, "videos");
});
