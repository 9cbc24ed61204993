import { adviceOn } from "../../wechat/advice.js";
import { addressErrcodes, explainErrcode, type WechatRefusal } from "../../wechat/errcodes.js";
import { type Finding, fault } from "./finding.js";

/** Says what WeChat's refusal of an app means, and names the address that it doesn't let in. */
export function explainRefusal(appId: string, { errcode, address }: WechatRefusal): Finding {
  const { zh, en } = explainErrcode(errcode).meaning;
  const named = address !== undefined && addressErrcodes.has(errcode);
  const what = named ? { zh: `${zh}：${address}`, en: `${en}: ${address}` } : { zh, en };
  return fault(
    { zh: `${appId}：${what.zh}（${errcode}）`, en: `${appId}: ${what.en} (${errcode})` },
    adviceOn(errcode),
  );
}
