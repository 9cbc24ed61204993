/** Avatar, nickname or phone buttons that wait for the person's answer. They are WeChat's, not a page's, so they live here. */
let waiting: WechatMiniprogram.ResolvePrivacy[] = [];

type Answer = Parameters<WechatMiniprogram.ResolvePrivacy>[0];

function answerAll(answer: Answer): void {
  for (const resolve of waiting) resolve(answer);
  waiting = [];
}

/**
 * Asks for consent to the privacy guide when WeChat demands it: at the first use of an avatar, nickname or phone button. A page
 * that has such buttons includes this component once. After a refusal the page gets the event `refuse`, and stays usable.
 * https://developers.weixin.qq.com/miniprogram/dev/framework/user-privacy/PrivacyAuthorize.html
 */
Component({
  data: { isOpen: false, guideName: "《小程序隐私保护指引》" },
  lifetimes: {
    attached() {
      this.listen();
    },
    detached() {
      answerAll({ event: "disagree" });
    },
  },
  pageLifetimes: {
    // WeChat keeps one listener for the whole program: the one that was set last.
    show() {
      this.listen();
    },
  },
  methods: {
    listen() {
      if (!wx.canIUse("onNeedPrivacyAuthorization")) return;
      wx.onNeedPrivacyAuthorization((resolve) => {
        waiting.push(resolve);
        resolve({ event: "exposureAuthorization" });
        this.open();
      });
    },

    open() {
      this.setData({ isOpen: true });
      wx.getPrivacySetting({
        success: ({ privacyContractName }) => {
          if (privacyContractName) this.setData({ guideName: privacyContractName });
        },
      });
    },

    /** Tells WeChat, which checks that the button with this id was really tapped. */
    agree() {
      this.setData({ isOpen: false });
      answerAll({ event: "agree", buttonId: "agree-button" });
      this.triggerEvent("agree");
    },

    refuse() {
      this.setData({ isOpen: false });
      answerAll({ event: "disagree" });
      this.triggerEvent("refuse");
    },

    openGuide() {
      wx.openPrivacyContract({
        fail: () => wx.showToast({ title: "还没有配置隐私保护指引", icon: "none" }),
      });
    },

    /** Keeps the page under the sheet from scrolling. */
    stay() {},
  },
});
