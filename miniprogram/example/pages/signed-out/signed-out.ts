import type { Problem } from "../../lib/describe-error";
import { describeError } from "../../lib/describe-error";
import { comeBack } from "../../lib/signed-out";
import { wxpass } from "../../lib/wxpass";

interface SignedOutData {
  isDeleted: boolean;
  isSigningIn: boolean;
  problem: Problem | null;
}

const data: SignedOutData = { isDeleted: false, isSigningIn: false, problem: null };

/** Where one is after signing out or deleting the account. */
Page({
  data,

  onLoad({ reason }) {
    this.setData({ isDeleted: reason === "deleted" });
  },

  async signIn() {
    if (this.data.isSigningIn) return;
    this.setData({ isSigningIn: true, problem: null });
    try {
      await wxpass.login();
      comeBack();
      wx.reLaunch({ url: "/pages/home/home" });
    } catch (error) {
      this.setData({ problem: describeError(error), isSigningIn: false });
    }
  },
});
