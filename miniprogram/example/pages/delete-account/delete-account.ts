import { confirm } from "../../lib/confirm";
import type { Problem } from "../../lib/describe-error";
import { describeError } from "../../lib/describe-error";
import { leave } from "../../lib/signed-out";
import { wxpass } from "../../lib/wxpass";

interface DeleteAccountData {
  erased: string[];
  isUnderstood: boolean;
  isDeleting: boolean;
  problem: Problem | null;
}

const data: DeleteAccountData = {
  erased: ["头像、昵称、性别、生日、地址、个性签名和邮箱", "绑定的手机号", "与微信的关联", "所有设备上的登录状态"],
  isUnderstood: false,
  isDeleting: false,
  problem: null,
};

/** Deletes the account: says what is erased, wants that acknowledged, and asks once more. */
Page({
  data,

  toggleUnderstood() {
    this.setData({ isUnderstood: !this.data.isUnderstood });
  },

  openMyData() {
    wx.navigateTo({ url: "/pages/my-data/my-data" });
  },

  async deleteAccount() {
    const question = { title: "确定注销账号？", content: "所有资料会立即删除，不能恢复。", confirmText: "注销" };
    if (this.data.isDeleting || !(await confirm(question))) return;
    this.setData({ isDeleting: true, problem: null });
    try {
      await wxpass.deleteAccount();
      leave("deleted");
    } catch (error) {
      this.setData({ problem: describeError(error, "注销失败"), isDeleting: false });
      wx.pageScrollTo({ scrollTop: 0 });
    }
  },
});
