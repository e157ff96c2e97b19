import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";

import { bytesOf, type Client, type FileJson, hashOf, until } from "../support/client.ts";
import { formOf, rawForm } from "./form.ts";
import { badNames, goodNames } from "./names.ts";
import { expectCalled } from "./routes.ts";
import { newName, openTarget, problem, type Target } from "./target.ts";

interface Page {
  files: FileJson[];
  next: string | null;
}

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

const rename = (client: Client, body: unknown) => client.fetch("/file/update", { method: "POST", json: body });
const remove = (client: Client, body: unknown) => client.fetch("/file/delete", { method: "POST", json: body });
const query = (client: Client, params: Record<string, string>) =>
  client.json<Page>(200, `/file/query?${new URLSearchParams(params).toString()}`);
const stored = (client: Client, id: string) =>
  until(
    () => client.json<FileJson>(200, `/file/query?id=${id}`),
    ({ state }) => state === "stored",
  );

test("gives the web client's page", async () => {
  const page = await target.fetch("/file/upload");
  expect(page.status).toBe(200);
  expect(page.headers.get("content-type")).toMatch(/^text\/html/);
  expect(await page.text()).toContain("<html");
});

test("takes a file by form and gives it back", async () => {
  const bytes = bytesOf(3_000_001);
  const before = Date.now();
  const file = await alice.upload("holiday.mp4", bytes);
  expect(file).toEqual({
    id: expect.stringMatching(/\S/),
    name: "holiday.mp4",
    size: bytes.length,
    sha1: hashOf("sha1", bytes),
    sha256: hashOf("sha256", bytes),
    mime: "video/mp4",
    state: expect.stringMatching(/^(spooled|stored)$/),
    uploadedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
    updatedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
  });
  expect(Math.abs(Date.parse(file.uploadedAt) - before)).toBeLessThan(60_000);
  expect(await alice.download(file.id)).toEqual(bytes);
  const later = await stored(alice, file.id);
  expect({ ...later, state: file.state, updatedAt: file.updatedAt }).toEqual(file);
  expect(await alice.download(file.id)).toEqual(bytes);
});

test.each([
  ["a.txt", "text/plain"],
  ["a.HTML", "text/html"],
  ["a.json", "application/json"],
  ["a.png", "image/png"],
  ["a.tar.gz", "application/gzip"],
  ["a.nothing-known", "application/octet-stream"],
  ["README", "application/octet-stream"],
])("of the name %s the type is %s, and nothing is said of its charset", async (name, mime) => {
  const { id, mime: shown } = await alice.upload(name, bytesOf(5));
  expect(shown).toBe(mime);
  expect((await alice.fetch(`/file/download?id=${id}`)).headers.get("content-type")).toBe(mime);
  await remove(alice, { id });
});

test("takes several files of one form, and gives a list", async () => {
  const files: [string, Uint8Array<ArrayBuffer>][] = [
    ["one.txt", bytesOf(10)],
    ["two.txt", bytesOf(100_000)],
    ["empty.txt", new Uint8Array()],
    ["one.txt", bytesOf(11)],
  ];
  const carol = await target.signUp();
  const made = await carol.json<FileJson[]>(201, "/file/upload", formOf(...files));
  expect(made.map(({ name }) => name)).toEqual(["one.txt", "two.txt", "empty.txt", "one (1).txt"]);
  for (const [i, [, bytes]] of files.entries()) expect(await carol.download(made[i]?.id ?? "")).toEqual(bytes);
});

test("takes an empty file", async () => {
  const { id, ...file } = await alice.upload("empty.bin", new Uint8Array());
  expect(file).toMatchObject({
    size: 0,
    sha1: "da39a3ee5e6b4b0d3255bfef95601890afd80709",
    sha256: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
  });
  const answer = await alice.fetch(`/file/download?id=${id}`);
  expect(answer.headers.get("content-length")).toBe("0");
  expect(await answer.bytes()).toHaveLength(0);
  await stored(alice, id);
  expect(await alice.download(id)).toHaveLength(0);
});

