/** What can be looked for: a function of `phone/eyes.ts`, and what it is asked. */
export type Look = ["findByText", string, { near?: string }?] | ["findField", string] | ["findPicker", string];

/** A phone's screen and the hand of its person: in Chromium, or in jsdom. */
export interface Screen {
  /** Waits until something is there, and taps it. */
  tap(look: Look): Promise<void>;
  /** Waits for a field, and types into it in place of what is there. */
  type(label: string, text: string): Promise<void>;
  /** Waits until a text is seen, or isn't any more. */
  sees(text: string, expected: boolean): Promise<void>;
  /** What stands in a field. */
  readField(label: string): Promise<string | undefined>;
  /** The text that can be seen. */
  text(): Promise<string>;
  /** Where the pictures that can be seen are from. */
  pictures(): Promise<string[]>;
  /** Drags the page down with a finger. */
  pullDown(): Promise<void>;
  /** Does something to the phone as a whole. */
  control(act: "hide" | "show" | "connect" | "disconnect"): Promise<void>;
  /** Switches the phone off and on. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

/** Milliseconds that a person waits for something to appear. */
export const patience = 10_000;
