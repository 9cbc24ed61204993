import type { Failure } from "../protocol.ts";
import type { Bridge } from "./bridge.ts";
import type { Dialogs } from "./dialogs.ts";
import { make, makeButton } from "./dom.ts";
import type { ReportFault } from "./faults.ts";

type Answer = { event: "agree"; buttonId: string } | { event: "disagree" } | { event: "exposureAuthorization" };
type Listener = (resolve: (answer: Answer) => void, info: { referrer: string }) => void;

/** Whether the person agreed to the mini-program's privacy guide, and how one gets there. */
export interface Privacy {
  readonly needed: boolean;
  /** `wx.onNeedPrivacyAuthorization`: the last listener counts. */
  listen(listener: Listener): void;
  /** A tap on `<button open-type="agreePrivacyAuthorization">`. */
  agree(buttonId: string): void;
  /** Lets something protected go on, once the person has agreed; fails if the person refuses. */
  require(referrer: string): Promise<Failure | undefined>;
}

const refused: Failure = { errMsg: "fail privacy permission is not authorized", errno: 104 };

/**
 * Keeps WeChat's rules of 2023.
 * @see https://developers.weixin.qq.com/miniprogram/dev/framework/user-privacy/PrivacyAuthorize.html
 */
export function createPrivacy(agreed: boolean, bridge: Bridge, dialogs: Dialogs, report: ReportFault): Privacy {
  let needed = !agreed;
  let listener: Listener | undefined;
  const tapped = new Set<string>();

  function grant(): void {
    if (needed) bridge("agreePrivacy", null);
    needed = false;
  }

  /** What WeChat shows for a mini-program that has no dialog of its own. */
  async function askItself(): Promise<boolean> {
    return dialogs.sheet<boolean>("隐私保护指引", (done) => [
      make("h2", {}, "用户隐私保护提示"),
      make("p", {}, "使用前请阅读并同意《小程序隐私保护指引》"),
      makeButton("拒绝", "phone-cancel", () => done(false)),
      makeButton("同意", "phone-confirm", () => done(true)),
    ]);
  }

  function askProgram(ask: Listener, referrer: string): Promise<boolean> {
    return new Promise((resolve) => {
      const answer = (given: Answer) => {
        if (given.event === "exposureAuthorization") return;
        if (given.event === "agree" && !tapped.has(given.buttonId)) {
          return report(`the privacy button with the id "${given.buttonId}" was never tapped`);
        }
        resolve(given.event === "agree");
      };
      ask(answer, { referrer });
    });
  }

  return {
    get needed() {
      return needed;
    },
    listen(next) {
      listener = next;
    },
    agree(buttonId) {
      tapped.add(buttonId);
      grant();
    },
    async require(referrer) {
      if (!needed) return undefined;
      const agrees = await (listener ? askProgram(listener, referrer) : askItself());
      if (!agrees) return refused;
      grant();
      return undefined;
    },
  };
}
