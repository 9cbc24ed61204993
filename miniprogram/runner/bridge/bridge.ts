import type { Boot, Calls, Picture } from "../protocol.ts";
import { createRequests } from "./requests.ts";
import { createSimulatorPerson } from "./simulator-person.ts";

/** Where a phone is, who holds it and what the mini-program is. */
export interface BridgeOptions {
  /** Who is signed in to WeChat on this phone: a name that the simulator knows as such. */
  person: string;
  /** The number of the person's at WeChat: eleven digits. */
  phoneNumber: string;
  /** Where the WeChat simulator listens. */
  simulatorUrl: string;
  /** The mini-program's AppID; `touristappid` is what DevTools has without one. */
  appId: string;
  /** Other addresses for those that the program asks for, such as that of the server under test. */
  servers: Record<string, string>;
}

type Handlers = { [Name in keyof Calls]: (input: Calls[Name]["in"]) => Promise<Calls[Name]["out"]> };

/** A phone without its screen: the network, what is kept on it, and the person's account at WeChat. */
export interface PhoneBridge {
  /** Answers the phone. JSON goes in and out. */
  call(name: string, input: string): Promise<string>;
  /** What the phone knows when it is switched on. */
  boot(): Boot;
  /** What went wrong in the mini-program so far. */
  faults: string[];
  setOnline(online: boolean): void;
  /** Chooses this picture next time in place of the one at WeChat. */
  setAvatar(picture: Picture): void;
  close(): Promise<void>;
}

/** Makes the part of a phone that isn't its screen. It outlives the program, as a phone does. */
export function createBridge(options: BridgeOptions): PhoneBridge {
  const storage: Record<string, string> = {};
  const faults: string[] = [];
  const person = createSimulatorPerson(options);
  const requests = createRequests(options);
  let privacyAgreed = false;
  let avatar: Picture | undefined;

  const handlers: Handlers = {
    request: requests.request,
    upload: requests.upload,
    async abort({ id }) {
      requests.abort(id);
      return null;
    },
    loginCode: person.loginCode,
    phoneNumber: person.phoneNumber,
    phoneCode: person.phoneCode,
    wechatAvatar: async () => avatar ?? person.avatar(),
    async store({ key, value }) {
      if (value === null) delete storage[key];
      else storage[key] = value;
      return null;
    },
    async agreePrivacy() {
      privacyAgreed = true;
      return null;
    },
    async fault({ text }) {
      faults.push(text);
      return null;
    },
  };
  const isCall = (name: string): name is keyof Calls => Object.hasOwn(handlers, name);

  async function answer<Name extends keyof Calls>(name: Name, input: Calls[Name]["in"]) {
    return handlers[name](input);
  }

  return {
    async call(name, input) {
      if (!isCall(name)) throw new Error(`the phone has no ${name}`);
      return JSON.stringify(await answer(name, JSON.parse(input)));
    },
    boot: () => ({ appId: options.appId, storage: { ...storage }, privacyAgreed }),
    faults,
    setOnline: requests.setOnline,
    setAvatar(picture) {
      avatar = picture;
    },
    close: requests.close,
  };
}
