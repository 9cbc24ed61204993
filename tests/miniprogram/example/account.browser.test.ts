import { expect, test } from "vitest";
import { countRows } from "../../support/accounts.js";
import { startExampleServer } from "../support/example-server.js";
import { openMiniProgram } from "../support/mini-program.js";

const { app } = await startExampleServer();
const alice = await openMiniProgram({ server: app, person: "alice", phoneNumber: "13800138000" });

test("a refused phone number leaves everything as it was", async () => {
  await alice.tap("绑定手机号");
  await alice.tap("同意");
  await alice.sees("138****8000");
  await alice.tap("不允许");

  await alice.sees("未绑定");
  await alice.seesNot("没有获取到手机号");
});

test("a phone number is bound with two taps", async () => {
  await alice.tap("绑定手机号");
  await alice.tap("允许");

  await alice.sees("已绑定", "138 **** 8000");
});

test("a number that belongs to another account is refused in words", async () => {
  const bob = await openMiniProgram({ server: app, person: "bob", phoneNumber: "13800138000" });
  await bob.tap("绑定手机号");
  await bob.tap("同意");
  await bob.tap("允许");

  await bob.sees("该手机号已绑定其他账号", "未绑定");
  await bob.close();
});

test("another device is listed, and can be signed out from here", async () => {
  const other = await openMiniProgram({ server: app, person: "alice" });
  await other.sees("138 **** 8000");
  await alice.tap("登录设备");
  await alice.sees("当前设备", "看到不认识的设备？");
  await alice.tap("退出");
  await alice.tap("退出");

  await alice.sees("已退出", "只有这台设备登录了你的账号");
  await other.close();
});

test("who signs out stays signed out, until the button is tapped", async () => {
  await alice.tap("返回");
  await alice.tap("退出登录");
  await alice.tap("退出");
  await alice.sees("资料都还在");
  await alice.relaunch();
  await alice.sees("已退出登录");
  await alice.tap("微信登录");

  await alice.sees("我的", "138 **** 8000");
});

test("an account is deleted only after two confirmations, and then the next sign-in makes a new one", async () => {
  const { users } = await countUsers();
  await alice.tap("注销账号");
  await alice.sees("不能恢复");
  await alice.tap("我已了解，确认注销");
  await alice.tap("注销账号", { near: "我已了解" });
  await alice.tap("取消");
  expect(await countUsers()).toEqual({ users });
  await alice.tap("注销账号", { near: "我已了解" });
  await alice.tap("注销");

  await alice.sees("账号已注销");
  expect(await countUsers()).toEqual({ users: users - 1 });
  await alice.tap("微信登录");
  await alice.sees("登录成功，欢迎你", "未绑定");
});

test("without an AppID one is signed in too, and told why there is no phone number", async () => {
  const tourist = await openMiniProgram({ server: app, person: "", appId: "touristappid" });
  await tourist.sees("登录成功，欢迎你");
  await tourist.tap("绑定手机号");
  await tourist.tap("同意");

  await tourist.sees("游客模式没有 AppID");
});

async function countUsers() {
  const { users } = await countRows(app);
  return { users };
}
