import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";

import { bytesOf, type Client, type FileJson, hashOf, until } from "../support/client.ts";
import { expectCalled } from "./routes.ts";
import {
  end,
  fetchShare,
  filesOf,
  open,
  type OwnShareJson,
  save,
  seen,
  share,
  shared,
  type ShareJson,
  sharesOf,
} from "./share_client.ts";
import { newName, openTarget, problem, type Target } from "./target.ts";
import { made } from "./video_client.ts";

setDefaultTimeout(300_000);

let target: Target;
let alice: Client;
let bob: Client;
let carol: Client;
beforeAll(async () => {
  target = await openTarget();
  [alice, bob, carol] = [
    await target.signUp(newName("alice")),
    await target.signUp(newName("bob")),
    await target.signUp(newName("carol")),
  ];
});
afterAll(async () => {
  await target[Symbol.asyncDispose]();
});

const unknown = "22222222222222";
const bytes = bytesOf(300_007, "shared");
const expectGone = async (code: string) => {
  for (const asker of [target, alice, bob]) {
    await problem(open(asker, code), 404, "not-found");
    await problem(fetchShare(asker, code), 404, "not-found");
  }
  await problem(save(bob, code), 404, "not-found");
};

describe("sharing", () => {
  test("gives a code and a page's URL, by which anybody sees and gets the file", async () => {
    const file = await alice.upload("Ünsere Ferien – 假期.pdf", bytes);
    const own = await made<OwnShareJson>(share(alice, { fileId: file.id }));
    expect(own).toMatchObject({
      name: "Ünsere Ferien – 假期.pdf",
      size: bytes.length,
      username: alice.username,
      fileId: file.id,
      hasPassword: false,
      listed: false,
      with: null,
      expiresAt: null,
      maxDownloads: null,
      downloads: 0,
      views: 0,
    });
    expect(own.code).toMatch(/^[2-9a-hjkmnp-z]{14}$/);
    expect(new URL(own.url).pathname).toBe(`/s/${own.code}`);
    const share1 = await seen(open(target, own.code));
    expect(share1).toMatchObject({ code: own.code, url: own.url, name: own.name, size: own.size, mime: "application/pdf" });
    for (const hidden of ["fileId", "with", "listed", "passwordHash", "sha1"]) expect(share1).not.toHaveProperty(hidden);
    const answer = await fetchShare(target, own.code);
    expect(answer.status).toBe(200);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      etag: `"${file.sha1}"`,
      "accept-ranges": "bytes",
      "content-type": "application/pdf",
      "content-disposition": expect.stringContaining("attachment"),
      "x-content-type-options": "nosniff",
    });
    expect(hashOf("sha1", await answer.bytes())).toBe(file.sha1);
    // As good as the password: kept nowhere.
    expect((await open(target, own.code)).headers.get("cache-control")).toBe("no-store");
  });

  test("of a file goes on under its new name", async () => {
    const own = await shared(alice, bytes);
    await alice.json(200, "/file/update", { method: "POST", json: { id: own.fileId, name: `renamed ${own.code}` } });
    expect(await seen(open(target, own.code))).toMatchObject({ name: `renamed ${own.code}` });
    const disposition = (await fetchShare(target, own.code, {}, "HEAD")).headers.get("content-disposition");
    expect(disposition).toContain(`renamed ${own.code}`);
  });

  test("is for one's own files", async () => {
    const { id: fileId } = await alice.upload("mine.bin", bytes);
    await problem(share(bob, { fileId }), 404, "not-found");
    await problem(share(bob, { fileId: "01JQ5W4V9M3N8K2X7R6T1Z0YAB" }), 404, "not-found");
    await problem(target.fetch("/share", { method: "POST", json: { fileId } }), 401, "unauthorized");
    await alice.fetch("/file/delete", { method: "POST", json: { id: fileId } });
    await problem(share(alice, { fileId }), 404, "not-found");
  });

  test.each([
    ["no file", {}],
    ["an empty file", { fileId: "" }],
    ["a number for a file", { fileId: 7 }],
    ["an empty password", { password: "" }],
    ["a password too long", { password: "x".repeat(257) }],
    ["a number for a password", { password: 1234 }],
    ["half a character", { password: "a\uD800" }],
    ["no time at all", { expiresIn: 0 }],
    ["half a second", { expiresIn: 0.5 }],
    ["a time ago", { expiresIn: -1 }],
    ["a time past all times", { expiresIn: 1e12 }],
    ["a word for a time", { expiresIn: "1h" }],
    ["no download", { maxDownloads: 0 }],
    ["half a download", { maxDownloads: 1.5 }],
    ["downloads without number", { maxDownloads: 1e12 }],
    ["a word for a yes", { listed: "yes" }],
    ["a list of friends", { with: ["bob"] }],
    ["oneself", { with: "SELF" }],
    ["one alone, and everybody", { with: "BOB", listed: true }],
    ["a field too many", { views: 7 }],
    ["null", { password: null }],
    ["no object", []],
  ])("refuses %s", async (_, body) => {
    const { id: fileId } = await alice.upload("refused.bin", bytes);
    const names: Record<string, string> = { SELF: alice.username, BOB: bob.username };
    const asked = Array.isArray(body) || Object.keys(body).length === 0 ? body : { fileId, ...body };
    const json: unknown = JSON.parse(JSON.stringify(asked).replaceAll(/SELF|BOB/g, (name) => names[name] ?? ""));
    const sent = "password" in asked && asked.password === "a\uD800" ? asked : json;
    await problem(share(alice, sent), 400, "invalid-request");
  });

  test("wants a friend that there is", async () => {
    const { id: fileId } = await alice.upload("for nobody.bin", bytes);
    for (const name of [newName("nobody"), "", "a b", "../x"])
      await problem(share(alice, { fileId, with: name }), 404, "not-found");
  });
});

