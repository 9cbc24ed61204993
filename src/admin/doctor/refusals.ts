import type { Text } from "../../errors.js";
import { addressErrcodes, type WechatRefusal } from "../../wechat/errcodes.js";
import { type Finding, fault } from "./finding.js";

/** Where WeChat keeps an app's secret and its IP list, as its pages call it in both languages. */
const page = "mp.weixin.qq.com → 开发管理 → 开发设置";

const onTheList: Text = {
  zh: `把它加入 IP 白名单：${page} → IP白名单；生效要几分钟`,
  en: `Put it on the IP list: ${page} → IP白名单; it takes minutes to hold`,
};

const consent: Text = {
  zh: "请小程序管理员在微信里同意这个地址的调用，或把它加入 IP 白名单",
  en: "Have the administrator of the mini-program agree in WeChat, or put the address on the IP list",
};

const wait = (zh: string, en: string): Text => ({
  zh: `${zh}后再试，并请管理员同意，或把它加入 IP 白名单`,
  en: `Wait for ${en}, then have the administrator agree, or put the address on the IP list`,
});

/** What is wrong, and what to do, by errcode. */
const known: Record<number, readonly [what: Text, advice: Text]> = {
  40013: [
    { zh: "AppID 有误", en: "the AppID is wrong" },
    { zh: `核对 WECHAT_APPS 里的 AppID：${page}`, en: `Compare the AppID in WECHAT_APPS with ${page}` },
  ],
  40125: [
    { zh: "AppSecret 有误", en: "the AppSecret is wrong" },
    {
      zh: `核对 WECHAT_APPS；AppSecret 忘了只能在 ${page} → AppSecret 重置`,
      en: `Mend WECHAT_APPS; a forgotten AppSecret can only be made anew: ${page} → AppSecret`,
    },
  ],
  40243: [
    { zh: "AppSecret 被冻结", en: "the AppSecret is frozen" },
    { zh: `在 ${page} → AppSecret 解冻`, en: `Unfreeze it: ${page} → AppSecret` },
  ],
  45009: [
    { zh: "今天的调用次数已用完", en: "the day's quota of calls is used up" },
    {
      zh: "北京时间零点恢复；看看还有谁在用这个 AppID",
      en: "It ends at midnight in China; look who else uses this AppID",
    },
  ],
  45011: [
    { zh: "一分钟内调用太多", en: "there were too many calls in a minute" },
    { zh: "一分钟后再试", en: "Try again in a minute" },
  ],
  50007: [
    { zh: "账号被冻结", en: "the account is frozen" },
    { zh: "登录 mp.weixin.qq.com 查看原因", en: "mp.weixin.qq.com tells why" },
  ],
  61024: [
    { zh: "这个小程序授权给了第三方平台", en: "the app belongs to a platform, which has to make its calls" },
    { zh: "换成直接管理的小程序，或请平台代为调用", en: "Take one that you manage yourself" },
  ],
  89501: [{ zh: "正在等待管理员确认", en: "it waits for the administrator's consent" }, consent],
  89503: [{ zh: "需要管理员确认", en: "it needs the administrator's consent" }, consent],
  89506: [
    { zh: "管理员拒绝了两次，24 小时内不能再试", en: "the administrator refused twice" },
    wait("24 小时", "24 hours"),
  ],
  89507: [{ zh: "管理员拒绝了，一小时内不能再试", en: "the administrator refused" }, wait("一小时", "an hour")],
};

const lookUp: Text = {
  zh: "错误码的含义见 developers.weixin.qq.com/miniprogram/dev/framework/server-ability/errcode.html",
  en: "Look the errcode up at developers.weixin.qq.com/miniprogram/dev/framework/server-ability/errcode.html",
};

/** Says what WeChat's refusal of an app means, and names the address that it doesn't let in. */
export function explainRefusal(appId: string, refusal: WechatRefusal): Finding {
  const { errcode, meaning, address } = refusal;
  const [what, advice] = known[errcode] ?? [undefined, addressErrcodes.has(errcode) ? onTheList : lookUp];
  if (!addressErrcodes.has(errcode)) {
    const words = what ?? { zh: meaning, en: meaning };
    return fault({ zh: `${appId}：${words.zh}（${errcode}）`, en: `${appId}: ${words.en} (${errcode})` }, advice);
  }
  const more = what ? { zh: `，${what.zh}`, en: `: ${what.en}` } : { zh: "", en: "" };
  const named = address === undefined ? "" : ` ${address}`;
  return fault(
    {
      zh: `${appId}：微信不接受本机的出口地址${named}${more.zh}（${errcode}）`,
      en: `${appId}: WeChat doesn't let in this machine's address${named}${more.en} (${errcode})`,
    },
    advice,
  );
}
