import { type BridgeOptions, createBridge, type PhoneBridge } from "../bridge/bridge.ts";
import type { Picture } from "../protocol.ts";
import type { Screen } from "./screen.ts";

/** A phone in a person's hand, with the mini-program open. Each step waits until it can be done. */
export interface Phone {
  /** Taps what has this text or label; of several, the one nearest to another text. */
  tap(text: string, where?: { near: string }): Promise<void>;
  /** Puts the cursor into a field. */
  focus(label: string): Promise<void>;
  /** Types into a field, in place of what is there. */
  type(label: string, text: string): Promise<void>;
  /** Opens a picker and chooses: an entry, or of a date the year, month and day. */
  choose(label: string, ...entries: string[]): Promise<void>;
  /** Waits until a text is seen. */
  sees(...texts: string[]): Promise<void>;
  /** Waits until a text isn't seen. */
  seesNot(...texts: string[]): Promise<void>;
  /** What stands in a field. */
  reads(label: string): Promise<string | undefined>;
  /** Where the pictures that can be seen are from. */
  pictures(): Promise<string[]>;
  /** Pulls the page down, and waits until it has refreshed. */
  pullsDown(): Promise<void>;
  losesNetwork(): Promise<void>;
  findsNetwork(): Promise<void>;
  /** Goes to another program and comes back later. */
  leaves(): Promise<void>;
  returns(): Promise<void>;
  /** Closes the mini-program and opens it again. */
  relaunch(): Promise<void>;
  /** What the next picture from WeChat is. */
  hasAvatar(picture: Picture): void;
  /** What the mini-program did that WeChat would complain of. */
  faults: string[];
  screen: Screen;
  close(): Promise<void>;
}

/** Gives a phone to a person. `show` puts it into a browser or into jsdom. */
export async function openPhone(
  options: BridgeOptions,
  show: (bridge: PhoneBridge) => Promise<Screen>,
): Promise<Phone> {
  const bridge = createBridge(options);
  const screen = await show(bridge);
  const tap: Phone["tap"] = (text, where) => screen.tap(["findByText", text, where ?? {}]);

  return {
    tap,
    focus: (label) => screen.tap(["findField", label]),
    type: screen.type,
    async choose(label, ...entries) {
      await screen.tap(["findPicker", label]);
      for (const entry of entries) await tap(entry);
      await tap("确定");
    },
    async sees(...texts) {
      for (const text of texts) await screen.sees(text, true);
    },
    async seesNot(...texts) {
      for (const text of texts) await screen.sees(text, false);
    },
    reads: screen.readField,
    pictures: screen.pictures,
    async pullsDown() {
      await screen.pullDown();
      await screen.sees("●●●", false);
    },
    async losesNetwork() {
      bridge.setOnline(false);
      await screen.control("disconnect");
    },
    async findsNetwork() {
      bridge.setOnline(true);
      await screen.control("connect");
    },
    leaves: () => screen.control("hide"),
    returns: () => screen.control("show"),
    relaunch: screen.restart,
    hasAvatar: bridge.setAvatar,
    faults: bridge.faults,
    screen,
    async close() {
      await screen.close();
      await bridge.close();
    },
  };
}
