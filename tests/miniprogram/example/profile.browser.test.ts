import { expect, test } from "vitest";
import { startExampleServer } from "../support/example-server.js";
import { openMiniProgram } from "../support/mini-program.js";

const { app } = await startExampleServer();
const alice = await openMiniProgram({ server: app, person: "alice" });

test("a new person is signed in at the start, without doing anything", async () => {
  await alice.sees("登录成功，欢迎你", "还没有昵称", "未绑定");
});

test("who refuses the privacy guide can still fill in the profile by hand", async () => {
  await alice.tap("完善资料");
  await alice.focus("昵称");
  await alice.sees("隐私保护提示");
  await alice.tap("拒绝");

  await alice.sees("你没有同意隐私保护指引");
  await alice.type("昵称", "小爱");
  await alice.tap("保存");

  await alice.sees("已保存", "我的", "小爱");
});

test("every field can be filled in, and the privacy guide agreed to later", async () => {
  await alice.tap("编辑");
  await alice.focus("昵称");
  await alice.tap("同意");
  await alice.type("昵称", "爱丽丝");
  await alice.choose("性别", "女");
  await alice.choose("生日", "1996年", "2月", "29日");
  await alice.type("邮箱", "alice@example.com");
  await alice.type("个性签名", "海内存知己，天涯若比邻");
  await alice.type("地址", "浙江省杭州市西湖区文三路 1 号");
  await alice.tap("保存");

  await alice.sees("我的", "爱丽丝", "海内存知己", "女", "1996年2月29日", "alice@example.com", "浙江省杭州市");
});

test("the profile is there again when the program is opened another time, and on another phone", async () => {
  const other = await openMiniProgram({ server: app, person: "alice" });
  await alice.relaunch();

  await alice.sees("爱丽丝", "1996年2月29日");
  await other.sees("爱丽丝", "1996年2月29日");
});

test("what the server refuses is said at its field, and nothing that was typed is lost", async () => {
  await alice.tap("编辑");
  await alice.type("邮箱", "alice@localhost");
  await alice.type("昵称", "艾丽斯");
  await alice.tap("保存");

  await alice.sees("邮箱不是有效的邮箱地址");
  expect(await alice.reads("昵称")).toBe("艾丽斯");

  await alice.type("邮箱", "alice@example.org");
  await alice.tap("保存");
  await alice.sees("我的", "艾丽斯", "alice@example.org");
});

test("fields can be emptied", async () => {
  await alice.tap("编辑");
  await alice.type("昵称", "");
  await alice.choose("性别", "未填写");
  await alice.tap("清除生日");
  await alice.type("个性签名", "");
  await alice.tap("保存");

  await alice.sees("我的", "还没有昵称");
  await alice.seesNot("1996年2月29日", "海内存知己");
});

test("who leaves unsaved changes is asked first", async () => {
  await alice.tap("编辑");
  await alice.type("昵称", "算了");
  await alice.tap("返回");
  await alice.tap("取消");
  expect(await alice.reads("昵称")).toBe("算了");
  await alice.tap("返回");
  await alice.tap("确定");

  await alice.sees("我的", "还没有昵称");
});

test("an avatar is shown as the server has stored it, is replaced by pictures only, and can be removed", async () => {
  await alice.tap("编辑");
  await alice.tap("更换头像");
  await alice.tap("用微信头像");
  await alice.sees("头像已更新");

  await expect.poll(alice.pictures).toEqual([expect.stringContaining(`${app.url}/avatars/`)]);

  alice.hasAvatar({ fileName: "words.png", type: "image/png", content: btoa("no picture at all") });
  await alice.tap("更换头像");
  await alice.tap("用微信头像");
  await alice.sees("头像更新失败");
  await alice.tap("移除头像");
  await expect.poll(alice.pictures).toEqual([]);
});
