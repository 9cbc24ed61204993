import type { BrowserContext, Page } from "playwright-core";
import type { PhoneBridge } from "../bridge/bridge.ts";
import { phonePage, phoneScript } from "./phone-page.ts";

/** How large a phone is: that of an iPhone X. */
export const phoneSize = { width: 375, height: 812 };

const address = "http://phone.test/";

/** Switches a phone on in a Chromium page: a new page, or one whose program is started again. */
export async function startInChromium(context: BrowserContext, bridge: PhoneBridge, program: string): Promise<Page> {
  const page = await context.newPage();
  await page.route(`${address}**`, (route) => route.fulfill({ contentType: "text/html", body: phonePage() }));
  await page.exposeFunction("phoneBridge", bridge.call);
  await page.goto(address);
  const boot = `window.phoneBoot = ${JSON.stringify(bridge.boot())};`;
  await page.evaluate(`${boot}${await phoneScript()}\nwindow.wechatPhone = wechatPhone;\n${program}`);
  return page;
}
