import { expect, test } from "vitest";
import { startTestApp } from "../../support/test-app.js";
import { startExampleServer } from "../support/example-server.js";
import { openMiniProgram } from "../support/mini-program.js";

const hour = 3_600_000;

const { app, env } = await startExampleServer();
const alice = await openMiniProgram({ server: app, person: "alice" });

test("an access token that has expired is renewed, and the person notices nothing", async () => {
  await alice.sees("还没有昵称");
  app.advance(3 * hour);
  await alice.tap("编辑");
  await alice.type("邮箱", "alice@example.com");
  await alice.tap("保存");

  await alice.sees("我的", "alice@example.com");
  const fields = app.logged.filter(({ msg }) => msg === "request").map(({ field }) => field);
  expect(fields.filter((field) => field === "wxLogin")).toHaveLength(1);
  expect(fields.filter((field) => field === "refreshToken")).toHaveLength(1);
});

test("a session that has run out is opened anew, and the person notices nothing", async () => {
  app.advance(200 * 24 * hour);
  await alice.pullsDown();

  await alice.tap("登录设备");
  await alice.sees("只有这台设备登录了你的账号");
  await alice.tap("返回");
});

test("a phone without network says so, and recovers at a tap", async () => {
  await alice.losesNetwork();
  await alice.sees("网络不可用");
  await alice.pullsDown();
  await alice.sees("连不上服务器", "alice@example.com");

  await alice.findsNetwork();
  await alice.seesNot("网络不可用");
  await alice.tap("重试");
  await alice.seesNot("连不上服务器");
});

test("while the server is away nothing that was typed is lost, and it is saved once the server is back", async () => {
  const bob = await openMiniProgram({ server: app, person: "bob" });
  await bob.sees("还没有昵称");
  await alice.tap("编辑");
  await alice.type("地址", "绍兴市越城区");
  await app.close();

  await alice.tap("保存");
  await alice.sees("连不上服务器", "请检查网络");
  expect(await alice.reads("地址")).toBe("绍兴市越城区");
  await bob.relaunch();
  await bob.sees("连不上服务器");
  await bob.seesNot("个人资料");

  await startTestApp({ env });
  await bob.tap("重试");
  await bob.sees("还没有昵称");
  await alice.tap("重试");
  await alice.sees("我的", "绍兴市越城区");
});

test("a code that the server can't know, such as one of another AppID, is explained to whoever develops the program", async () => {
  const [server, other] = [await startTestApp(), await startTestApp()];
  const carol = await openMiniProgram({ server: { ...server, simulatorUrl: other.simulatorUrl }, person: "carol" });

  await carol.sees("登录凭证无效", "appid 要保持 touristappid");
});
