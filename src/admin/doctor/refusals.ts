import { adviceOn } from "../../wechat/advice.js";
import { explainErrcode, type WechatRefusal } from "../../wechat/errcodes.js";
import { type Finding, fault } from "./finding.js";

/** Says what WeChat's refusal of an app means, and names the address that it doesn't let in. */
export function explainRefusal(appId: string, { errcode, address }: WechatRefusal): Finding {
  const { meaning } = explainErrcode(errcode);
  const { zh, en } = adviceOn(errcode);
  const named = address === undefined ? { zh: "", en: "" } : { zh: `：${address}`, en: `: ${address}` };
  return fault(
    { zh: `${appId}：${meaning.zh}（${errcode}）${named.zh}`, en: `${appId}: ${meaning.en} (${errcode})${named.en}` },
    { zh, en: `${en.charAt(0).toUpperCase()}${en.slice(1)}` },
  );
}
