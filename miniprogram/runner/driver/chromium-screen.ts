import type { Page } from "playwright-core";
import type { PhoneBridge } from "../bridge/bridge.ts";
import { phonePage, phoneScript } from "../phone-page.ts";
import { type Look, patience, type Screen } from "./screen.ts";

const address = "http://phone.test/";

/** Switches a phone on in a Chromium page, which gets real touches and keys. */
export async function createChromiumScreen(page: Page, bridge: PhoneBridge, program: string): Promise<Screen> {
  await page.route(`${address}**`, (route) => route.fulfill({ contentType: "text/html", body: phonePage() }));
  await page.exposeFunction("phoneBridge", bridge.call);
  const phone = await phoneScript();

  async function start(): Promise<void> {
    await page.goto(address);
    await page.evaluate(`window.phoneBoot = ${JSON.stringify(bridge.boot())};${phone}
window.wechatPhone = wechatPhone;
${program}`);
  }

  async function tap([name, ...values]: Look): Promise<void> {
    const find = `() => wechatPhone.eyes.${name}(${values.map((value) => JSON.stringify(value)).join(", ")})`;
    const complaint = `${name} ${values[0]} finds nothing that could be tapped`;
    do {
      const spot = until(`wechatPhone.eyes.reach(${find})`, complaint);
      const { x, y } = await page.evaluate<{ x: number; y: number }>(spot);
      await page.touchscreen.tap(x, y);
    } while (!(await page.evaluate<boolean>("wechatPhone.eyes.hasLanded()")));
  }

  await start();
  return {
    tap,
    async type(label, text) {
      await tap(["findField", label]);
      await page.keyboard.press("ControlOrMeta+A");
      // As a Chinese keyboard does: all that was composed comes at once.
      if (text === "") await page.keyboard.press("Delete");
      else await page.keyboard.insertText(text);
    },
    async sees(text, expected) {
      const look = `() => wechatPhone.eyes.sees(${JSON.stringify(text)}) === ${expected}`;
      await page.evaluate(until(look, `${text} is ${expected ? "not " : "still "}seen`));
    },
    readField: (label) => page.evaluate(`wechatPhone.eyes.readField(${JSON.stringify(label)})`),
    text: () => page.evaluate("wechatPhone.eyes.visibleText()"),
    pictures: () => page.evaluate("wechatPhone.eyes.pictures()"),
    async pullDown() {
      const touches = await page.context().newCDPSession(page);
      const points = (y: number) => [{ x: 180, y }];
      await touches.send("Input.dispatchTouchEvent", { type: "touchStart", touchPoints: points(200) });
      await touches.send("Input.dispatchTouchEvent", { type: "touchMove", touchPoints: points(300) });
      await touches.send("Input.dispatchTouchEvent", { type: "touchEnd", touchPoints: [] });
      await touches.detach();
    },
    control: (act) => page.evaluate(`wechatPhone.control.${act}()`),
    restart: start,
    close: () => page.close(),
  };
}

const until = (look: string, complaint: string) =>
  `wechatPhone.eyes.until(${look}, ${patience}, ${JSON.stringify(complaint)})`;
