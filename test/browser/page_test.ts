import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { createHash, randomBytes } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { startDrive } from "../support/drive.ts";
import { startChromium, type TestBrowser } from "./chromium.ts";
import { DrivePage } from "./drive_page.ts";

const password = "correct horse battery";
const hostile = `<img src=x onerror="document.title='owned'">&amp;.txt`;
/** Shown as "jpg.exe" by what obeys the override; the drive takes no such name. */
const disguised = "\u202Eexe.gpj";

describe("the web client", () => {
  let drive: Awaited<ReturnType<typeof startDrive>>;
  let browser: TestBrowser;
  let folder: string;
  let ann: DrivePage;
  let bigPath: string;

  /** A new file of random bytes on this machine's disk. */
  const makeFile = async (name: string, bytes: number): Promise<string> => {
    const path = join(folder, name);
    await writeFile(path, randomBytes(bytes));
    return path;
  };

  const open = async (username: string): Promise<DrivePage> => {
    const page = new DrivePage(await browser.newPage(), drive.url);
    await page.signUp(username, password);
    return page;
  };

  beforeAll(async () => {
    drive = await startDrive();
    browser = await startChromium();
    folder = await mkdtemp(join(tmpdir(), "sluice-page-"));
    bigPath = await makeFile("big.bin", 20 * 1024 * 1024);
    ann = await open("ann");
  });

  afterAll(async () => {
    await browser.close();
    await drive[Symbol.asyncDispose]();
    await rm(folder, { recursive: true });
  });

  test("uploads two files, with progress", async () => {
    await ann.throttleUpload(12_000_000);
    await ann.choose(bigPath, await makeFile("small.txt", 1000));
    await ann.untilPhase("big.bin", "uploading");
    await ann.untilProgress("big.bin", 0.1);
    expect(await ann.progressOf("big.bin")).toBeLessThan(1);
    await ann.untilPhase("big.bin", "done");
    await ann.untilPhase("small.txt", "done");
    await ann.file("big.bin").getByText("21.0 MB").waitFor();
    await ann.file("small.txt").getByText("1.00 kB").waitFor();
    await ann.throttleUpload(-1);
  });

  test("a file comes back as it went", async () => {
    const begun = ann.page.waitForEvent("download");
    await ann.press(ann.file("big.bin"), "Download");
    const download = await begun;
    expect(download.suggestedFilename()).toBe("big.bin");
    expect(sha1(await readFile(await download.path()))).toBe(sha1(await readFile(bigPath)));
  });

  test("somebody else with the same file need not send it", async () => {
    const bob = await open("bob");
    const parts: string[] = [];
    bob.page.on("request", (request) => request.url().includes("uppart") && parts.push(request.url()));
    await bob.choose(bigPath);
    await bob.untilPhase("big.bin", "done");
    await bob.upload("big.bin").getByText("at once").waitFor();
    await bob.file("big.bin").waitFor();
    expect(parts).toEqual([]);
  });

  test("an upload goes on after a pause and a reload, from where it was", async () => {
    const path = await makeFile("film.bin", 50 * 1024 * 1024);
    await ann.throttleUpload(20_000_000);
    await ann.choose(path);
    await ann.untilPhase("film.bin", "uploading");
    await ann.untilProgress("film.bin", 0.72);
    await ann.press(ann.upload("film.bin"), "Pause");
    await ann.untilPhase("film.bin", "paused");
    await ann.page.reload();
    await ann.untilPhase("film.bin", "waiting");
    // Four of seven chunks were through before the others could be.
    expect(await ann.progressOf("film.bin")).toBeGreaterThan(0.5);
    await ann.choose(path);
    await ann.untilPhase("film.bin", "done");
    await ann.file("film.bin").waitFor();
  });

  test("pause and resume without a reload", async () => {
    await ann.throttleUpload(12_000_000);
    await ann.choose(await makeFile("paused.bin", 20 * 1024 * 1024));
    await ann.untilPhase("paused.bin", "uploading");
    await ann.press(ann.upload("paused.bin"), "Pause");
    await ann.untilPhase("paused.bin", "paused");
    await ann.press(ann.upload("paused.bin"), "Resume");
    await ann.untilPhase("paused.bin", "done");
  });

  test("a cancelled upload leaves nothing", async () => {
    await ann.throttleUpload(4_000_000);
    await ann.choose(await makeFile("unwanted.bin", 20 * 1024 * 1024));
    await ann.untilPhase("unwanted.bin", "uploading");
    await ann.press(ann.upload("unwanted.bin"), "Cancel");
    await ann.upload("unwanted.bin").waitFor({ state: "detached" });
    await ann.throttleUpload(-1);
    await ann.page.reload();
    await ann.file("big.bin").waitFor();
    expect(await ann.upload("unwanted.bin").count()).toBe(0);
    expect(await ann.file("unwanted.bin").count()).toBe(0);
  });

  test("renames, and says when a name is taken", async () => {
    await ann.press(ann.file("small.txt"), "Rename");
    const dialog = ann.page.getByRole("dialog");
    await dialog.getByLabel("New name").fill("big.bin");
    await dialog.getByRole("button", { name: "Rename" }).click();
    await dialog.getByRole("alert").filter({ hasText: /./ }).waitFor();
    await dialog.getByLabel("New name").fill("letter.txt");
    await dialog.getByRole("button", { name: "Rename" }).click();
    await dialog.waitFor({ state: "hidden" });
    await ann.file("letter.txt").waitFor();
  });

  test("deletes only after a yes", async () => {
    await ann.press(ann.file("letter.txt"), "Delete");
    await ann.page.keyboard.press("Escape");
    await ann.file("letter.txt").waitFor();
    await ann.press(ann.file("letter.txt"), "Delete");
    await ann.page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
    await ann.file("letter.txt").waitFor({ state: "detached" });
  });

  test("a hostile name is only text", async () => {
    await ann.choose(await makeFile(hostile, 10));
    await ann.untilPhase(hostile, "done");
    await ann.file(hostile).waitFor();
    expect(await ann.page.title()).toBe("Sluice");
    expect(await ann.page.locator("main img").count()).toBe(0);
  });

  test("says why the drive refuses a name", async () => {
    await ann.choose(await makeFile(disguised, 10));
    await ann.untilPhase(disguised, "failed");
    await ann.upload(disguised).getByText("direction-changing characters").waitFor();
    await ann.press(ann.upload(disguised), "Clear");
    await ann.upload(disguised).waitFor({ state: "detached" });
  });

  test("searches by name", async () => {
    await ann.page.getByRole("searchbox").fill("film");
    await ann.file("big.bin").waitFor({ state: "detached" });
    await ann.file("film.bin").waitFor();
    await ann.page.getByRole("searchbox").fill("");
    await ann.file("big.bin").waitFor();
  });

  test("shows a file that another window has uploaded", async () => {
    const other = new DrivePage(await ann.page.context().newPage(), drive.url);
    await other.page.goto(ann.page.url());
    await other.choose(await makeFile("elsewhere.txt", 10));
    await ann.file("elsewhere.txt").waitFor();
    await other.page.close();
  });

  test("signs out, and refuses a wrong password with the drive's words", async () => {
    expect(browser.complaints.filter(unexpected)).toEqual([]);
    await ann.page.getByRole("button", { name: "Sign out" }).click();
    await ann.page.getByLabel("User name").fill("ann");
    await ann.page.getByLabel("Password", { exact: true }).fill("something else");
    await ann.page.getByRole("button", { name: "Sign in" }).click();
    await ann.page.getByRole("alert").filter({ hasText: /./ }).waitFor();
    await ann.page.getByLabel("Password", { exact: true }).fill(password);
    await ann.page.getByRole("button", { name: "Sign in" }).click();
    await ann.file("big.bin").waitFor();
  });

  test("nothing complained", () => {
    expect(browser.complaints.filter(unexpected)).toEqual([]);
  });
});

/** Chromium itself logs each answer of 4xx; those are the drive's words, and the page's to show. */
function unexpected(complaint: string): boolean {
  return !/^Failed to load resource: the server responded with a status of (?:400|401|404|409) /.test(complaint);
}

function sha1(bytes: Uint8Array): string {
  return createHash("sha1").update(bytes).digest("hex");
}
