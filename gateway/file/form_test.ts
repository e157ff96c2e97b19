import { describe, expect, test } from "bun:test";

import { isAppError } from "#lib/errors/mod.ts";

import { type FormFile, readForm } from "./form.ts";

const boundary = "x-boundary";
const file = (name: string, content: string, field = "file") =>
  `--${boundary}\r\nContent-Disposition: form-data; name="${field}"; filename="${name}"\r\nContent-Type: text/plain\r\n\r\n${content}\r\n`;
const end = `--${boundary}--\r\n`;

/** A request whose body comes in pieces of so many bytes. */
function formRequest(body: string, pieceBytes = 1 << 20, type = `multipart/form-data; boundary=${boundary}`): Request {
  const bytes = new TextEncoder().encode(body);
  let at = 0;
  const stream = new ReadableStream<Uint8Array>({
    async pull(controller) {
      await Bun.sleep(0);
      if (at >= bytes.byteLength) return controller.close();
      controller.enqueue(bytes.slice(at, at + pieceBytes));
      at += pieceBytes;
    },
  });
  return new Request("http://drive/file/upload", { method: "POST", body: stream, headers: { "content-type": type } });
}

async function read({ name, body }: FormFile) {
  const pieces: Uint8Array[] = [];
  for await (const piece of body) pieces.push(piece);
  return { name, content: Buffer.concat(pieces).toString() };
}

async function refusal(request: Request, take: (file: FormFile) => Promise<unknown> = read): Promise<unknown> {
  return await readForm(request, take).then(
    () => "nothing",
    (error: unknown) => (isAppError(error) ? error.code : error),
  );
}

describe("a form", () => {
  // A content that looks like the boundary's beginning, wherever a piece may end.
  const content = `a\r\n--x-bound\r\n--x-boundar\r\n--\r\n${"y".repeat(300)}`;

  test.each([1, 2, 3, 7, 16, 64, 1000])("is read the same in pieces of %i bytes", async (pieceBytes) => {
    const request = formRequest(`${file("a.txt", content)}${file("ä.txt", "")}${file("c.txt", "c")}${end}`, pieceBytes);
    expect(await readForm(request, read)).toEqual([
      { name: "a.txt", content },
      { name: "ä.txt", content: "" },
      { name: "c.txt", content: "c" },
    ]);
  });

  test("waits for one who reads slowly, and keeps the order", async () => {
    const large = "z".repeat(500_000);
    const slowly = async (each: FormFile) => {
      await Bun.sleep(each.name === "a" ? 50 : 0);
      return await read(each);
    };
    const request = formRequest(`${file("a", large)}${file("b", "b")}${end}`, 10_000);
    expect((await readForm(request, slowly)).map(({ content }) => content.length)).toEqual([large.length, 1]);
  });

  test("is refused with another field, of a file or of text, wherever it stands", async () => {
    const text = `--${boundary}\r\nContent-Disposition: form-data; name="note"\r\n\r\nhello\r\n`;
    for (const body of [
      file("a", "a", "other"),
      `${file("a", "a")}${file("b", "b", "other")}`,
      text,
      `${file("a", "a")}${text}`,
    ]) {
      expect(await refusal(formRequest(`${body}${end}`))).toBe("invalid-request");
    }
  });

  test("is refused with no file, too many, or a body that is none", async () => {
    expect(await refusal(formRequest(end))).toBe("invalid-request");
    expect(await refusal(formRequest(""))).toBe("invalid-request");
    expect(await refusal(formRequest("nonsense"))).toBe("invalid-request");
    const many = Array.from({ length: 1001 }, (_, i) => file(`${i}`, "x")).join("");
    expect(await refusal(formRequest(`${many}${end}`))).toBe("invalid-request");
    expect(await refusal(formRequest(file("a", "a"), 10, "text/plain"))).toBe("invalid-request");
    expect(await refusal(formRequest(file("a", "a"), 10, "multipart/form-data"))).toBe("invalid-request");
  });

  test("that is cut is refused, wherever it is cut, and however late it is read", async () => {
    const whole = `${file("a.txt", "hello")}${end}`;
    for (let length = 0; length < whole.length - 4; length += 3) {
      const late = async (each: FormFile) => {
        await Bun.sleep(2);
        return await read(each);
      };
      expect([length, await refusal(formRequest(whole.slice(0, length)), late)]).toEqual([length, "invalid-request"]);
    }
  });

  test("fails as the one fails who takes its files", async () => {
    const reason = new Error("no room");
    const fail = async () => {
      await Promise.resolve();
      throw reason;
    };
    const request = formRequest(`${file("a", "a".repeat(200_000))}${file("b", "b")}${end}`, 10_000);
    expect(await refusal(request, fail)).toBe(reason);
  });
});
