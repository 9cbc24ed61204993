/** What a button of WeChat's says when it gives nothing. */
export interface Refusal {
  errMsg?: string;
  errno?: number;
}

/**
 * Whether the mini-program's privacy guide doesn't name what the button asks for. Nobody is asked for consent then: the
 * developer has to declare it at mp.weixin.qq.com first.
 * https://developers.weixin.qq.com/miniprogram/dev/framework/user-privacy/PrivacyAuthorize.html
 */
export function isUndeclared({ errMsg = "", errno }: Refusal): boolean {
  return errno === 112 || /not declared/.test(errMsg);
}

/**
 * Why WeChat gave no phone number, in words; empty if the person simply said no.
 * https://developers.weixin.qq.com/miniprogram/dev/framework/open-ability/getPhoneNumber.html
 */
export function describePhoneRefusal(refusal: Refusal, isTourist: boolean): string {
  const { errMsg = "", errno } = refusal;
  if (isTourist) return "游客模式没有 AppID，无法获取手机号。请在 project.config.json 里填上已认证小程序的 AppID。";
  if (isUndeclared(refusal)) return "小程序还没有在用户隐私保护指引里声明手机号，暂时不能绑定。";
  if (/privacy/.test(errMsg)) return "同意隐私保护指引以后，才能绑定手机号。";
  if (/den(y|ied)|cancel/.test(errMsg)) return "";
  if (errno === 1400001) return "这个小程序获取手机号的额度用完了，请联系开发者。";
  if (/permission/.test(errMsg)) return "这个小程序不能获取手机号：只对已认证的非个人主体开放。";
  return "没有获取到手机号，请稍后再试。";
}
