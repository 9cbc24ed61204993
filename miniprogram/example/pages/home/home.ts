import { confirm } from "../../lib/confirm";
import type { Problem } from "../../lib/describe-error";
import { describeError, problemOf } from "../../lib/describe-error";
import type { Profile } from "../../lib/describe-user";
import { describeUser } from "../../lib/describe-user";
import type { Refusal } from "../../lib/refusal";
import { describePhoneRefusal } from "../../lib/refusal";
import { isSignedOut, leave } from "../../lib/signed-out";
import { wxpass } from "../../lib/wxpass";
import type { User } from "../../wxpass/wxpass.js";

interface HomeData {
  /** Null until the first answer: the page shows the sign, or what went wrong. */
  profile: Profile | null;
  problem: Problem | null;
  phoneProblem: Problem | null;
  isBindingPhone: boolean;
  isLeaving: boolean;
}

const data: HomeData = {
  profile: null,
  problem: null,
  phoneProblem: null,
  isBindingPhone: false,
  isLeaving: false,
};

/** The profile, and the way to everything else. */
Page({
  data,

  async onShow() {
    if (isSignedOut()) leave("signedOut");
    else await this.load();
  },

  async onPullDownRefresh() {
    await this.load();
    wx.stopPullDownRefresh();
  },

  /** Asks for the user. At the first start this signs in, and makes the account. */
  async load() {
    try {
      const user = wxpass.signedIn ? await wxpass.me() : (await wxpass.login()).user;
      this.show(user);
    } catch (error) {
      this.setData({ problem: describeError(error) });
    }
  },

  retry() {
    this.setData({ problem: null });
    return this.load();
  },

  show(user: User) {
    this.setData({ profile: describeUser(user), problem: null });
  },

  async bindPhone({ detail }: WechatMiniprogram.CustomEvent<Refusal & { code?: string }>) {
    if (!detail.code) return this.explainRefusal(detail);
    this.setData({ isBindingPhone: true, phoneProblem: null });
    try {
      this.show(await wxpass.bindPhone(detail.code));
      wx.showToast({ title: "已绑定", icon: "success" });
    } catch (error) {
      // The button's code works once, so trying again means tapping the button again.
      this.setData({ phoneProblem: { ...describeError(error, "绑定失败"), canRetry: false } });
    } finally {
      this.setData({ isBindingPhone: false });
    }
  },

  explainRefusal(refusal: Refusal) {
    const isTourist = wx.getAccountInfoSync().miniProgram.appId === "touristappid";
    const title = describePhoneRefusal(refusal, isTourist);
    this.setData({ phoneProblem: title ? problemOf(title) : null });
  },

  async unbindPhone() {
    const question = { title: "解绑手机号？", content: "解绑后可以随时重新绑定。", confirmText: "解绑" };
    if (!(await confirm(question))) return;
    try {
      this.show(await wxpass.unbindPhone());
      this.setData({ phoneProblem: null });
      wx.showToast({ title: "已解绑", icon: "success" });
    } catch (error) {
      this.setData({ phoneProblem: { ...describeError(error, "解绑失败"), canRetry: false } });
    }
  },

  async signOut() {
    const question = { title: "退出登录？", content: "资料会保留，下次用微信登录就能看到。", confirmText: "退出" };
    if (this.data.isLeaving || !(await confirm(question))) return;
    this.setData({ isLeaving: true });
    await wxpass.logout();
    leave("signedOut");
  },

  openEdit() {
    wx.navigateTo({ url: "/pages/edit/edit" });
  },

  openSessions() {
    wx.navigateTo({ url: "/pages/sessions/sessions" });
  },

  openMyData() {
    wx.navigateTo({ url: "/pages/my-data/my-data" });
  },

  openDeleteAccount() {
    wx.navigateTo({ url: "/pages/delete-account/delete-account" });
  },
});
