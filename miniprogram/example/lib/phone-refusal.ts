/** What `<button open-type="getPhoneNumber">` says when there is no code. */
export interface PhoneRefusal {
  errMsg: string;
  errno?: number;
}

/**
 * Why WeChat gave no phone number, in words; empty if the person simply said no.
 * https://developers.weixin.qq.com/miniprogram/dev/framework/open-ability/getPhoneNumber.html
 */
export function describePhoneRefusal({ errMsg, errno }: PhoneRefusal, isTourist: boolean): string {
  if (isTourist) return "没有 AppID 的游客模式拿不到手机号。请在 project.config.json 里填上已认证小程序的 AppID。";
  if (/privacy/.test(errMsg)) return "同意隐私保护指引以后，才能绑定手机号。";
  if (/den(y|ied)|cancel/.test(errMsg)) return "";
  if (errno === 1400001) return "这个小程序获取手机号的次数用完了，请联系开发者。";
  if (/permission/.test(errMsg)) return "这个小程序不能获取手机号：需要已认证的非个人主体。";
  return "微信没有给出手机号，请稍后再试。";
}