describe("a password", () => {
  test.each(["open sesame", "x", "пароль 密码 🔑", "100% + ü", " a ", "p".repeat(256), "%41"])(
    "%s lets in, and nothing else does",
    async (password) => {
      const { code } = await shared(alice, bytes, { password });
      for (const asker of [target, bob]) {
        await problem(open(asker, code), 401, "password-required");
        await problem(fetchShare(asker, code), 401, "password-required");
      }
      await problem(save(bob, code), 401, "password-required");
      await problem(open(target, code, `${password}x`), 401, "password-required");
      const opened = await seen(open(target, code, password));
      expect(opened).toMatchObject({ size: bytes.length, hasPassword: true });
      const header = { "x-share-password": encodeURIComponent(password) };
      expect((await fetchShare(target, code, header)).status).toBe(200);
      expect((await made<FileJson>(save(bob, code, password))).sha1).toBe(hashOf("sha1", bytes));
    },
  );

  test("is not asked of the owner", async () => {
    const { code } = await shared(alice, bytes, { password: "secret" });
    expect((await seen(open(alice, code))).size).toBe(bytes.length);
    expect((await fetchShare(alice, code)).status).toBe(200);
  });

  test("may be sent as it is where it is Latin", async () => {
    const { code } = await shared(alice, bytes, { password: "100%" });
    expect((await target.fetch(`/share/${code}`, { headers: { "x-share-password": "100%" } })).status).toBe(200);
    const child = Bun.spawn([
      "curl",
      "-s",
      "-H",
      "X-Share-Password: пароль",
      `${target.url}/share/${(await shared(alice, bytes, { password: "пароль" })).code}`,
    ]);
    expect(JSON.parse(await child.stdout.text())).toMatchObject({ hasPassword: true });
  });

  test("cannot be tried for long, and the right one is refused with the wrong ones", async () => {
    const { code } = await shared(alice, bytes, { password: "secret" });
    const other = await shared(alice, bytes, { password: "secret" });
    const statuses = [];
    for (let i = 0; i < 7; i++) statuses.push((await open(target, code, `guess ${i}`)).status);
    expect(statuses.slice(0, 5)).toEqual([401, 401, 401, 401, 401]);
    expect(statuses.at(-1)).toBe(429);
    const refused = await open(target, code, "secret");
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
    await problem(refused, 429, "too-many-attempts");
    await problem(fetchShare(target, code, { "x-share-password": "secret" }), 429, "too-many-attempts");
    // Another share is not touched, nor who needs no password.
    expect((await open(target, other.code, "secret")).status).toBe(200);
    expect((await open(alice, code)).status).toBe(200);
  });

  test("gives a URL that needs none, for this share alone and for its time", async () => {
    const { code } = await shared(alice, bytes, { password: "secret" });
    const other = await shared(alice, bytes, { password: "secret" });
    const { downloadUrl, downloadUrlExpiresAt } = await seen(open(target, code, "secret"));
    expect(Date.parse(downloadUrlExpiresAt)).toBeGreaterThan(Date.now());
    expect(hashOf("sha1", await (await fetch(downloadUrl)).bytes())).toBe(hashOf("sha1", bytes));
    const { pathname, search, searchParams } = new URL(downloadUrl);
    await problem(target.fetch(`/share/${other.code}/download${search}`), 401, "bad-signature");
    await problem(target.fetch(`${pathname}${search}x`), 401, "bad-signature");
    await problem(
      target.fetch(`${pathname}?expires=${Number(searchParams.get("expires")) + 1}&signature=${searchParams.get("signature")}`),
      401,
      "bad-signature",
    );
    // Nor is a file's signature one of a share.
    const file = await alice.json<{ url: string }>(200, `/file/downloadurl?id=${other.fileId}`);
    await problem(target.fetch(`/share/${other.code}/download${new URL(file.url).search}`), 401, "bad-signature");
  });
});