test("keeps one content once, and each file of it for its own user", async () => {
  const bytes = bytesOf(50_000, "shared");
  const [a, b, c] = [await alice.upload("a.bin", bytes), await bob.upload("b.bin", bytes), await alice.upload("c.bin", bytes)];
  expect(new Set([a.id, b.id, c.id]).size).toBe(3);
  await remove(alice, { id: a.id });
  for (const [client, { id }] of [
    [bob, b],
    [alice, c],
  ] as const) {
    expect(await client.download(id)).toEqual(bytes);
  }
});

test("names the later of two `a (1).txt`", async () => {
  const carol = await target.signUp();
  const upload = async (name: string) => (await carol.upload(name, bytesOf(5))).name;
  expect([await upload("a.txt"), await upload("a.txt"), await upload("a.txt")]).toEqual(["a.txt", "a (1).txt", "a (2).txt"]);
  expect(await upload("a (1).txt")).toBe("a (1) (1).txt");
  expect([await upload("README"), await upload("README")]).toEqual(["README", "README (1)"]);
  expect([await upload(".profile"), await upload(".profile")]).toEqual([".profile", ".profile (1)"]);
  expect(await upload("x.tar.gz")).toBe("x.tar.gz");
  expect(await upload("x.tar.gz")).toMatch(/^x( \(1\))?\.tar( \(1\))?\.gz$/);
  // Names differ by case and by accents.
  expect([await upload("A.txt"), await upload("á.txt")]).toEqual(["A.txt", "á.txt"]);
  // NFC and NFD are one name.
  expect(await upload("a\u0301.txt")).toBe("á (1).txt");
});

test("gives the number of a deleted file's name away again", async () => {
  const carol = await target.signUp();
  const [first, second] = [await carol.upload("a.txt", bytesOf(5)), await carol.upload("a.txt", bytesOf(5))];
  await remove(carol, { id: first.id });
  expect((await carol.upload("a.txt", bytesOf(5))).name).toBe("a.txt");
  await remove(carol, { id: second.id });
  expect((await carol.upload("a.txt", bytesOf(5))).name).toBe("a (1).txt");
});

test("numbers a name of 255 characters without making it longer", async () => {
  const carol = await target.signUp();
  for (const name of [`${"x".repeat(251)}.txt`, "😀".repeat(255), `${"ä".repeat(250)}.jpeg`]) {
    expect((await carol.upload(name, bytesOf(5))).name).toBe(name);
    const { name: second } = await carol.upload(name, bytesOf(5));
    expect(Array.from(second)).toHaveLength(255);
    expect(second).toContain(" (1)");
    expect(second.endsWith(name.includes(".") ? name.slice(name.lastIndexOf(".")) : ")")).toBe(true);
  }
});

test("twenty files of one name at once get twenty names", async () => {
  const carol = await target.signUp();
  const files = await Promise.all(Array.from({ length: 20 }, (_, i) => carol.upload("a.txt", bytesOf(10, i))));
  expect(new Set(files.map(({ name }) => name)).size).toBe(20);
});

test.each(goodNames)("keeps the name %j", async (name) => {
  const carol = await target.signUp();
  const { id } = await carol.upload("x", bytesOf(5));
  const renamed = await carol.json<FileJson>(200, "/file/update", { method: "POST", json: { id, name } });
  expect(renamed.name).toBe(name);
  expect((await carol.json<FileJson>(200, `/file/query?id=${id}`)).name).toBe(name);
  const answer = await carol.fetch(`/file/download?id=${id}`);
  const disposition = parseDisposition(answer.headers.get("content-disposition") ?? "");
  expect(disposition).toEqual({ type: "attachment", name });
  expect(await answer.bytes()).toEqual(bytesOf(5));
});

