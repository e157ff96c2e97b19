import { afterAll, beforeAll, describe, expect, test } from "bun:test";

import { bytesOf, until } from "../support/client.ts";
import { startDrive } from "../support/drive.ts";
import { file, headOf, type Source, startSource, status } from "../support/source_server.ts";
import { startChromium, type TestBrowser } from "./chromium.ts";
import { DrivePage } from "./drive_page.ts";

const password = "correct horse battery";
const content = bytesOf(3_000_000, "page");

describe("offline download in the web client", () => {
  let source: Source;
  let drive: Awaited<ReturnType<typeof startDrive>>;
  let browser: TestBrowser;
  let ann: DrivePage;

  beforeAll(async () => {
    source = await startSource();
    drive = await startDrive({ env: { OFFLINE_ALLOW: "127.0.0.1", OFFLINE_PORTS: String(source.port) } });
    browser = await startChromium();
    ann = new DrivePage(await browser.newPage(), drive.url);
    await ann.signUp("ann", password);
  }, 120_000);

  afterAll(async () => {
    await browser.close();
    await drive[Symbol.asyncDispose]();
    await source[Symbol.asyncDispose]();
  });

  const dialog = () => ann.page.getByRole("dialog", { name: "Fetch from a URL" });
  const fetchUrl = async (url: string, name?: string) => {
    await ann.page.getByRole("button", { name: "From a URL" }).click();
    await dialog().getByLabel("URL").fill(url);
    if (name !== undefined) await dialog().getByLabel("Name").fill(name);
    await dialog().getByRole("button", { name: "Fetch" }).click();
  };
  const requestsFor = (path: string) => source.requests.filter((request) => request.path === path);

  test("shows how far it is, and then the file, called as the server says", async () => {
    const headers = { "content-disposition": 'attachment; filename="film.bin"' };
    await fetchUrl(source.serve("/x", file(content, { pauseMs: 60, headers })));
    await dialog().waitFor({ state: "hidden" });
    await ann.untilPhase("film.bin", "fetching");
    await ann.untilProgress("film.bin", 0.2);
    await ann.untilPhase("film.bin", "done");
    await ann.file("film.bin").getByText("3.00 MB").waitFor();
  });

  test("goes on through a reload, and is shown again", async () => {
    await fetchUrl(source.serve("/long", file(content, { pauseMs: 100 })), "long.bin");
    await ann.untilPhase("long.bin", "fetching");
    await ann.page.reload();
    await ann.untilPhase("long.bin", "fetching");
    await ann.untilPhase("long.bin", "done");
    await ann.file("long.bin").waitFor();
    expect(requestsFor("/long")).toHaveLength(1);
  });

  test("is given up with its row", async () => {
    const endless = source.serve("/endless", async ({ send, gone }) => {
      await send(headOf("200 OK"));
      for (; !gone.aborted; await Bun.sleep(100)) await send(content.subarray(0, 1000));
    });
    await fetchUrl(endless, "endless.bin");
    await ann.upload("endless.bin").getByText("so far").waitFor();
    expect(await ann.progressOf("endless.bin")).toBeNull();
    await ann.press(ann.upload("endless.bin"), "Cancel");
    await ann.upload("endless.bin").waitFor({ state: "detached" });
    await until(async () => requestsFor("/endless")[0]?.gone.aborted, Boolean);
  });

  test("says why a URL is not fetched, and why one failed", async () => {
    await fetchUrl("http://169.254.169.254/latest/meta-data/");
    await dialog().getByRole("alert").filter({ hasText: "no public address" }).waitFor();
    await dialog().getByRole("button", { name: "Cancel" }).click();
    await fetchUrl(source.serve("/none", status("404 Not Found")), "none.bin");
    await ann.untilPhase("none.bin", "failed");
    await ann.upload("none.bin").getByText("The server does not give it").waitFor();
    expect(
      await ann
        .upload("none.bin")
        .getByRole("button", { name: /^Try again/ })
        .isHidden(),
    ).toBe(true);
    await ann.press(ann.upload("none.bin"), "Clear");
    await ann.upload("none.bin").waitFor({ state: "detached" });
  });

  test("nothing complained", () => {
    expect(browser.complaints.filter((text) => !/status of 400 /.test(text))).toEqual([]);
  });
});
