import type { Boot } from "../../protocol.ts";
import type { Bridge } from "../bridge.ts";
import type { Dialogs } from "../dialogs.ts";
import type { PageStack } from "../page-stack.ts";
import type { Privacy } from "../privacy.ts";
import type { TempFiles } from "../temp-files.ts";
import { WxFailure, wxFunction } from "./callbacks.ts";
import { createDevice } from "./device.ts";
import { createDialogFunctions } from "./dialogs.ts";
import { createNavigation } from "./navigation.ts";
import { createNetwork } from "./network.ts";
import { createStorage } from "./storage.ts";

interface WxNeeds {
  boot: Boot;
  bridge: Bridge;
  dialogs: Dialogs;
  pages: PageStack;
  privacy: Privacy;
  files: TempFiles;
}

/** Makes the `wx` of a mini-program, and what the phone itself can do to it. A function that isn't here isn't there for the program. */
export function createWx({ boot, bridge, dialogs, pages, privacy, files }: WxNeeds) {
  const device = createDevice(boot);
  const { interrupt, request, uploadFile } = createNetwork(bridge, files);
  const guide = { privacyContractName: "《小程序隐私保护指引》" };

  const wx = {
    ...device.wx,
    ...createDialogFunctions(dialogs),
    ...createNavigation(pages),
    ...createStorage(boot.storage, bridge),
    request,
    uploadFile,
    login: wxFunction("login", async () => {
      const answer = await bridge("loginCode", null);
      if ("failure" in answer) throw new WxFailure(answer.failure);
      return answer;
    }),
    getPrivacySetting: wxFunction("getPrivacySetting", () => ({ needAuthorization: privacy.needed, ...guide })),
    onNeedPrivacyAuthorization: privacy.listen,
    requirePrivacyAuthorize: wxFunction("requirePrivacyAuthorize", async () => {
      const refusal = await privacy.require("requirePrivacyAuthorize");
      if (refusal) throw new WxFailure(refusal);
      return {};
    }),
    openPrivacyContract: wxFunction("openPrivacyContract", async () => {
      await dialogs.modal({
        title: "小程序隐私保护指引",
        content: "这里显示在微信公众平台填写的隐私保护指引。",
        showCancel: false,
        cancelText: "",
        confirmText: "知道了",
        confirmColor: "#576b95",
      });
      return {};
    }),
    canIUse: (what: string): boolean =>
      /^(button|input|picker|textarea|view)\b/.test(what) || Object.hasOwn(wx, what.split(".")[0] ?? ""),
  };
  return { wx, interrupt, setConnected: device.setConnected };
}
