import type { Calls } from "../protocol.ts";

/** Asks the world outside of the phone: Node, which holds the network and what the phone keeps. */
export type Bridge = <Name extends keyof Calls>(name: Name, input: Calls[Name]["in"]) => Promise<Calls[Name]["out"]>;

/** What the host puts into the window: takes and returns JSON. */
export type RawBridge = (name: string, input: string) => Promise<string>;

export function createBridge(call: RawBridge): Bridge {
  return async (name, input) => JSON.parse(await call(name, JSON.stringify(input)));
}
