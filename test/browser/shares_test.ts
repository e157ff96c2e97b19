import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { createHash, randomBytes } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { Page } from "playwright-core";

import { until } from "../support/client.ts";
import { startDrive } from "../support/drive.ts";
import { startChromium, type TestBrowser } from "./chromium.ts";
import { DrivePage } from "./drive_page.ts";

setDefaultTimeout(300_000);

const password = "correct horse battery";
const hostile = `<img src=x onerror="document.title='owned'">.txt`;
const sharePassword = "пароль 密码 100%";

describe("shares in the web client", () => {
  let drive: Awaited<ReturnType<typeof startDrive>>;
  let browser: TestBrowser;
  let folder: string;
  let ann: DrivePage;
  let bytes: Buffer;
  const letter = "Dear Carol";

  beforeAll(async () => {
    drive = await startDrive();
    browser = await startChromium();
    folder = await mkdtemp(join(tmpdir(), "sluice-shares-"));
    bytes = randomBytes(3_000_000);
    await writeFile(join(folder, hostile), bytes);
    await writeFile(join(folder, "letter.txt"), letter);
    ann = await open("ann");
    await ann.choose(join(folder, hostile), join(folder, "letter.txt"));
    for (const name of [hostile, "letter.txt"]) await ann.untilPhase(name, "done");
  });

  afterAll(async () => {
    await browser.close();
    await drive[Symbol.asyncDispose]();
    await rm(folder, { recursive: true });
  });

  const open = async (username: string): Promise<DrivePage> => {
    const page = new DrivePage(await browser.newPage(), drive.url);
    await page.signUp(username, password);
    return page;
  };

  /** Shares a file of ann's by the dialog. @returns the link. */
  const share = async (name: string, fill: (dialog: ReturnType<Page["getByRole"]>) => Promise<void>): Promise<string> => {
    await ann.press(ann.file(name), "Share");
    const dialog = ann.page.getByRole("dialog");
    await fill(dialog);
    await dialog.getByRole("button", { name: "Share", exact: true }).click();
    await dialog.getByRole("heading", { name: "Shared" }).waitFor();
    const link = await dialog.getByLabel("Link").inputValue();
    await dialog.getByRole("button", { name: "Done" }).click();
    await dialog.waitFor({ state: "hidden" });
    return link;
  };

  const downloaded = async (page: Page): Promise<Buffer> => {
    const begun = page.waitForEvent("download");
    await page.getByRole("button", { name: "Download" }).click();
    return await readFile(await (await begun).path());
  };

  test("somebody without an account opens one by its password, and downloads it as often as may be", async () => {
    const link = await share(hostile, async (dialog) => {
      await dialog.getByLabel("Password").fill(sharePassword);
      await dialog.getByLabel("Downloads at most").fill("1");
      await dialog.getByLabel("Ends").selectOption("in a week");
    });
    expect(new URL(link).pathname).toMatch(/^\/s\/[2-9a-z]{14}$/);
    const page = await browser.newPage();
    await page.goto(link);
    await page.getByRole("heading", { name: "This share has a password" }).waitFor();
    expect(await page.getByText(hostile).count()).toBe(0);
    await page.getByRole("textbox", { name: "Password" }).fill("something else");
    await page.getByRole("button", { name: "Open" }).click();
    await page.getByText("This is not the password.").waitFor();
    await page.getByRole("textbox", { name: "Password" }).fill(sharePassword);
    await page.getByRole("button", { name: "Open" }).click();
    await page.getByRole("heading", { name: hostile }).waitFor();
    for (const text of ["3.00 MB", "Shared by ann", "1 download left"]) await page.getByText(text).waitFor();
    expect(await page.getByRole("button", { name: "Save in my drive" }).isVisible()).toBe(false);
    await page.getByRole("link", { name: "sign in" }).waitFor();
    expect(sha1(await downloaded(page))).toBe(sha1(bytes));
    // A name is only text.
    expect(await page.locator("main img").count()).toBe(0);
    expect(await page.title()).not.toBe("owned");
    await page.reload();
    await page.getByRole("textbox", { name: "Password" }).fill(sharePassword);
    await page.getByRole("button", { name: "Open" }).click();
    await page.getByText("0 downloads left").waitFor();
    expect(await page.getByRole("button", { name: "Download" }).isDisabled()).toBe(true);
    await page.close();
  });

  test("somebody who is signed in saves it", async () => {
    const link = await share("letter.txt", async () => {});
    const bob = await open("bob");
    await bob.page.goto(link);
    await bob.page.getByRole("button", { name: "Save in my drive" }).click();
    await bob.page.getByText("Saved in your drive as “letter.txt”.").waitFor();
    await bob.page.goto(`${drive.url}/file/upload`);
    await bob.file("letter.txt").waitFor();
    await bob.page.close();
  });

  test("a friend finds it in a tab, and nobody else does", async () => {
    const carol = await open("carol");
    await ann.press(ann.file("letter.txt"), "Share");
    const dialog = ann.page.getByRole("dialog");
    await dialog.getByLabel("With").fill("nobody-of-that-name");
    await dialog.getByRole("button", { name: "Share", exact: true }).click();
    await dialog.getByRole("alert").filter({ hasText: "there is no user" }).waitFor();
    await dialog.getByRole("button", { name: "Cancel" }).click();
    const link = await share("letter.txt", async (asked) => await asked.getByLabel("With").fill("carol"));
    await carol.openShares();
    await carol.share("letter.txt", "Shared with me").getByText("ann").waitFor();
    await carol.press(carol.share("letter.txt", "Shared with me"), "Save");
    await carol.page.getByRole("tab", { name: "Files" }).click();
    await carol.file("letter.txt").waitFor();
    await carol.page.goto(link);
    expect((await downloaded(carol.page)).toString()).toBe(letter);
    const stranger = await browser.newPage();
    await stranger.goto(link);
    await stranger.getByRole("heading", { name: "There is no such share" }).waitFor();
    await stranger.getByRole("link", { name: "sign in" }).waitFor();
    for (const page of [stranger, carol.page]) await page.close();
  });

  test("the owner sees how it goes, and ends it after a yes", async () => {
    await ann.openShares();
    await ann.share(hostile).getByText("1 of 1 downloads").waitFor();
    await ann.share(hostile).getByText("Password").waitFor();
    expect(await ann.page.locator("main img").count()).toBe(0);
    const path = await ann.share(hostile).getByRole("link").getAttribute("href");
    await ann.press(ann.share(hostile), "End");
    await ann.page.keyboard.press("Escape");
    await ann.share(hostile).waitFor();
    await ann.press(ann.share(hostile), "End");
    await ann.page.getByRole("dialog").getByRole("button", { name: "End it" }).click();
    await ann.share(hostile).waitFor({ state: "detached" });
    const page = await browser.newPage();
    await page.goto(`${drive.url}${path}`);
    await page.getByRole("heading", { name: "There is no such share" }).waitFor();
    await page.close();
  });

  test("whoever signs in finds what is listed, most viewed first, under names that are only text", async () => {
    await ann.page.getByRole("tab", { name: "Files" }).click();
    const listed = async (name: string) => await share(name, async (dialog) => await dialog.getByLabel("Show its name").check());
    const [plain, viewed] = [await listed("letter.txt"), await listed(hostile)];
    const dave = await open("dave");
    const code = (link: string) => new URL(link).pathname.slice("/s/".length);
    for (let i = 0; i < 2; i++) expect((await fetch(`${drive.url}/share/${code(viewed)}`)).status).toBe(200);
    // Views are put in order each second.
    await until(
      async () => (await (await fetch(`${drive.url}/share/top`)).json()) as { shares: { name: string }[] },
      ({ shares }) => shares[0]?.name === hostile,
    );
    await dave.openShares();
    const links = dave.page.getByRole("list", { name: "Most viewed" }).getByRole("link");
    await links.nth(1).waitFor();
    const hrefs = await links.evaluateAll((all) => all.map((link) => link.getAttribute("href")));
    expect(hrefs).toEqual([viewed, plain].map((link) => new URL(link).pathname));
    for (const text of ["3.00 MB", "ann", "2 views"]) await dave.share(hostile, "Most viewed").getByText(text).waitFor();
    await dave.share("letter.txt", "Most viewed").getByText("0 views").waitFor();
    expect(await dave.page.locator("main img").count()).toBe(0);
    expect(await dave.page.title()).not.toBe("owned");
    await links.first().click();
    await dave.page.getByRole("heading", { name: hostile }).waitFor();
    await dave.page.close();
  });

  test("nothing complained", () => {
    // Chromium itself logs each answer of 4xx; those are the drive's words, and the page's to show.
    expect(browser.complaints.filter((text) => !/status of (?:400|401|404|410) /.test(text))).toEqual([]);
  });
});

function sha1(of: Uint8Array): string {
  return createHash("sha1").update(of).digest("hex");
}