describe("downloads", () => {
  test("have ranges and conditions as those of files", async () => {
    const { code, fileId } = await shared(alice, bytes);
    const { sha1 } = await alice.json<FileJson>(200, `/file/query?id=${fileId}`);
    const range = await fetchShare(target, code, { range: "bytes=1000-1999" });
    expect([range.status, range.headers.get("content-range")]).toEqual([206, `bytes 1000-1999/${bytes.length}`]);
    expect(Buffer.compare(await range.bytes(), bytes.subarray(1000, 2000))).toBe(0);
    expect((await fetchShare(target, code, { "if-none-match": `"${sha1}"` })).status).toBe(304);
    await problem(fetchShare(target, code, { "if-match": '"x"' }), 412, "precondition-failed");
    await problem(fetchShare(target, code, { range: "bytes=400000-" }), 416, "range-not-satisfiable");
    const head = await fetchShare(target, code, {}, "HEAD");
    expect([head.status, head.headers.get("content-length"), (await head.bytes()).length]).toEqual([
      200,
      String(bytes.length),
      0,
    ]);
    // Of all these only nothing began a download.
    expect(await seen(open(target, code))).toMatchObject({ downloads: 0 });
    await (await fetchShare(target, code)).bytes();
    await (await fetchShare(target, code, { range: "bytes=0-9" })).bytes();
    expect(await seen(open(target, code))).toMatchObject({ downloads: 2 });
  });

  test("are as many as may be, however many ask at once", async () => {
    const { code } = await shared(alice, bytes, { maxDownloads: 3 });
    const answers = await Promise.all(Array.from({ length: 24 }, () => fetchShare(target, code)));
    const statuses = answers.map(({ status }) => status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(3);
    expect(statuses.filter((status) => status === 410)).toHaveLength(21);
    for (const answer of answers.filter(({ status }) => status === 200))
      expect(hashOf("sha1", await answer.bytes())).toBe(hashOf("sha1", bytes));
    await problem(fetchShare(target, code), 410, "share-expired");
    await problem(save(bob, code), 410, "share-expired");
    // It still can be seen, and asked for without its bytes.
    expect(await seen(open(target, code))).toMatchObject({ downloads: 3, maxDownloads: 3 });
    expect((await fetchShare(target, code, {}, "HEAD")).status).toBe(200);
  });

  test("that go on are no new ones, and the rest of a file is not to be had without its beginning", async () => {
    const { code } = await shared(alice, bytes, { maxDownloads: 2 });
    const part = async (range: string) => {
      const answer = await fetchShare(target, code, { range });
      return answer.status === 206 ? (await answer.bytes()).length : answer.status;
    };
    expect(await part("bytes=0-999")).toBe(1000);
    for (let i = 1; i <= 5; i++) expect(await part(`bytes=${i * 1000}-${i * 1000 + 999}`)).toBe(1000);
    expect(await part("bytes=-7")).toBe(7);
    expect(await seen(open(target, code))).toMatchObject({ downloads: 1 });
    expect(await part("bytes=0-")).toBe(bytes.length);
    expect(await part("bytes=0-")).toBe(410);
    expect(await part("bytes=5000-")).toBe(bytes.length - 5000);
    const late = await shared(alice, bytes, { maxDownloads: 1 });
    const rest = await fetchShare(target, late.code, { range: "bytes=1-" });
    expect((await rest.bytes()).length).toBe(bytes.length - 1);
    expect(await seen(open(target, late.code))).toMatchObject({ downloads: 1 });
    await problem(fetchShare(target, late.code), 410, "share-expired");
  });

  test("of a file without bytes count, too", async () => {
    const { code } = await shared(alice, new Uint8Array(), { maxDownloads: 1 });
    expect((await fetchShare(target, code)).status).toBe(200);
    await problem(fetchShare(target, code), 410, "share-expired");
  });
});

describe("an end", () => {
  test("in time is said to be one, to everybody, and shown to the owner", async () => {
    const own = await shared(alice, bytes, { expiresIn: 1, password: "x", listed: true });
    const opened = await seen(open(alice, own.code));
    await until(
      () => open(alice, own.code),
      ({ status }) => status === 410,
    );
    expect(Date.now()).toBeGreaterThanOrEqual(Date.parse(own.expiresAt ?? ""));
    for (const asker of [target, alice]) {
      await problem(open(asker, own.code), 410, "share-expired");
      await problem(fetchShare(asker, own.code), 410, "share-expired");
      await problem(fetchShare(asker, own.code, {}, "GET"), 410, "share-expired");
    }
    await problem(save(bob, own.code, "x"), 410, "share-expired");
    await problem(target.fetch(new URL(opened.downloadUrl).pathname + new URL(opened.downloadUrl).search), 410, "share-expired");
    expect((await sharesOf(alice)).shares.map(({ code }) => code)).toContain(own.code);
    expect(await topCodes()).not.toContain(own.code);
    expect((await end(alice, own.code)).status).toBe(204);
    await problem(open(target, own.code), 404, "not-found");
  });

  test("by its owner is there at once, and once", async () => {
    const { code } = await shared(alice, bytes, { listed: true });
    const { downloadUrl } = await seen(open(target, code));
    const answers = await Promise.all([1, 2, 3].map(() => end(alice, code)));
    expect(answers.map(({ status }) => status).toSorted()).toEqual([204, 404, 404]);
    await expectGone(code);
    await problem(target.fetch(new URL(downloadUrl).pathname + new URL(downloadUrl).search), 404, "not-found");
    expect((await sharesOf(alice)).shares.map((own) => own.code)).not.toContain(code);
  });

  test("is not for others to make", async () => {
    const { code } = await shared(alice, bytes, { with: bob.username });
    for (const asker of [bob, carol]) await problem(end(asker, code), 404, "not-found");
    await problem(end(target, code), 401, "unauthorized");
    for (const wrong of [unknown, "top", "x", "'", "..%2f"]) await problem(end(alice, wrong), 404, "not-found");
    expect((await open(bob, code)).status).toBe(200);
  });

  test("comes with the file's", async () => {
    const { code, fileId } = await shared(alice, bytes, { listed: true });
    await alice.fetch("/file/delete", { method: "POST", json: { id: fileId } });
    await expectGone(code);
  });

  test("comes with the account's, on either side", async () => {
    const [dave, erin] = [await target.signUp(), await target.signUp()];
    const own = await shared(dave, bytes, { listed: true });
    const forErin = await shared(dave, bytes, { with: erin.username });
    const forDave = await shared(alice, bytes, { with: dave.username });
    expect((await dave.fetch(`/user/${dave.username}`, { method: "DELETE" })).status).toBe(204);
    await expectGone(own.code);
    await problem(open(erin, forErin.code), 404, "not-found");
    expect((await sharesOf(erin, "?with=me")).shares).toEqual([]);
    // Whoever takes the name is not who it was for.
    const again = await target.signUp(dave.username);
    await problem(open(again, forDave.code), 404, "not-found");
    expect((await sharesOf(again, "?with=me")).shares).toEqual([]);
    expect((await sharesOf(alice)).shares.map(({ code }) => code)).not.toContain(forDave.code);
  });

  test("comes with that of a video that the file was sent for", async () => {
    const { wavOf } = await import("../support/clips.ts");
    const { send, waiting, remove } = await import("./video_client.ts");
    const video = await waiting(alice);
    const { fileId } = await made(send(alice, video.id, wavOf(1000, "shared video")));
    const { code } = await made<OwnShareJson>(share(alice, { fileId }));
    expect((await open(target, code)).status).toBe(200);
    await remove(alice, video.id);
    await expectGone(code);
  });

  test("leaves what was saved", async () => {
    const own = await shared(alice, bytes);
    const saved = await made<FileJson>(save(carol, own.code));
    await alice.fetch("/file/delete", { method: "POST", json: { id: own.fileId } });
    // Longer than the grace period of the drives under test.
    await Bun.sleep(1500);
    expect(hashOf("sha1", await carol.download(saved.id))).toBe(saved.sha1);
  });
});

describe("saving", () => {
  test("gives a file of one's own at once, under a name that is free", async () => {
    const dave = await target.signUp();
    const own = await shared(alice, bytesOf(5000, "saved"), {}, `saved-${crypto.randomUUID()}.tar.gz`);
    const first = await made<FileJson>(save(dave, own.code));
    const second = await made<FileJson>(save(dave, own.code));
    expect(first).toMatchObject({ name: own.name, size: 5000, sha1: hashOf("sha1", bytesOf(5000, "saved")) });
    expect(second.name).toBe(own.name.replace(".gz", " (1).gz"));
    expect((await filesOf(dave)).map(({ id }) => id)).toEqual([second.id, first.id]);
    expect(await dave.download(first.id)).toEqual(bytesOf(5000, "saved"));
    expect(await dave.json(200, `/user/${dave.username}`)).toMatchObject({ files: 2, bytes: 10_000 });
    // It counts as a download, for the whole is handed over.
    expect(await seen(open(target, own.code))).toMatchObject({ downloads: 2 });
  });

  test("needs an account", async () => {
    const { code } = await shared(alice, bytes);
    await problem(save(target, code), 401, "unauthorized");
    await problem(save(bob, unknown), 404, "not-found");
    await problem(target.fetch(`/share/${code}`, { headers: { authorization: "Bearer x" } }), 401, "unauthorized");
  });

  test("is bounded by the downloads that are left, however many ask at once", async () => {
    const { code } = await shared(alice, bytes, { maxDownloads: 2 });
    const before = (await filesOf(carol)).length;
    const answers = await Promise.all(Array.from({ length: 8 }, () => save(carol, code)));
    expect(answers.map(({ status }) => status).toSorted()).toEqual([201, 201, 410, 410, 410, 410, 410, 410]);
    expect(await filesOf(carol)).toHaveLength(before + 2);
  });

  test("keeps to the quota", async () => {
    await using small = await openTarget({ USER_QUOTA_BYTES: "500000" });
    const [owner, guest] = [await small.signUp(), await small.signUp()];
    const { code } = await shared(owner, bytes);
    expect((await save(guest, code)).status).toBe(201);
    await problem(save(guest, code), 507, "no-space");
    expect(await filesOf(guest)).toHaveLength(1);
    expect(await seen(open(small, code))).toMatchObject({ downloads: 1 });
  });
});

describe("sharing with a user", () => {
  test("is for that user, who needs no password, and for nobody else", async () => {
    const own = await shared(alice, bytes, { with: bob.username.toUpperCase(), password: "secret" });
    expect(own.with).toBe(bob.username);
    const { shares } = await sharesOf(bob, "?with=me");
    expect(shares[0]).toMatchObject({ code: own.code, name: own.name, size: own.size, username: alice.username });
    expect(shares[0]).not.toHaveProperty("fileId");
    const opened = await seen(open(bob, own.code));
    expect((await fetchShare(bob, own.code)).status).toBe(200);
    // What the page downloads by.
    expect((await target.fetch(new URL(opened.downloadUrl).pathname + new URL(opened.downloadUrl).search)).status).toBe(200);
    expect((await made<FileJson>(save(bob, own.code))).size).toBe(bytes.length);
    expect((await open(alice, own.code)).status).toBe(200);
    for (const asker of [target, carol]) {
      await problem(open(asker, own.code), 404, "not-found");
      await problem(open(asker, own.code, "secret"), 404, "not-found");
      await problem(fetchShare(asker, own.code), 404, "not-found");
    }
    await problem(save(carol, own.code), 404, "not-found");
    expect((await sharesOf(carol, "?with=me")).shares).toEqual([]);
    expect((await sharesOf(bob)).shares.map(({ code }) => code)).not.toContain(own.code);
  });
});

describe("lists", () => {
  test("give pages, newest first, of one's own and of those with one", async () => {
    const [dave, erin] = [await target.signUp(), await target.signUp()];
    const { id: fileId } = await dave.upload("often.bin", bytes);
    const codes: string[] = [];
    for (let i = 0; i < 7; i++) codes.unshift((await made<OwnShareJson>(share(dave, { fileId, with: erin.username }))).code);
    for (const [client, more] of [
      [dave, ""],
      [erin, "&with=me"],
    ] as const) {
      const found: string[] = [];
      let cursor = "";
      do {
        const page = await sharesOf(client, `?limit=3${cursor}${more}`);
        expect(page.shares.length).toBeLessThanOrEqual(3);
        found.push(...page.shares.map(({ code }) => code));
        cursor = page.next === null ? "" : `&cursor=${page.next}`;
      } while (cursor !== "");
      expect(found).toEqual(codes);
    }
  });

  test.each(["?limit=0", "?limit=201", "?limit=x", "?cursor=x", "?with=you", "?with="])("refuse %s", async (query) => {
    await problem(alice.fetch(`/share${query}`), 400, "invalid-request");
  });

  test("are for those who are signed in", async () => {
    await problem(target.fetch("/share"), 401, "unauthorized");
    await problem(target.fetch("/share?with=me"), 401, "unauthorized");
  });
});

const topCodes = async () => {
  const { shares } = await seen<{ shares: ShareJson[] }>(target.fetch("/share/top?limit=200"));
  return shares.map(({ code }) => code);
};

describe("views", () => {
  const untilViews = async (code: string, views: number) =>
    await until(
      async () => (await sharesOf(alice)).shares.find((own) => own.code === code)?.views,
      (found) => found === views,
    );

  test("are counted, each once, of whatever gateway it was asked", async () => {
    const { code } = await shared(alice, bytes);
    await Promise.all(Array.from({ length: 40 }, () => open(target, code)));
    for (const gateway of target.gateways)
      for (let i = 0; i < 5; i++) expect((await fetch(`${gateway}/share/${code}`)).status).toBe(200);
    const all = 40 + 5 * target.gateways.length;
    await untilViews(code, all);
    // Neither looking it up by HEAD nor a refusal is a view; nor are they counted again when they are written.
    expect((await target.fetch(`/share/${code}`, { method: "HEAD" })).status).toBe(200);
    await Bun.sleep(2500);
    await untilViews(code, all);
    expect(await seen(open(target, code))).toMatchObject({ views: all + 1 });
  });

  test("put what is listed in order, and nothing else", async () => {
    const names = ["seldom", "often", "never", "unlisted"];
    const made: Record<string, OwnShareJson> = {};
    for (const name of names) made[name] = await shared(alice, bytes, { listed: name !== "unlisted" }, `${name}.bin`);
    const codeOf = (name: string) => made[name]?.code ?? "";
    const view = (name: string, times: number) => Promise.all(Array.from({ length: times }, () => open(target, codeOf(name))));
    await Promise.all([view("often", 30), view("seldom", 20), view("unlisted", 40)]);
    const mine = new Set(names.map(codeOf));
    const top = await until(
      async () => (await topCodes()).filter((code) => mine.has(code)),
      (codes) => codes.length === 3 && codes[0] === codeOf("often") && codes[1] === codeOf("seldom"),
    );
    expect(top).toEqual([codeOf("often"), codeOf("seldom"), codeOf("never")]);
    await view("seldom", 20);
    await until(topCodes, (codes) => codes.indexOf(codeOf("seldom")) < codes.indexOf(codeOf("often")));
    await end(alice, codeOf("seldom"));
    expect(await topCodes()).not.toContain(codeOf("seldom"));
    const { shares } = await seen<{ shares: ShareJson[] }>(target.fetch("/share/top?limit=2"));
    expect(shares).toHaveLength(2);
    expect(shares[0]).not.toHaveProperty("downloadUrl");
  });

  test.each(["?limit=0", "?limit=201", "?limit=x"])("refuse %s", async (query) => {
    await problem(target.fetch(`/share/top${query}`), 400, "invalid-request");
  });
});

test("what is no code is not found", async () => {
  for (const wrong of [unknown, "x", "TOP", "'", "a".repeat(300), "%00", "日本語"]) {
    await problem(fetch(`${target.gateways[0]}/share/${wrong}`), 404, "not-found");
    await problem(fetch(`${target.gateways[0]}/share/${wrong}/download`), 404, "not-found");
  }
});

test("asks for every route of shares, and gets only answers that the document lists", async () => {
  await expectCalled(target, "shares");
});