/** RFC 6266, section 4.3: `filename*` (RFC 8187) is preferred to `filename`, which must be readable in ASCII alone. */
function parseDisposition(header: string): { type: string; name: string } {
  expect(header).toMatch(/^[\x20-\x7E]+$/);
  const type = /^[^;]*/.exec(header)?.[0].trim() ?? "";
  const extended = /;\s*filename\*=UTF-8''([A-Za-z0-9!#$&+.^_`|~%-]+)(;|$)/.exec(header)?.[1];
  const plain = /;\s*filename=(?:"((?:[^"\\]|\\.)*)"|([^\s;"]+))/.exec(header);
  const quoted = (plain?.[1] ?? plain?.[2] ?? "").replaceAll(/\\(.)/g, "$1");
  return { type, name: extended === undefined ? quoted : decodeURIComponent(extended) };
}

test.each(badNames)("refuses the name %j", async (name) => {
  const { id } = await alice.upload("fine.txt", bytesOf(5));
  await problem(rename(alice, { id, name }), 400, "invalid-name");
  await problem(alice.fetch("/file/mpupload/init", { method: "POST", json: { name, size: 1 } }), 400, "invalid-name");
  await problem(
    alice.fetch("/file/fastupload", { method: "POST", json: { sha1: "0".repeat(40), size: 1, name } }),
    400,
    "invalid-name",
  );
  await remove(alice, { id });
});

test("reads names of forms as clients write them", async () => {
  const carol = await target.signUp();
  const upload = async (disposition: string) => {
    const form = rawForm([{ disposition: `form-data; name="file"; ${disposition}`, type: "text/plain", bytes: bytesOf(3) }]);
    return (await carol.json<FileJson>(201, "/file/upload", form)).name;
  };
  expect(await upload('filename="plain.txt"')).toBe("plain.txt");
  expect(await upload("filename=token.txt")).toBe("token.txt");
  expect(await upload('filename="ünï 日本.txt"')).toBe("ünï 日本.txt");
  expect(await upload('filename="quo\\"te.txt"')).toBe('quo"te.txt');
  expect(await upload("filename*=UTF-8''%E2%82%AC%20rates.txt")).toBe("€ rates.txt");
  // As the forms of browsers and of `fetch` write it.
  expect(await upload('filename="%22quoted%22 100%25.txt"')).toBe('"quoted" 100%25.txt');
  expect((await carol.upload('by "fetch".txt', bytesOf(4))).name).toBe('by "fetch".txt');
  // Old browsers sent the whole path.
  expect(await upload('filename="C:\\\\Users\\\\x\\\\path.txt"')).toBe("path.txt");
  expect(await upload('filename="/home/x/path2.txt"')).toBe("path2.txt");
});

test.each([
  ["no file", rawForm([])],
  ["another field", rawForm([{ disposition: 'form-data; name="other"; filename="a"', bytes: bytesOf(3) }])],
  ["a file without a name", rawForm([{ disposition: 'form-data; name="file"; filename=""', bytes: bytesOf(3) }])],
  ["a text field of that name", rawForm([{ disposition: 'form-data; name="file"', bytes: bytesOf(3) }])],
  [
    "a file and a field more",
    rawForm([
      { disposition: 'form-data; name="file"; filename="a"', bytes: bytesOf(3) },
      { disposition: 'form-data; name="more"', bytes: bytesOf(3) },
    ]),
  ],
  ["no boundary", { method: "POST", headers: { "content-type": "multipart/form-data" }, body: "x" }],
  ["nothing", { method: "POST", headers: { "content-type": "multipart/form-data; boundary=x" }, body: "" }],
  [
    "what is no form",
    { method: "POST", headers: { "content-type": "multipart/form-data; boundary=x" }, body: "x".repeat(10_000) },
  ],
  ["no end", rawForm([{ disposition: 'form-data; name="file"; filename="a"', bytes: bytesOf(300) }], "xx", "")],
])("refuses a form with %s, and keeps nothing of it", async (_, form) => {
  const carol = await target.signUp();
  await problem(carol.fetch("/file/upload", form), 400, "invalid-request");
  expect(await query(carol, {})).toEqual({ files: [], next: null });
});

