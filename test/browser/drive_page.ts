import type { CDPSession, Locator, Page } from "playwright-core";

/** The web client's page as a person uses it. */
export class DrivePage {
  readonly page: Page;
  readonly #url: string;
  #devtools: CDPSession | undefined;

  /** @param origin Of the drive, such as `http://127.0.0.1:8080`. */
  constructor(page: Page, origin: string) {
    this.page = page;
    this.#url = `${origin}/file/upload`;
  }

  async signUp(username: string, password: string): Promise<void> {
    await this.page.goto(this.#url);
    await this.page.getByRole("button", { name: "Create an account" }).click();
    await this.page.getByLabel("User name").fill(username);
    await this.page.getByLabel("Password", { exact: true }).fill(password);
    await this.page.getByRole("button", { name: "Create the account" }).click();
    await this.page.getByRole("heading", { name: "Files" }).waitFor();
  }

  async choose(...paths: string[]): Promise<void> {
    await this.page.locator("#picker").setInputFiles(paths);
  }

  /** Presses the button of a row whose label begins with `label`; a file's name follows there. */
  async press(row: Locator, label: string): Promise<void> {
    await row.getByRole("button", { name: new RegExp(`^${label}\\b`) }).click();
  }

  /** The row of an upload. */
  upload(name: string): Locator {
    return this.#row("Uploads", name);
  }

  /** The row of a file in the list. */
  file(name: string): Locator {
    return this.#row("Files", name);
  }

  /** Waits until an upload is in one of `phases`. */
  async untilPhase(name: string, ...phases: string[]): Promise<void> {
    const any = phases.map((phase) => `[data-phase="${phase}"]`).join(",");
    await this.upload(name).and(this.page.locator(any)).waitFor();
  }

  /** Between 0 and 1; `null` while the bar tells no value. */
  async progressOf(name: string): Promise<number | null> {
    const bar = this.upload(name).locator("progress[value]");
    return (await bar.count()) > 0 ? Number(await bar.getAttribute("value")) : null;
  }

  /** Waits until an upload's bar stands at `share` or more. */
  async untilProgress(name: string, share: number): Promise<void> {
    const untilMs = Date.now() + 25_000;
    while (((await this.progressOf(name)) ?? 0) < share) {
      if (Date.now() > untilMs) throw new Error(`the bar of ${name} stands at ${await this.progressOf(name)}, not at ${share}`);
      await Bun.sleep(10);
    }
  }

  /** Sends no faster than this from now on. */
  async throttleUpload(bytesPerSecond: number): Promise<void> {
    this.#devtools ??= await this.page.context().newCDPSession(this.page);
    const conditions = { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput: bytesPerSecond };
    await this.#devtools.send("Network.emulateNetworkConditions", conditions);
  }

  /** Receives no faster than this from now on. */
  async throttleDownload(bytesPerSecond: number): Promise<void> {
    this.#devtools ??= await this.page.context().newCDPSession(this.page);
    const conditions = { offline: false, latency: 0, downloadThroughput: bytesPerSecond, uploadThroughput: -1 };
    await this.#devtools.send("Network.emulateNetworkConditions", conditions);
  }

  /** Goes to the tab of videos. */
  async openVideos(): Promise<void> {
    await this.page.getByRole("tab", { name: "Videos" }).click();
    await this.page.getByRole("heading", { name: "Videos", exact: true }).waitFor();
  }

  /** Goes to the tab of shares. */
  async openShares(): Promise<void> {
    await this.page.getByRole("tab", { name: "Shares" }).click();
    await this.page.getByRole("heading", { name: "My shares" }).waitFor();
  }

  /** The row of a share in the list of one's own, of those of others, or of those that everybody may find. */
  share(name: string, list: "My shares" | "Shared with me" | "Most viewed" = "My shares"): Locator {
    return this.#row(list, name);
  }

  /** The row of a video in the list. */
  video(title: string): Locator {
    return this.#row("Videos", title);
  }

  /** The row of a comment on the video that is open. */
  comment(content: string): Locator {
    return this.#row("Comments", content);
  }

  #row(list: string, name: string): Locator {
    const named = this.page.getByText(name, { exact: true });
    return this.page.getByRole("list", { name: list, exact: true }).getByRole("listitem").filter({ has: named });
  }
}
