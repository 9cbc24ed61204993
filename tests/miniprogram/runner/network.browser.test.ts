import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import { afterAll, expect, test } from "vitest";
import { openFiles } from "../support/small-program.js";

const waiting: { url: string; response: ServerResponse }[] = [];

/** Says what it was asked; keeps `/silent` waiting. */
const server = createServer(async (request, response) => {
  if (request.url?.startsWith("/silent")) return void waiting.push({ url: request.url, response });
  const { referer, "user-agent": agent, "content-type": type = "" } = request.headers;
  const asked = { method: request.method, url: request.url, referer, agent, type, body: await text(request) };
  response.writeHead(request.url === "/500" ? 500 : 200).end(JSON.stringify(asked));
}).listen(0, "127.0.0.1");
await once(server, "listening");
const address = server.address();
const url = typeof address === "object" && address ? `http://127.0.0.1:${address.port}` : "";

afterAll(() => {
  server.close();
  server.closeAllConnections();
});

/** Opens a page that sends something when it is shown, and then writes what came back. */
const pageThatSends = (sends: string) =>
  openFiles({
    "pages/only/only.ts": `
      Page({
        data: { lines: [] },
        say(line) { this.setData({ lines: [...this.data.lines, line] }); },
        onLoad() { const url = "${url}"; ${sends} },
      });`,
    "pages/only/only.wxml": '<view wx:for="{{lines}}" wx:key="*this">{{item}}</view>',
  });

test("a request has the headers of a mini-program, whatever the page says", async () => {
  const phone = await pageThatSends(`
    const header = { Referer: "http://forged.test", "User-Agent": "forged", "X-Own": "own" };
    wx.request({ url, header, method: "POST", data: { a: "甲" }, success: ({ data }) => {
      this.say(data.referer); this.say(data.agent); this.say(data.type); this.say(data.body);
    } });`);

  await phone.sees("https://servicewechat.com/wx0/devtools/page-frame.html", "MicroMessenger/");
  await phone.sees("application/json", '{"a":"甲"}');
  await phone.close();
});

test("any HTTP status is a success, and a GET has its data in the address", async () => {
  const phone = await pageThatSends(`
    wx.request({ url: url + "/500", success: ({ statusCode, errMsg }) => this.say(statusCode + errMsg) });
    wx.request({ url: url + "/get", data: { a: "1 2" }, success: ({ data }) => this.say(data.url) });`);

  await phone.sees("500request:ok", "/get?a=1%202");
  await phone.close();
});

test("silence, giving up, going to the background and losing the network fail in WeChat's words", async () => {
  const phone = await pageThatSends(`
    const fail = ({ errMsg, errno }) => this.say(errMsg + " " + errno);
    wx.request({ url: url + "/silent", timeout: 50, fail });
    wx.request({ url: url + "/silent", fail }).abort();
    wx.request({ url: "http://127.0.0.1:1", fail });
    wx.request({ url: url + "/silent", fail });`);

  await phone.sees("request:fail timeout 5", "request:fail abort undefined", "ERR_CONNECTION_REFUSED 600001");
  await phone.leaves();
  await phone.sees("request:fail interrupted undefined");
  await phone.close();
});

test("ten requests are on their way at once, the others wait", async () => {
  const arrived = () => waiting.filter((request) => request.url === "/silent/eleven");
  const phone = await pageThatSends(`
    for (let n = 0; n < 11; n++) wx.request({ url: url + "/silent/eleven", success: () => this.say("answered") });`);
  await expect.poll(() => arrived().length).toBe(10);
  arrived()[0]?.response.end();

  await phone.sees("answered");
  await expect.poll(() => arrived().length).toBe(11);
  await phone.leaves();
  await phone.close();
});