test("refuses a form's file with a bad name", async () => {
  for (const name of [" ", "..", "a\u202Eb", "x".repeat(300)]) {
    const form = rawForm([{ disposition: `form-data; name="file"; filename="${name}"`, type: "text/plain", bytes: bytesOf(3) }]);
    await problem(alice.fetch("/file/upload", form), 400, "invalid-name");
  }
});

test("refuses an upload that is no form", async () => {
  for (const type of ["application/json", "application/octet-stream", "text/plain"]) {
    const answer = alice.fetch("/file/upload", { method: "POST", headers: { "content-type": type }, body: "{}" });
    await problem(answer, 400, "invalid-request");
  }
});

test("takes as many files as one form has", async () => {
  const carol = await target.signUp();
  const answer = await carol.fetch(
    "/file/upload",
    formOf(...Array.from({ length: 1100 }, (_, i) => [`${i}`, bytesOf(1)] as [string, Uint8Array<ArrayBuffer>])),
  );
  // None is dropped without a word.
  if (answer.status === 201) expect(await answer.json()).toHaveLength(1100);
  else {
    await problem(answer, 400, "invalid-request");
    expect((await query(carol, {})).files).toEqual([]);
  }
}, 60_000);

test("finds a file by id, and by content the newest", async () => {
  const carol = await target.signUp();
  const bytes = bytesOf(2000, "by content");
  const [first, second] = [await carol.upload("a.bin", bytes), await carol.upload("b.bin", bytes)];
  const byId = await carol.json<FileJson>(200, `/file/query?id=${first.id}`);
  expect(byId).toMatchObject({ id: first.id, name: "a.bin", sha1: first.sha1 });
  for (const sha1 of [first.sha1, first.sha1.toUpperCase()]) {
    expect(await carol.json<FileJson>(200, `/file/query?sha1=${sha1}`)).toMatchObject({ id: second.id });
  }
  await problem(carol.fetch("/file/query?id=01AN4Z07BY79KA1307SR9X4MV3"), 404, "not-found");
  await problem(carol.fetch(`/file/query?sha1=${"0".repeat(40)}`), 404, "not-found");
  await problem(carol.fetch("/file/query?sha1=xyz"), 400, "invalid-request");
});

test("lists the newest first, page by page", async () => {
  const carol = await target.signUp();
  const ids: string[] = [];
  for (let i = 0; i < 7; i++) ids.unshift((await carol.upload(`${i}.txt`, bytesOf(10, i))).id);
  const all = await query(carol, {});
  expect(all.files.map(({ id }) => id)).toEqual(ids);
  expect(all.next).toBeNull();
  const seen: string[] = [];
  let cursor: string | null = "";
  for (let page = 0; cursor !== null; page++) {
    const answer: Page = await query(carol, { limit: "3", ...(cursor === "" ? {} : { cursor }) });
    expect(answer.files).toHaveLength(page < 2 ? 3 : 1);
    seen.push(...answer.files.map(({ id }) => id));
    cursor = answer.next;
    // What comes while one turns pages does not shift them.
    if (page === 0) await carol.upload("late.txt", bytesOf(10, "late"));
  }
  expect(seen).toEqual(ids);
  expect(await query(carol, { limit: "8" })).toMatchObject({ next: null });
});

test("refuses limits and cursors that are none", async () => {
  for (const limit of ["0", "-1", "1.5", "x", "100000", ""]) {
    await problem(alice.fetch(`/file/query?limit=${limit}`), 400, "invalid-request");
  }
  for (const cursor of ["x", "'", "%00", "z".repeat(100)]) {
    await problem(alice.fetch(`/file/query?cursor=${cursor}`), 400, "invalid-request");
  }
});

