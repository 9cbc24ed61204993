import type { ComponentSpace } from "glass-easel";
import type { Bridge } from "../bridge.ts";
import type { Dialogs } from "../dialogs.ts";
import type { Privacy } from "../privacy.ts";
import type { TempFiles } from "../temp-files.ts";
import { type BuiltIn, defineBuiltIn } from "./built-in.ts";
import { choosePicture } from "./choose-picture.ts";
import { askForPhone } from "./phone-number.ts";

/** What the buttons of WeChat reach for. */
export interface ButtonNeeds {
  bridge: Bridge;
  dialogs: Dialogs;
  privacy: Privacy;
  files: TempFiles;
}

/**
 * Defines `<button>`, with those open types that an account needs.
 * @see https://developers.weixin.qq.com/miniprogram/dev/component/button.html
 */
export function defineButton(space: ComponentSpace, needs: ButtonNeeds): void {
  const properties = { size: "default", type: "default", plain: false, disabled: false, loading: false, openType: "" };
  defineBuiltIn(space, "button", properties, (part) => {
    part.element.setAttribute("role", "button");
    part.onTap(() => {
      for (const openType of part.text("openType").split("|")) void openTypes[openType]?.(part, needs);
    });
    return () => {
      for (const name of ["plain", "disabled", "loading"]) part.element.toggleAttribute(name, part.flag(name));
      for (const name of ["size", "type"]) {
        part.element.toggleAttribute(name, part.text(name) !== "default");
        if (part.text(name) !== "default") part.element.setAttribute(name, part.text(name));
      }
    };
  });
}

const openTypes: Record<string, (part: BuiltIn, needs: ButtonNeeds) => Promise<void>> = {
  async agreePrivacyAuthorization(part, { privacy }) {
    privacy.agree(part.id());
    part.emit("agreeprivacyauthorization", { errMsg: "agreePrivacyAuthorization:ok" });
  },

  async chooseAvatar(part, { bridge, dialogs, privacy, files }) {
    const refusal = await privacy.require("button.chooseAvatar");
    if (refusal) return part.emit("chooseavatar", { ...refusal, errMsg: `chooseAvatar:${refusal.errMsg}` });
    const picture = await choosePicture(dialogs, bridge);
    if (picture) part.emit("chooseavatar", { avatarUrl: files.add(picture) });
  },

  async getPhoneNumber(part, { bridge, dialogs, privacy }) {
    const refusal = await privacy.require("button.getPhoneNumber");
    const result = refusal ?? (await askForPhone(dialogs, bridge));
    part.emit("getphonenumber", { ...result, errMsg: `getPhoneNumber:${result.errMsg}` });
  },
};
