import type { Problem } from "../../lib/describe-error";
import { describeError, problemOf } from "../../lib/describe-error";
import { isUndeclared } from "../../lib/refusal";
import { wxpass } from "../../lib/wxpass";

interface AvatarPickerData {
  avatarUrl: string;
  /** The temporary file that was chosen last. */
  chosen: string;
  problem: Problem | null;
  isBusy: boolean;
}

const data: AvatarPickerData = { avatarUrl: "", chosen: "", problem: null, isBusy: false };

/** The avatar, to be changed by a tap. It is uploaded as soon as it is chosen. */
Component({
  properties: {
    /** The address of the avatar that the person has. */
    src: String,
  },
  data,
  observers: {
    src(avatarUrl: string) {
      this.setData({ avatarUrl });
    },
  },
  methods: {
    choose({ detail }: WechatMiniprogram.ButtonChooseAvatar) {
      if (detail.avatarUrl) {
        this.setData({ chosen: detail.avatarUrl });
        return this.upload();
      }
      if (isUndeclared(detail)) {
        this.setData({ problem: problemOf("小程序还没有在用户隐私保护指引里声明头像，暂时不能更换") });
      }
    },

    async upload() {
      this.setData({ isBusy: true, problem: null });
      try {
        this.setData({ avatarUrl: await wxpass.uploadAvatar(this.data.chosen) });
        wx.showToast({ title: "头像已更新", icon: "success" });
      } catch (error) {
        this.setData({ problem: describeError(error, "头像更新失败") });
      } finally {
        this.setData({ isBusy: false });
      }
    },

    async remove() {
      this.setData({ isBusy: true, problem: null });
      try {
        await wxpass.removeAvatar();
        this.setData({ avatarUrl: "" });
      } catch (error) {
        this.setData({ problem: { ...describeError(error, "头像移除失败"), canRetry: false } });
      } finally {
        this.setData({ isBusy: false });
      }
    },
  },
});