test("searches for part of the name, whatever its case, and takes wildcards to the letter", async () => {
  const carol = await target.signUp();
  const names = [
    "Holiday.MP4",
    "100%.txt",
    "100x.txt",
    "a_b.txt",
    "axb.txt",
    "wow!.txt",
    "ÄPFEL.txt",
    "ﬁle.txt",
    "it's.txt",
    "日本.txt",
  ];
  for (const name of names) await carol.upload(name, bytesOf(3, name));
  const search = async (q: string) => (await query(carol, { q })).files.map(({ name }) => name).toSorted();
  expect(await search("holi")).toEqual(["Holiday.MP4"]);
  expect(await search("mp4")).toEqual(["Holiday.MP4"]);
  expect(await search("%")).toEqual(["100%.txt"]);
  expect(await search("_")).toEqual(["a_b.txt"]);
  expect(await search("!")).toEqual(["wow!.txt"]);
  expect(await search("äpfel")).toEqual(["ÄPFEL.txt"]);
  expect(await search("file")).toEqual(["ﬁle.txt"]);
  expect(await search("'")).toEqual(["it's.txt"]);
  expect(await search("本")).toEqual(["日本.txt"]);
  expect(await search("' OR 1=1 --")).toEqual([]);
  expect(await search("\\")).toEqual([]);
  expect(await search("")).toHaveLength(names.length);
  expect(await query(carol, { q: "txt", limit: "2" })).toMatchObject({ next: expect.any(String) });
});

test("somebody else's file is not found, by whatever way", async () => {
  const { id, sha1 } = await alice.upload("secret.bin", bytesOf(5000, "secret"));
  const no = (path: string, init?: RequestInit & { json?: unknown }) => problem(bob.fetch(path, init), 404, "not-found");
  await no(`/file/query?id=${id}`);
  await no(`/file/query?sha1=${sha1}`);
  await no(`/file/download?id=${id}`);
  await no(`/file/downloadurl?id=${id}`);
  await no("/file/update", { method: "POST", json: { id, name: "mine.bin" } });
  await no("/file/delete", { method: "POST", json: { id } });
  expect((await query(bob, { q: "secret" })).files).toEqual([]);
  const words = async (answer: Promise<{ detail: string }>, asked: string) => (await answer).detail.replace(asked, "");
  expect(await words(no(`/file/query?id=${id}`), id)).toBe(await words(no("/file/query?id=nothing"), "nothing"));
  expect(await alice.json(200, `/file/query?id=${id}`)).toMatchObject({ name: "secret.bin" });
});

test("nothing of files goes without a token", async () => {
  for (const path of ["/file/query", "/file/download?id=x", "/file/downloadurl?id=x"]) {
    await problem(target.fetch(path), 401, "unauthorized");
  }
  for (const path of ["/file/update", "/file/delete", "/file/upload"]) {
    await problem(target.fetch(path, { method: "POST", json: {} }), 401, "unauthorized");
  }
});

test("renames a file", async () => {
  const carol = await target.signUp();
  const { id, uploadedAt, updatedAt } = await carol.upload("a.txt", bytesOf(10));
  await Bun.sleep(5);
  const renamed = await carol.json<FileJson>(200, "/file/update", { method: "POST", json: { id, name: "b.pdf" } });
  expect(renamed).toMatchObject({ id, name: "b.pdf", mime: "application/pdf", uploadedAt });
  expect(Date.parse(renamed.updatedAt)).toBeGreaterThan(Date.parse(updatedAt));
  // Its own name is not taken by itself.
  expect((await rename(carol, { id, name: "b.pdf" })).status).toBe(200);
  expect((await rename(carol, { id, name: "B.pdf" })).status).toBe(200);
  await carol.upload("taken.txt", bytesOf(10));
  await problem(rename(carol, { id, name: "taken.txt" }), 409, "name-taken");
  expect((await query(carol, { q: "a.txt" })).files).toEqual([]);
  await problem(rename(carol, { id: "nothing", name: "c" }), 404, "not-found");
});

