import { describe, expect, test } from "vitest";
import { openFiles, openPage } from "../support/small-program.js";

describe("a page's faults that WeChat would show are faults here:", () => {
  test.each([
    ["what only browsers have", "Page({ onLoad() { fetch('http://a.test') } });", "fetch is not a function"],
    ["the DOM", "Page({ onLoad() { document.title = 'a' } });", "Cannot set properties of undefined"],
    ["the global object", "Page({ onLoad() { globalThis.a = 1 } });", "Cannot set properties of undefined"],
    ["a function that wx doesn't have", "Page({ onShow() { wx.nonsense() } });", "nonsense is not a function"],
    ["undefined in setData", "Page({ onLoad() { this.setData({ a: { b: undefined } }) } });", '"a.b" to undefined'],
    ["a date in setData", "Page({ onLoad() { this.setData({ a: [new Date(0)] }) } });", '"a[0]" to a Date'],
    ["a rejected promise", "Page({ async onLoad() { throw new Error('too late') } });", "too late"],
    [
      "a page that isn't there",
      "Page({ async onLoad() { await wx.navigateTo({ url: '/a' }) } });",
      'page \\"a\\" is not found',
    ],
  ])("%s", async (_, code, complaint) => {
    const phone = await openPage(code);

    await expect.poll(() => phone.faults).toEqual([expect.stringContaining(complaint)]);
    await phone.close();
  });

  test.each([
    ["an event without a method", '<view bind:tap="go">hello</view>', "calls go, which"],
    ["an attribute that the component doesn't have", '<view colour="red">hello</view>', '"colour" is not a valid'],
    ["a value of another type", '<input placeholder="{{a}}" />', "type-incompatible"],
  ])("%s", async (_, template, complaint) => {
    const phone = await openPage("Page({ data: { a: null } });", template);

    await expect.poll(() => phone.faults).toEqual([expect.stringContaining(complaint)]);
    await phone.close();
  });
});

test("callbacks come in WeChat's way, and without any a promise does", async () => {
  const phone = await openFiles({
    "pages/only/only.ts": `
      const log = (page, text) => page.setData({ lines: [...page.data.lines, text] });
      Page({
        data: { lines: [] },
        async onLoad({ a = "none" }) {
          log(this, "load " + a);
          const nothing = wx.getNetworkType({ success: (r) => log(this, r.errMsg), complete: () => log(this, "done") });
          log(this, String(nothing));
          wx.request({ url: "nonsense", fail: (r) => log(this, r.errMsg) });
          const { needAuthorization } = await wx.getPrivacySetting();
          log(this, String(needAuthorization) + wx.getStorageSync("nothing").length);
        },
        onShow() { log(this, "show"); },
        onReady() { log(this, "ready"); },
        onHide() { log(this, "hide"); },
      });`,
    "pages/only/only.wxml": '<view wx:for="{{lines}}" wx:key="*this">{{item}}</view>',
  });

  await phone.sees("load none", "undefined", "show", "getNetworkType:ok", "done", "true0", "ready");
  await phone.sees('request:fail invalid url "nonsense"');
  await phone.leaves();
  await phone.sees("hide");
  await phone.close();
  expect(phone.faults).toEqual([]);
});
