import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { afterAll } from "vitest";

const inPath = (name: string) => (process.env["PATH"] ?? "").split(delimiter).map((folder) => join(folder, name));

/** Where Chromium is installed, if it is. `CHROMIUM` names one that isn't in the `PATH`. */
export const chromiumPath = [
  process.env["CHROMIUM"] ?? "",
  ...["chromium", "chromium-browser", "google-chrome"].flatMap(inPath),
].find((path) => path !== "" && existsSync(path));

const quiet = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  // Pages under test are on this machine, as is the server that they load from.
  "--disable-features=LocalNetworkAccessChecks",
];

/** A new browser window that reaches only the server under test, unless a test routes more. */
export interface BrowserWindow {
  context: BrowserContext;
  page: Page;
  /** Addresses on other hosts that the window asked for, in vain. */
  foreign: string[];
  /** What the browser refused because of a page's Content-Security-Policy. */
  violations: string[];
}

let browser: Promise<Browser> | undefined;

afterAll(async () => (await browser)?.close());

/** Opens a window for a server. */
export async function openWindow(serverUrl: string, options: BrowserContextOptions = {}): Promise<BrowserWindow> {
  browser ??= chromium.launch({ executablePath: chromiumPath ?? "chromium", args: quiet });
  const context = await (await browser).newContext({ viewport: { width: 1280, height: 800 }, ...options });
  context.setDefaultTimeout(10_000);
  const page = await context.newPage();
  const foreign: string[] = [];
  const violations: string[] = [];
  await context.route(
    (url) => /^https?:/.test(url.protocol) && url.origin !== serverUrl,
    (route) => {
      foreign.push(route.request().url());
      return route.abort("internetdisconnected");
    },
  );
  page.on("console", (message) => {
    if (message.text().includes("Content Security Policy")) violations.push(message.text());
  });
  return { context, page, foreign, violations };
}