test("deletes a file", async () => {
  const { id } = await alice.upload("a.txt", bytesOf(10));
  const answer = await remove(alice, { id });
  expect({ status: answer.status, body: await answer.text() }).toEqual({ status: 204, body: "" });
  await problem(remove(alice, { id }), 404, "not-found");
  await problem(alice.fetch(`/file/query?id=${id}`), 404, "not-found");
  await problem(alice.fetch(`/file/download?id=${id}`), 404, "not-found");
  await problem(rename(alice, { id, name: "b" }), 404, "not-found");
  expect((await query(alice, {})).files.map((file) => file.id)).not.toContain(id);
});

test("a content that was deleted and purged can be uploaded again", async () => {
  const bytes = bytesOf(40_000, "again and again");
  for (let i = 0; i < 3; i++) {
    const { id } = await alice.upload("again.bin", bytes);
    if (i > 0) await stored(alice, id);
    await remove(alice, { id });
    // PURGE_AFTER is 500 ms here, and the worker looks every 200 ms.
    await Bun.sleep(i === 0 ? 0 : 1000);
  }
  const { id } = await alice.upload("again.bin", bytes);
  expect(await alice.download(id)).toEqual(bytes);
  await stored(alice, id);
  expect(await alice.download(id)).toEqual(bytes);
});

test.each([
  ["/file/update", {}],
  ["/file/update", { id: "x" }],
  ["/file/update", { name: "x" }],
  ["/file/update", { id: 1, name: "x" }],
  ["/file/update", { id: "x", name: 1 }],
  ["/file/update", { id: "", name: "x" }],
  ["/file/update", { id: "x", name: "x", more: 1 }],
  ["/file/delete", {}],
  ["/file/delete", { id: 1 }],
  ["/file/delete", { id: ["x"] }],
  ["/file/delete", { id: "x", more: 1 }],
])("POST %s refuses %j", async (path, json) => {
  await problem(alice.fetch(path, { method: "POST", json }), 400, "invalid-request");
});

test("a download needs an id", async () => {
  for (const path of ["/file/download", "/file/download?id=", "/file/downloadurl", "/file/downloadurl?id="]) {
    await problem(alice.fetch(path), 400, "invalid-request");
  }
});

test("a signed URL works without a token, until it expires or the file goes", async () => {
  await using short = await openTarget({ DOWNLOAD_URL_TTL: "4s" });
  const carol = await short.signUp();
  const bytes = bytesOf(10_000);
  const { id } = await carol.upload("a b&c.bin", bytes);
  const asked = Date.now();
  const signed = await carol.json<{ url: string; expiresAt: string }>(200, `/file/downloadurl?id=${id}`);
  expect(Object.keys(signed).toSorted()).toEqual(["expiresAt", "url"]);
  // It is told in whole seconds.
  expect(Date.parse(signed.expiresAt)).toBeWithin(asked + 3000, Date.now() + 4001);
  const whole = await fetch(signed.url);
  expect(whole.status).toBe(200);
  expect(await whole.bytes()).toEqual(bytes);
  const range = await fetch(signed.url, { headers: { range: "bytes=10-19" } });
  expect({ status: range.status, bytes: await range.bytes() }).toEqual({ status: 206, bytes: bytes.slice(10, 20) });
  expect((await fetch(signed.url, { method: "HEAD" })).headers.get("content-length")).toBe("10000");
  // RFC 9110, 9.3: it is for reading alone.
  expect((await fetch(signed.url, { method: "POST" })).status).toBe(405);
  await until(
    async () => (await fetch(signed.url)).status,
    (status) => status === 401,
  );
  expect(Date.now()).toBeGreaterThanOrEqual(Date.parse(signed.expiresAt));
  await problem(fetch(signed.url), 401, "bad-signature");
  const fresh = await carol.json<{ url: string }>(200, `/file/downloadurl?id=${id}`);
  await remove(carol, { id });
  await problem(fetch(fresh.url), 404, "not-found");
});

