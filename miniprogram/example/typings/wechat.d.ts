/// <reference types="miniprogram-api-typings" />

/** What miniprogram-api-typings doesn't know yet, or has wrong. */
declare namespace WechatMiniprogram {
  /** https://developers.weixin.qq.com/miniprogram/dev/api/open-api/privacy/wx.onNeedPrivacyAuthorization.html */
  type ResolvePrivacy = (
    answer: { event: "agree"; buttonId: string } | { event: "disagree" | "exposureAuthorization" },
  ) => void;

  interface Wx {
    onNeedPrivacyAuthorization(listener: (resolve: ResolvePrivacy) => void): void;
  }

  /** Of `<button open-type="chooseAvatar">`: the path of a temporary file, or why there is none. */
  type ButtonChooseAvatar = CustomEvent<{ avatarUrl?: string; errMsg?: string; errno?: number }>;

  /** Of `<input type="nickname">`: what WeChat thinks of the text, some time after the field lost the focus. */
  type NicknameReview = CustomEvent<{ pass: boolean; timeout: boolean }>;
}
