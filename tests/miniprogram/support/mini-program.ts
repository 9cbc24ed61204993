import { fileURLToPath } from "node:url";
import { chromiumPath } from "../../../miniprogram/runner/chromium.ts";
import { createChromiumScreen } from "../../../miniprogram/runner/driver/chromium-screen.ts";
import { openPhone, type Phone } from "../../../miniprogram/runner/driver/phone.ts";
import { compileProgram } from "../../../miniprogram/runner/program/compile.ts";
import { openWindow } from "../../support/browser.js";
import { firstApp } from "../../support/client.js";
import type { TestApp } from "../../support/test-app.js";

/** Where the mini-program is shown: in Chromium where it is installed, or where `MINIPROGRAM_IN` says. */
export const shownIn = process.env["MINIPROGRAM_IN"] ?? (chromiumPath ? "chromium" : "jsdom");

export const exampleFolder = fileURLToPath(new URL("../../../miniprogram/example", import.meta.url));

/** The address in the example's `config.ts`. */
const configured = "http://127.0.0.1:4000";

let program: Promise<string> | undefined;

const open = new Map<Phone, { foreign: string[] }>();

/** What the phones that are open did that WeChat would complain of, and what they asked of other hosts, since the last call. */
export function takeFaults(): string[] {
  return [...open].flatMap(([{ faults }, { foreign }]) => [...faults.splice(0), ...foreign.splice(0)]);
}

/** Puts away the phones that a test file has left open; `put-phones-away.ts` calls it at the end of each. */
export async function closePhones(): Promise<void> {
  await Promise.all([...open.keys()].map((phone) => phone.close()));
  open.clear();
}

interface MiniProgramOptions {
  server: TestApp;
  person: string;
  phoneNumber?: string;
  /** `touristappid` is DevTools without an AppID. */
  appId?: string;
}

/** Opens the example on a new phone of a person's. */
export async function openMiniProgram({
  server,
  person,
  phoneNumber = "13800138000",
  appId = firstApp,
}: MiniProgramOptions): Promise<Phone> {
  program ??= compileProgram(exampleFolder);
  const script = await program;
  const bridge = {
    person,
    phoneNumber,
    appId,
    simulatorUrl: server.simulatorUrl ?? "",
    servers: { [configured]: server.url },
  };
  let foreign: string[] = [];
  const phone = await openPhone(bridge, async (bridge) => {
    if (shownIn === "jsdom") {
      const { createJsdomScreen } = await import("../../../miniprogram/runner/driver/jsdom-screen.ts");
      return createJsdomScreen(bridge, script);
    }
    const { page, foreign: asked } = await openWindow(server.url, {
      viewport: phoneSize,
      hasTouch: true,
      isMobile: true,
      locale: "zh-CN",
    });
    foreign = asked;
    return createChromiumScreen(page, bridge, script);
  });
  open.set(phone, { foreign });
  return {
    ...phone,
    async close() {
      open.delete(phone);
      await phone.close();
    },
  };
}

/** An iPhone X. */
const phoneSize = { width: 375, height: 812 };
