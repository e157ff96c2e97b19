import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";

import { bytesOf, type Client, type FileJson, until } from "../support/client.ts";
import { parseByteRanges } from "./byteranges.ts";
import { expectCalled } from "./routes.ts";
import { kind, openTarget, problem, type Target } from "./target.ts";

setDefaultTimeout(300_000);

let target: Target;
let alice: Client;
beforeAll(async () => {
  target = await openTarget();
  alice = await target.signUp();
});
afterAll(async () => {
  await target[Symbol.asyncDispose]();
});

const size = 1_000_003;
const bytes = bytesOf(size);

/** The same in either state: in the spool of a drive whose push worker does not run, and in the store. */
describe.each(["spooled", "stored"] as const)("a file that is %s", (state) => {
  let drive: Target;
  let owner: Client;
  let file: FileJson;
  beforeAll(async () => {
    drive = state === "stored" ? target : await openTarget({ WORKERS: "merge,purge,sweep" });
    owner = await drive.signUp();
    const { id } = await owner.upload("video.mp4", bytes);
    file = await until(
      () => owner.json<FileJson>(200, `/file/query?id=${id}`),
      (now) => now.state === state,
    );
  });
  afterAll(async () => {
    if (drive !== target) await drive[Symbol.asyncDispose]();
  });

  const get = (headers: Record<string, string> = {}, method = "GET") =>
    owner.fetch(`/file/download?id=${file.id}`, { method, headers });
  const etag = () => `"${file.sha1}"`;

  /** What every answer about the representation tells. */
  const expectRepresentation = ({ headers }: Response) => {
    expect(headers.get("etag")).toBe(etag());
    expect(headers.get("accept-ranges")).toBe("bytes");
    expect(headers.get("repr-digest")).toBe(`sha-256=:${Buffer.from(file.sha256, "hex").toString("base64")}:`);
    expect(headers.get("content-disposition")).toBe('attachment; filename="video.mp4"');
    expect(headers.get("last-modified")).toBe(new Date(file.uploadedAt).toUTCString());
    expect(headers.get("x-content-type-options")).toBe("nosniff");
  };

  test("is given whole", async () => {
    const answer = await get();
    expect(answer.status).toBe(200);
    expectRepresentation(answer);
    expect(answer.headers.get("content-length")).toBe(String(size));
    expect(answer.headers.get("content-type")).toBe("video/mp4");
    expect(answer.headers.get("content-range")).toBeNull();
    expect(await answer.bytes()).toEqual(bytes);
  });

  test("HEAD tells the same without the bytes", async () => {
    const [got, head] = [await get(), await get({}, "HEAD")];
    expect(head.status).toBe(200);
    expectRepresentation(head);
    for (const name of ["content-length", "content-type", "etag", "last-modified"]) {
      expect(head.headers.get(name)).toBe(got.headers.get(name));
    }
    expect(await head.bytes()).toHaveLength(0);
    await got.bytes();
    // RFC 9110, 14.2: ranges are for GET alone.
    const ranged = await get({ range: "bytes=0-9" }, "HEAD");
    expect([ranged.status, ranged.headers.get("content-length")]).toEqual([200, String(size)]);
    expect((await get({ "if-none-match": etag() }, "HEAD")).status).toBe(304);
    expect((await get({ "if-match": '"x"' }, "HEAD")).status).toBe(412);
  });

  test.each<[string, number, number]>([
    ["bytes=0-0", 0, 0],
    ["bytes=0-99", 0, 99],
    ["bytes=500000-500999", 500_000, 500_999],
    ["bytes=1000002-", 1_000_002, 1_000_002],
    ["bytes=999000-", 999_000, 1_000_002],
    ["bytes=-1", 1_000_002, 1_000_002],
    ["bytes=-1000", 999_003, 1_000_002],
    ["bytes=-99999999", 0, 1_000_002],
    ["bytes=0-", 0, 1_000_002],
    ["bytes=900000-99999999", 900_000, 1_000_002],
    ["bytes=900000-9223372036854775807", 900_000, 1_000_002],
    ["bytes=900000-99999999999999999999999999", 900_000, 1_000_002],
    ["BYTES=1-2", 1, 2],
    ["bytes=5-9, 2000000-", 5, 9],
    ["bytes= 5-9 ,", 5, 9],
    // Joined, since they overlap or touch.
    ["bytes=0-9,5-19", 0, 19],
    ["bytes=0-9,10-19", 0, 19],
    ["bytes=10-19,0-9", 0, 19],
    ["bytes=0-,0-,0-,0-", 0, 1_000_002],
  ])("gives the range %s", async (range, first, last) => {
    const answer = await get({ range });
    expect(answer.status).toBe(206);
    expectRepresentation(answer);
    expect(answer.headers.get("content-range")).toBe(`bytes ${first}-${last}/${size}`);
    const length = answer.headers.get("content-length");
    // A gateway that streams from a store cannot tell it, for Bun sends streams in chunks; the front can, and mostly does.
    if (length !== null || kind !== "cluster") expect(length).toBe(String(last - first + 1));
    expect(answer.headers.get("content-type")).toBe("video/mp4");
    expect(Buffer.compare(await answer.bytes(), bytes.subarray(first, last + 1))).toBe(0);
  });

  test.each([
    [
      "bytes=0-1,10-11,-1",
      [
        [0, 1],
        [10, 11],
        [1_000_002, 1_000_002],
      ],
    ],
    [
      "bytes=100-199, 0-49,300000-400000",
      [
        [100, 199],
        [0, 49],
        [300_000, 400_000],
      ],
    ],
    [
      "bytes=0-1,5-6,2000000-,900-",
      [
        [0, 1],
        [5, 6],
        [900, 1_000_002],
      ],
    ],
  ] as [string, [number, number][]][])("gives the several ranges %s", async (range, spans) => {
    const answer = await get({ range });
    expect(answer.status).toBe(206);
    expectRepresentation(answer);
    // RFC 9110, 15.3.7.2: no Content-Range on the whole, but on each part.
    expect(answer.headers.get("content-range")).toBeNull();
    const body = await answer.bytes();
    // Bun sends what is a stream in the chunked coding, without a length.
    expect([null, String(body.byteLength)]).toContain(answer.headers.get("content-length"));
    const parts = parseByteRanges(answer.headers.get("content-type") ?? "", body);
    expect(parts.map((part) => part.headers.get("content-range"))).toEqual(
      spans.map(([first, last]) => `bytes ${first}-${last}/${size}`),
    );
    for (const [i, [first, last]] of spans.entries()) {
      expect(parts[i]?.headers.get("content-type")).toBe("video/mp4");
      expect(Buffer.compare(parts[i]?.bytes ?? Buffer.of(), bytes.subarray(first, last + 1))).toBe(0);
    }
  });

  test.each(["bytes=1000003-", "bytes=1000003-1000004", "bytes=-0", "bytes=99999999999999999999-", "bytes=5000000-,-0"])(
    "cannot give the range %s",
    async (range) => {
      const answer = await get({ range });
      expect(answer.headers.get("content-range")).toBe(`bytes */${size}`);
      await problem(answer, 416, "range-not-satisfiable");
    },
  );

  test.each([
    "",
    "bytes",
    "bytes=",
    "bytes=-",
    "bytes=a-b",
    "bytes=5-1",
    "bytes=--1",
    "bytes=1-2-3",
    "bytes=0x1-0x2",
    "bytes=1.5-2",
    "octets=0-1",
    "bytes=0-1;2-3",
    "bytes=,,,",
  ])("answers with the whole where the range is %j", async (range) => {
    const answer = await get({ range });
    expect(answer.status).toBe(200);
    expect((await answer.bytes()).byteLength).toBe(size);
  });

  test("answers a thousand ranges with the whole or with that many, and no byte twice", async () => {
    const range = `bytes=${Array.from({ length: 1000 }, (_, i) => `${i * 3}-${i * 3}`).join(",")}`;
    const answer = await get({ range });
    expect([200, 206]).toContain(answer.status);
    expect((await answer.bytes()).byteLength).toBeLessThanOrEqual(size);
    const overlapping = await get({ range: `bytes=${Array.from({ length: 500 }, () => "0-").join(",")}` });
    expect((await overlapping.bytes()).byteLength).toBeLessThanOrEqual(size);
  });

  test("a range of a file that has none is its whole or nothing", async () => {
    const { id } = await owner.upload("empty", new Uint8Array());
    const answer = await owner.fetch(`/file/download?id=${id}`, { headers: { range: "bytes=0-" } });
    expect(answer.headers.get("content-range")).toBe("bytes */0");
    await problem(answer, 416, "range-not-satisfiable");
  });

  test("If-None-Match answers 304 with the validators and nothing else", async () => {
    for (const value of [etag(), `W/${etag()}`, "*", `"x", ${etag()}`, `"a,b",${etag()}`]) {
      const answer = await get({ "if-none-match": value });
      expect(answer.status).toBe(304);
      expect(answer.headers.get("etag")).toBe(etag());
      expect(answer.headers.get("x-request-id")).toMatch(/\S/);
      expect(await answer.bytes()).toHaveLength(0);
    }
    for (const value of ['"x"', file.sha1, '""']) {
      const answer = await get({ "if-none-match": value });
      expect(answer.status).toBe(200);
      await answer.bytes();
    }
  });

  test("If-Modified-Since counts where no If-None-Match is there", async () => {
    const at = (ms: number) => new Date(Date.parse(file.uploadedAt) + ms).toUTCString();
    const status = async (headers: Record<string, string>) => {
      const answer = await get(headers);
      await answer.bytes();
      return answer.status;
    };
    expect(await status({ "if-modified-since": at(0) })).toBe(304);
    expect(await status({ "if-modified-since": at(60_000) })).toBe(304);
    expect(await status({ "if-modified-since": at(-60_000) })).toBe(200);
    expect(await status({ "if-modified-since": at(60_000), "if-none-match": '"x"' })).toBe(200);
    expect(await status({ "if-modified-since": at(-60_000), "if-none-match": etag() })).toBe(304);
    // RFC 9110, 13.1.3: what is no HTTP-date is ignored.
    for (const value of ["soon", "2099-01-01", "1", "4102444800"]) expect(await status({ "if-modified-since": value })).toBe(200);
  });

  test("If-Match and If-Unmodified-Since answer 412 where they fail", async () => {
    const at = (ms: number) => new Date(Date.parse(file.uploadedAt) + ms).toUTCString();
    const status = async (headers: Record<string, string>) => {
      const answer = await get(headers);
      await answer.bytes();
      return answer.status;
    };
    expect(await status({ "if-match": etag() })).toBe(200);
    expect(await status({ "if-match": "*" })).toBe(200);
    expect(await status({ "if-match": `"x", ${etag()}` })).toBe(200);
    await problem(get({ "if-match": '"x"' }), 412, "precondition-failed");
    // RFC 9110, 13.1.1: compared strongly.
    await problem(get({ "if-match": `W/${etag()}` }), 412, "precondition-failed");
    expect(await status({ "if-unmodified-since": at(0) })).toBe(200);
    await problem(get({ "if-unmodified-since": at(-60_000) }), 412, "precondition-failed");
    expect(await status({ "if-match": etag(), "if-unmodified-since": at(-60_000) })).toBe(200);
    // RFC 9110, 13.2.2: If-Match is asked first.
    await problem(get({ "if-match": '"x"', "if-none-match": etag() }), 412, "precondition-failed");
    expect(await status({ "if-match": etag(), "if-none-match": etag() })).toBe(304);
  });

  test("If-Range lets the range count only for the same representation", async () => {
    const at = (ms: number) => new Date(Date.parse(file.uploadedAt) + ms).toUTCString();
    const status = async (value: string) => {
      const answer = await get({ "if-range": value, range: "bytes=0-9" });
      await answer.bytes();
      return answer.status;
    };
    expect(await status(etag())).toBe(206);
    expect(await status('"x"')).toBe(200);
    expect(await status(`W/${etag()}`)).toBe(200);
    expect(await status(at(0))).toBe(206);
    expect(await status(at(-60_000))).toBe(200);
    expect(await status(at(60_000))).toBe(200);
    expect(await status("nonsense")).toBe(200);
    // Without a range it says nothing; with one that lies outside it decides whether that matters.
    expect((await get({ "if-range": '"x"' })).status).toBe(200);
    expect((await get({ "if-range": '"x"', range: "bytes=9999999-" })).status).toBe(200);
    expect((await get({ "if-none-match": etag(), range: "bytes=0-9" })).status).toBe(304);
  });

  test("two hundred ranges at once come from the right places", async () => {
    await Promise.all(
      Array.from({ length: 200 }, async (_, i) => {
        const first = (i * 49_999) % size;
        const last = Math.min(first + 5000, size - 1);
        const answer = await get({ range: `bytes=${first}-${last}` });
        expect(Buffer.compare(await answer.bytes(), bytes.subarray(first, last + 1))).toBe(0);
      }),
    );
  });
});

test("a file is of the type that its extension stands for, and never runs as a part of the drive", async () => {
  for (const [name, type] of [
    ["a.txt", /^text\/plain/],
    ["a.html", /^text\/html/],
    ["a.svg", /^image\/svg\+xml/],
    ["A.PNG", /^image\/png/],
    ["a.mp4", /^video\/mp4/],
    ["a.pdf", /^application\/pdf/],
    ["a.unknown-extension", /^application\/octet-stream/],
    ["noextension", /^application\/octet-stream/],
  ] as const) {
    const { id, mime } = await alice.upload(name, bytesOf(10));
    expect(mime).toMatch(type);
    const { headers } = await alice.fetch(`/file/download?id=${id}`);
    expect(headers.get("content-type")).toBe(mime);
    expect(headers.get("content-disposition")).toMatch(/^attachment/);
    expect(headers.get("content-security-policy")).toContain("sandbox");
  }
});

test("asks for every route of downloads, and gets only answers that the document lists", async () => {
  await expectCalled(target, "ranges");
});
