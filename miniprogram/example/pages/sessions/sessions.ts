import { confirm } from "../../lib/confirm";
import type { Problem } from "../../lib/describe-error";
import { describeError } from "../../lib/describe-error";
import type { Device } from "../../lib/describe-session";
import { describeSession } from "../../lib/describe-session";
import { leave } from "../../lib/signed-out";
import { wxpass } from "../../lib/wxpass";

interface SessionsData {
  /** Null until the first answer. */
  devices: Device[] | null;
  problem: Problem | null;
  isBusy: boolean;
}

const data: SessionsData = { devices: null, problem: null, isBusy: false };

type DeviceEvent = WechatMiniprogram.BaseEvent<object, { id: string; name: string }>;

/** The devices on which the person is signed in, this one first. */
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
    try {
      const sessions = await wxpass.mySessions();
      const devices = sessions.map((session) => describeSession(session, new Date()));
      this.setData({ devices: [...devices.filter(isCurrent), ...devices.filter(isOther)], problem: null });
    } catch (error) {
      this.setData({ problem: describeError(error) });
    }
  },

  retry() {
    this.setData({ problem: null });
    return this.load();
  },

  async endSession({ currentTarget }: DeviceEvent) {
    const { id, name } = currentTarget.dataset;
    const question = { title: "让这台设备退出登录？", content: name, confirmText: "退出" };
    if (this.data.isBusy || !(await confirm(question))) return;
    this.setData({ isBusy: true });
    try {
      await wxpass.revokeSession(id);
      wx.showToast({ title: "已退出", icon: "success" });
      await this.load();
    } catch (error) {
      this.setData({ problem: { ...describeError(error, "退出失败"), canRetry: false } });
    } finally {
      this.setData({ isBusy: false });
    }
  },

  async signOutEverywhere() {
    const question = {
      title: "退出所有设备？",
      content: "包括这台。资料会保留，重新登录就能看到。",
      confirmText: "全部退出",
    };
    if (this.data.isBusy || !(await confirm(question))) return;
    this.setData({ isBusy: true });
    try {
      await wxpass.logoutEverywhere();
      leave("signedOut");
    } catch (error) {
      this.setData({ problem: { ...describeError(error, "退出失败"), canRetry: false }, isBusy: false });
    }
  },
});

const isCurrent = (device: Device) => device.isCurrent;
const isOther = (device: Device) => !device.isCurrent;
