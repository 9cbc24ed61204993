import { JSDOM, VirtualConsole } from "jsdom";
import type { PhoneBridge } from "../bridge/bridge.ts";
import type * as Phone from "../phone/phone.ts";
import { phonePage, phoneScript } from "../phone-page.ts";
import { type Look, patience, type Screen } from "./screen.ts";

/** Switches a phone on in jsdom, where touches and keys are events. It has no layout: nothing covers anything, and no picture loads. */
export async function createJsdomScreen(bridge: PhoneBridge, program: string): Promise<Screen> {
  const script = await phoneScript();
  let dom = await start();

  async function start(): Promise<JSDOM> {
    const options = { url: "http://phone.test/", pretendToBeVisual: true, runScripts: "outside-only" } as const;
    const started = new JSDOM(phonePage(), { ...options, virtualConsole: new VirtualConsole() });
    Object.assign(started.window, { phoneBoot: bridge.boot(), phoneBridge: bridge.call });
    started.window.eval(`${script}\n${program}`);
    return started;
  }

  /** jsdom's window has what the script has put there. */
  const phone = (): typeof Phone => dom.window["wechatPhone"];

  function find(look: Look): Promise<Element> {
    const { eyes } = phone();
    return eyes.until(() => search(eyes, look), patience, `nothing is there for ${look[0]} ${look[1]}`);
  }

  const isTypable = (element: Element | null): element is HTMLInputElement | HTMLTextAreaElement =>
    element instanceof dom.window.HTMLInputElement || element instanceof dom.window.HTMLTextAreaElement;

  function fire(target: Element, type: string, more: object = {}): void {
    const event = new dom.window.Event(type, { bubbles: true, cancelable: true, composed: true });
    target.dispatchEvent(Object.assign(event, more));
  }

  function touch(target: Element, type: "touchstart" | "touchmove" | "touchend", clientY: number): void {
    const changedTouches = [{ identifier: 0, clientX: 0, clientY }];
    fire(target, type, { changedTouches, touches: type === "touchend" ? [] : changedTouches });
  }

  async function tap(look: Look): Promise<void> {
    const target = await find(look);
    fire(target, "pointerdown");
    touch(target, "touchstart", 0);
    const { activeElement } = dom.window.document;
    if (activeElement !== target && isTypable(activeElement)) activeElement.blur();
    if (isTypable(target)) target.focus();
    touch(target, "touchend", 0);
    fire(target, "click");
  }

  return {
    tap,
    async type(label, text) {
      await tap(["findField", label]);
      const field = await find(["findField", label]);
      if (!isTypable(field) || field.disabled) return;
      field.value = field.maxLength >= 0 ? text.slice(0, field.maxLength) : text;
      fire(field, "input");
    },
    async sees(text, expected) {
      const { eyes } = phone();
      await eyes.until(() => eyes.sees(text) === expected, patience, `${text} is ${expected ? "not " : "still "}seen`);
    },
    readField: async (label) => phone().eyes.readField(label),
    text: async () => phone().eyes.visibleText(),
    pictures: async () => phone().eyes.pictures(),
    async pullDown() {
      const page = dom.window.document.querySelector(".phone-page:not([hidden]) .phone-scroller");
      if (!page) throw new TypeError("there is no page to pull");
      touch(page, "touchstart", 200);
      touch(page, "touchmove", 300);
      touch(page, "touchend", 300);
    },
    control: async (act) => phone().control?.[act](),
    async restart() {
      dom.window.close();
      dom = await start();
    },
    close: async () => dom.window.close(),
  };
}

function search(eyes: typeof Phone.eyes, [name, text, where]: Look): Element | undefined {
  if (name === "findByText") return eyes.findByText(text, where);
  return name === "findField" ? eyes.findField(text) : eyes.findPicker(text);
}
