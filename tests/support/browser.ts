import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { chromiumArguments, chromiumPath } from "../../miniprogram/runner/chromium.ts";

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

/** Closes the browser that a test file has left open; `close-browser.ts` calls it at the end of each. */
export async function closeBrowser(): Promise<void> {
  const opened = await browser;
  browser = undefined;
  await opened?.close();
}

/** Opens a window for a server. */
export async function openWindow(serverUrl: string, options: BrowserContextOptions = {}): Promise<BrowserWindow> {
  browser ??= chromium.launch({ executablePath: chromiumPath ?? "chromium", args: chromiumArguments });
  const context = await (await browser).newContext({ viewport: { width: 1280, height: 800 }, ...options });
  context.setDefaultTimeout(30_000);
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
