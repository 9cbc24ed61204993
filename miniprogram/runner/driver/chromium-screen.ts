import type { ElementHandle, Page } from "playwright-core";
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

  async function find([name, ...values]: Look): Promise<ElementHandle> {
    const look = `() => wechatPhone.eyes.${name}(${values.map((value) => JSON.stringify(value)).join(", ")})`;
    const handle = await page.evaluateHandle(until(look, `nothing is there for ${name} ${values[0]}`));
    const element = handle.asElement();
    if (!element) throw new TypeError(`${name} finds no element`);
    return element;
  }

  await start();
  return {
    tap: async (look) => (await find(look)).tap({ timeout: patience }),
    async type(label, text) {
      await (await find(["findField", label])).tap({ timeout: patience });
      await page.keyboard.press("ControlOrMeta+A");
      if (text === "") await page.keyboard.press("Delete");
      else await page.keyboard.type(text);
    },
    async sees(text, expected) {
      const look = `() => wechatPhone.eyes.sees(${JSON.stringify(text)}) === ${expected}`;
      await page.evaluate(until(look, `${text} is ${expected ? "not " : "still "}seen`));
    },
    readField: (label) => page.evaluate(`wechatPhone.eyes.readField(${JSON.stringify(label)})`),
    text: () => page.evaluate("wechatPhone.eyes.visibleText()"),
    pictures: () => page.evaluate("wechatPhone.eyes.pictures()"),
    control: (act) => page.evaluate(`wechatPhone.control.${act}()`),
    restart: start,
    close: () => page.close(),
  };
}

const until = (look: string, complaint: string) =>
  `wechatPhone.eyes.until(${look}, ${patience}, ${JSON.stringify(complaint)})`;
