import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { hasMediaTools, makeClip } from "../support/clips.ts";
import { startDrive } from "../support/drive.ts";
import { startChromium, type TestBrowser } from "./chromium.ts";
import { DrivePage } from "./drive_page.ts";

const password = "correct horse battery";
const hostileTitle = `<img src=x onerror="document.title='owned'">`;
const hostileComment = `<script>document.title='owned'</script><img src=x onerror="document.title='owned'">`;
const seconds = 40;

/** Noise on a picture that moves, so that it does not fit into a player's buffer at once. */
const noise = ["-f", "lavfi", "-i", `testsrc2=duration=${seconds}:size=320x240:rate=10,noise=alls=60:allf=t`];
const vp8 = ["-c:v", "libvpx", "-b:v", "3M", "-deadline", "realtime", "-cpu-used", "16", "-g", "20"];

describe.skipIf(!hasMediaTools)("videos in the web client", () => {
  let drive: Awaited<ReturnType<typeof startDrive>>;
  let browser: TestBrowser;
  let folder: string;
  let clip: string;
  let ann: DrivePage;
  /** First bytes of the ranges that the drive answered with 206. */
  const ranges: number[] = [];

  beforeAll(async () => {
    drive = await startDrive();
    browser = await startChromium();
    folder = await mkdtemp(join(tmpdir(), "sluice-videos-"));
    clip = join(folder, "clip.webm");
    await writeFile(clip, await makeClip("webm", ...noise, ...vp8));
    ann = new DrivePage(await browser.newPage(), drive.url);
    ann.page.on("response", (answer) => {
      const first = /^bytes (\d+)-/.exec(answer.headers()["content-range"] ?? "")?.[1];
      if (answer.status() === 206 && first !== undefined) ranges.push(Number(first));
    });
    await ann.signUp("ann", password);
  }, 120_000);

  afterAll(async () => {
    await browser.close();
    await drive[Symbol.asyncDispose]();
    await rm(folder, { recursive: true });
  });

  /** What an expression on the player, `video`, comes to. */
  const ask = <T>(expression: string) =>
    ann.page.evaluate<T>(`(() => { const video = document.querySelector("video"); return ${expression}; })()`);
  const untilPlayer = async (expression: string) => {
    const untilMs = Date.now() + 25_000;
    while (!(await ask<boolean>(expression))) {
      if (Date.now() > untilMs) throw new Error(`the player is at ${await ask<number>("video.currentTime")}: not ${expression}`);
      await Bun.sleep(50);
    }
  };

  test("publishes a file of this machine, and one of the drive", async () => {
    await ann.choose(clip);
    await ann.untilPhase("clip.webm", "done");
    await ann.openVideos();
    await ann.page.getByRole("textbox", { name: "Title" }).fill(hostileTitle);
    await ann.page.getByLabel("Video", { exact: true }).selectOption({ label: "clip.webm" });
    await ann.page.getByRole("button", { name: "Publish" }).click();
    await ann.video(hostileTitle).waitFor();
    await ann.page.getByRole("textbox", { name: "Title" }).fill("Sent for this");
    await ann.page.getByLabel("File to upload").setInputFiles(clip);
    await ann.page.getByRole("button", { name: "Publish" }).click();
    await ann.video("Sent for this").waitFor();
    expect(await ann.page.locator("#video-list img").count()).toBe(0);
    expect(await ann.page.title()).toBe("Sluice");
  });

  test("says why it does not publish what is no video", async () => {
    const page = join(folder, "film.webm");
    await writeFile(page, "<!doctype html><script>alert(1)</script>");
    await ann.page.getByRole("textbox", { name: "Title" }).fill("No film");
    await ann.page.getByLabel("File to upload").setInputFiles(page);
    await ann.page.getByRole("button", { name: "Publish" }).click();
    await ann.page.getByRole("alert").filter({ hasText: "only video and audio is published" }).waitFor();
    await ann.page.getByRole("button", { name: "Dismiss" }).click();
    expect(await ann.video("No film").count()).toBe(0);
  });

  test("plays, and seeks past what it has, by a range", async () => {
    await ann.throttleDownload(700_000);
    await ann.press(ann.video("Sent for this"), "Watch");
    await untilPlayer("video.readyState >= 3");
    await ask("video.muted = true, video.play()");
    await untilPlayer("video.currentTime > 0.5 && !video.paused");
    expect(await ask<number>("video.videoWidth")).toBe(320);
    expect(await ask<number>("Math.round(video.duration)")).toBe(seconds);
    const to = seconds - 5;
    expect(await ask<number>("video.buffered.end(video.buffered.length - 1)")).toBeLessThan(to);
    const seen = ranges.length;
    await ask(`video.currentTime = ${to}`);
    await untilPlayer(`!video.seeking && video.currentTime > ${to + 0.3}`);
    expect(Math.max(...ranges.slice(seen))).toBeGreaterThan(1_000_000);
    await ann.throttleDownload(-1);
  });

  test("shows comments as text, the newest first, and takes them back", async () => {
    const say = async (words: string) => {
      await ann.page.getByLabel("Your comment").fill(words);
      await ann.page.getByRole("button", { name: "Comment", exact: true }).click();
      await ann.comment(words).waitFor();
    };
    await say("first");
    await say(hostileComment);
    const bob = new DrivePage(await browser.newPage(), drive.url);
    await bob.signUp("bob", password);
    await bob.openVideos();
    await bob.page.getByLabel("Whose videos").fill("ann");
    await bob.page.keyboard.press("Enter");
    await bob.press(bob.video("Sent for this"), "Watch");
    await bob.comment(hostileComment).waitFor();
    expect(await bob.page.locator("#comment-list").getByRole("listitem").count()).toBe(2);
    expect(await bob.page.locator("#comment-list").getByRole("listitem").first().innerText()).toContain(hostileComment);
    for (const { page } of [ann, bob]) {
      expect(await page.title()).toBe("Sluice");
      expect(await page.locator("#comment-list :is(img, script)").count()).toBe(0);
    }
    // Neither the video nor its comments are bob's.
    expect(await bob.page.getByRole("button", { name: /^Delete/ }).count()).toBe(0);
    await ann.press(ann.comment("first"), "Delete");
    await ann.comment("first").waitFor({ state: "detached" });
    await bob.page.close();
  });

  test("a video that is opened by itself plays, too", async () => {
    const { page } = new DrivePage(await browser.newPage(), drive.url);
    const { videos } = (await (await fetch(`${drive.url}/user/ann/videos`)).json()) as { videos: { id: string }[] };
    await page.goto(`${drive.url}/videos/${videos[0]?.id}`);
    await page.waitForFunction("document.querySelector('video').readyState >= 2");
    expect(await page.evaluate("document.scripts.length")).toBe(0);
    await page.close();
  });

  test("deletes after a yes, and the player ends with its video", async () => {
    await ann.press(ann.video("Sent for this"), "Delete");
    await ann.page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
    await ann.video("Sent for this").waitFor({ state: "detached" });
    await ann.page.locator("#player").waitFor({ state: "hidden" });
    await ann.page.getByRole("tab", { name: "Files" }).click();
    // The file that was sent for it is gone with it; the other one stays.
    await ann.file("clip (1).webm").waitFor({ state: "detached" });
    await ann.file("clip.webm").waitFor();
  });

  test("nothing complained", () => {
    expect(browser.complaints.filter((text) => !/status of (?:400|404) /.test(text))).toEqual([]);
  });
});
