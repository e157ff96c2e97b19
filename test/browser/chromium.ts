import { chromium, type Browser, type Page } from "playwright-core";

/** A browser for a test file, and what its pages complained of. */
export interface TestBrowser {
  /** A page of its own person: no storage is shared with other pages. */
  newPage: () => Promise<Page>;
  /** Console errors, uncaught errors and breaches of the content security policy, of all pages. */
  complaints: string[];
  close: () => Promise<void>;
}

const args = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

const waitMs = 25_000;

/** Runs before the page's own script, from outside its policy. */
const tellBreaches = `addEventListener("securitypolicyviolation", (e) => console.error("CSP: " + e.violatedDirective + " " + e.blockedURI));`;

/** Starts the system's Chromium, headless, with an empty profile. */
export async function startChromium(): Promise<TestBrowser> {
  const executablePath = Bun.env["CHROMIUM_PATH"] ?? "/usr/bin/chromium";
  const browser = await chromium.launch({ executablePath, headless: true, args });
  const complaints: string[] = [];
  return { complaints, newPage: () => newPage(browser, complaints), close: () => browser.close() };
}

async function newPage(browser: Browser, complaints: string[]): Promise<Page> {
  const context = await browser.newContext({ acceptDownloads: true });
  await context.addInitScript(tellBreaches);
  // Shorter than a test may take: at that limit Bun would end the browser, and with it every test that follows.
  context.setDefaultTimeout(waitMs);
  const page = await context.newPage();
  page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(error.message));
  return page;
}