test("a signed URL that was altered works no more", async () => {
  const [mine, other] = [await alice.upload("a.bin", bytesOf(10)), await alice.upload("b.bin", bytesOf(11))];
  const { url } = await alice.json<{ url: string }>(200, `/file/downloadurl?id=${mine.id}`);
  const altered = (change: (params: URLSearchParams) => void) => {
    const other = new URL(url);
    change(other.searchParams);
    return fetch(other);
  };
  expect([...new URL(url).searchParams.keys()].toSorted()).toEqual(["expires", "id", "signature"]);
  const expires = Number(new URL(url).searchParams.get("expires"));
  const no = (change: (params: URLSearchParams) => void) => problem(altered(change), 401, "bad-signature");
  await no((params) => params.set("id", other.id));
  await no((params) => params.set("expires", String(expires + 1000)));
  await no((params) => params.set("expires", `0${expires}`));
  await no((params) => params.set("expires", ""));
  await no((params) => params.delete("expires"));
  await no((params) => params.set("signature", ""));
  await no((params) => params.set("signature", "x"));
  await no((params) => params.set("signature", `${params.get("signature") ?? ""}A`));
  await problem(
    altered((params) => params.delete("signature")),
    401,
    "unauthorized",
  );
  expect((await fetch(url)).status).toBe(200);
});

test("refuses a form's file past the largest, and keeps nothing of it", async () => {
  await using small = await openTarget({ FILE_MAX_BYTES: "1MiB" });
  const carol = await small.signUp();
  await problem(carol.fetch("/file/upload", formOf(["a.bin", bytesOf(1024 * 1024 + 1)])), 413, "too-large");
  await problem(carol.fetch("/file/upload", formOf(["a.bin", bytesOf(4 * 1024 * 1024)])), 413, "too-large");
  await problem(
    carol.fetch("/file/upload", formOf(["small.bin", bytesOf(10)], ["a.bin", bytesOf(1024 * 1024 + 1)])),
    413,
    "too-large",
  );
  expect((await query(carol, {})).files).toEqual([]);
  expect((await carol.upload("fits.bin", bytesOf(1024 * 1024))).size).toBe(1024 * 1024);
});

test("keeps to a user's quota, and to each user's own", async () => {
  await using small = await openTarget({ USER_QUOTA_BYTES: "100000" });
  const [carol, dave] = [await small.signUp(), await small.signUp()];
  const { id } = await carol.upload("a.bin", bytesOf(60_000));
  await problem(carol.fetch("/file/upload", formOf(["b.bin", bytesOf(40_001, "b")])), 507, "no-space");
  expect((await query(carol, {})).files).toHaveLength(1);
  await dave.upload("b.bin", bytesOf(100_000));
  await carol.upload("b.bin", bytesOf(40_000, "c"));
  await problem(carol.fetch("/file/upload", formOf(["c.bin", bytesOf(1)])), 507, "no-space");
  expect((await carol.fetch("/file/upload", formOf(["empty.bin", bytesOf(0)]))).status).toBe(201);
  await remove(carol, { id });
  await carol.upload("c.bin", bytesOf(60_000, "d"));
});

test("keeps to the quota when many come at once", async () => {
  await using small = await openTarget({ USER_QUOTA_BYTES: "100000" });
  const carol = await small.signUp();
  const answers = await Promise.all(
    Array.from({ length: 10 }, (_, i) => carol.fetch("/file/upload", formOf([`${i}.bin`, bytesOf(40_000, i)]))),
  );
  expect(answers.map(({ status }) => status).toSorted()).toEqual([201, 201, ...Array.from({ length: 8 }, () => 507)]);
  expect(await carol.json(200, `/user/${carol.username}`)).toMatchObject({ files: 2, bytes: 80_000 });
});

test("asks for every route of files, and gets only answers that the document lists", async () => {
  await expectCalled(target, "files");
});
