/** An app as WeChat knows it. */
export interface WechatApp {
  appId: string;
  secret: string;
}

/**
 * The app that a request of `wx.request` comes from: WeChat fixes its `Referer`. A forged one gains nothing, since a
 * code only works with the secret of its own app.
 * @see https://developers.weixin.qq.com/miniprogram/dev/framework/ability/network.html
 */
export function appIdFromReferer(referer: string | undefined): string | undefined {
  return /^https:\/\/servicewechat\.com\/(\w{1,64})\//.exec(referer ?? "")?.[1];
}
