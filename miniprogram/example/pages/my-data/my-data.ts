import type { Problem } from "../../lib/describe-error";
import { describeError } from "../../lib/describe-error";
import { wxpass } from "../../lib/wxpass";

interface MyDataData {
  /** Empty until the first answer. */
  text: string;
  problem: Problem | null;
}

const data: MyDataData = { text: "", problem: null };

/** Everything that the server holds about the person, as it holds it. */
Page({
  data,

  onLoad() {
    return this.load();
  },

  async onPullDownRefresh() {
    await this.load();
    wx.stopPullDownRefresh();
  },

  async load() {
    this.setData({ problem: null });
    try {
      this.setData({ text: JSON.stringify(await wxpass.exportMyData(), null, 2) });
    } catch (error) {
      this.setData({ problem: describeError(error) });
    }
  },
});
