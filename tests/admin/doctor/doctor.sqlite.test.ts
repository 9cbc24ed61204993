import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { type RequestListener, request, type ServerResponse } from "node:http";
import { join } from "node:path";
import { expect, inject, test } from "vitest";
import { examine } from "../../../src/admin/doctor/examine.js";
import { tablesWith } from "../../../src/entities.js";
import { loadConfigToExamine } from "../../../src/settings/config.js";
import { admin } from "../../support/admin.js";
import { doctorSecret, examined, startOther, startWellServer } from "../../support/doctor.js";
import { freePort } from "../../support/free-port.js";
import { keepLog, keepSecret } from "../../support/log-search.js";
import { s3Key, startS3Server } from "../../support/s3-server.js";

/*
 * What `admin doctor` says of a server, fault by fault, each provoked for real. Certificates, other users of the system and full
 * disks are in tests/long/doctor.test.ts.
 */

const { env } = await startWellServer();
const storage = (env["STORAGE_URL"] ?? "").replace("file:", "");
const withSecret = (secret: string) => examined({ ...env, WECHAT_APPS: `wxdoctor:${secret}` });

test.each([
  ["0123456789abcdef0123456789abcdef", /^fault: wxdoctor: the AppSecret is wrong \(40125\) → .*AppSecret$/],
  ["errcode=40164", /^fault: .*203\.0\.113\.7 \(40164\) → Put it on the IP list: .*IP白名单/],
  ["errcode=45035", /^fault: .*203\.0\.113\.7 \(45035\) → Put it on the IP list/],
  ["errcode=61004", /^fault: .*203\.0\.113\.7 \(61004\) → Put it on the IP list/],
  ["errcode=89501", /^fault: .* waits .*: 203\.0\.113\.7 \(89501\) → Have the administrator/],
  ["errcode=89503", /^fault: .* need .*: 203\.0\.113\.7 \(89503\) → Have the administrator/],
  ["errcode=89506", /^fault: .*twice: 203\.0\.113\.7 \(89506\) → Wait for 24 hours/],
  ["errcode=89507", /^fault: .*refused it: 203\.0\.113\.7 \(89507\) → Wait for an hour/],
  ["errcode=40243", /^fault: .*frozen \(40243\) → Unfreeze/],
  ["errcode=45009", /^fault: .*quota.* \(45009\) → It ends at midnight/],
  ["errcode=48001", /^fault: .*may not use this interface \(48001\) → mp\.weixin\.qq\.com tells why/],
  ["errcode=12345", /^fault: .*\(12345\) → Look the errcode up/],
  ["fault=html", /^fault: .*no usable answer: an answer that is no JSON → Look at the way/],
  ["fault=http-500", /^fault: .*no usable answer: HTTP status 500/],
  ["fault=reset", /^fault: .*no usable answer: the connection is cut/],
])("of an AppSecret to which WeChat answers %s it says what to do", async (secret, words) => {
  const { about } = await withSecret(secret);
  expect(about("wechat")).toEqual([expect.stringMatching(words)]);
});

test("every app is tried, and each is named", async () => {
  const { about } = await examined({ ...env, WECHAT_APPS: `wxdoctor:${doctorSecret},wxunknown:${doctorSecret}` });
  expect(about("wechat")).toEqual([
    "ok: wxdoctor: WeChat accepts the AppSecret and this machine's address",
    expect.stringMatching(/^fault: wxunknown: the AppID is wrong \(40013\)/),
  ]);
});

test("a WeChat that isn't reached is a fault of the way there, and the rest is told all the same", async () => {
  const { about } = await examined({ ...env, WECHAT_API_URL: `http://127.0.0.1:${await freePort()}` });
  expect(about("wechat")).toEqual([expect.stringMatching(/^fault: .*nothing listens there .* → Look at the way/)]);
  expect(about("storage")).toEqual([expect.stringMatching(/^ok/)]);
  expect(about("push")).toEqual([expect.stringMatching(/^ok/)]);
  expect(about("clock")).toEqual([expect.stringMatching(/^ok/)]);
});

test("in development it finds the simulator in the server's process, and says so where no server runs", async () => {
  const { WECHAT_APPS: _, WECHAT_API_URL: __, ...simulated } = env;
  const none = await examined({ ...simulated, PORT: String((await freePort()) - 1) });
  expect(none.about("wechat")).toEqual([expect.stringMatching(/^fault: no server runs here, .* → Start the server/)]);
  const port = Number(new URL(env["WECHAT_API_URL"] ?? "").port) - 1;
  const found = await examined({ ...simulated, PORT: String(port) });
  expect(found.about("wechat")[0]).toMatch(/wx0000000000000001: the AppID is wrong/);
});

test("of another push token, of none, and of a proxy that leads elsewhere it says which it is", async () => {
  const token = { ...env, WECHAT_PUSH_TOKEN: "another0token0of0ours" };
  keepSecret(token.WECHAT_PUSH_TOKEN);
  expect((await examined(token)).about("push")).toEqual([expect.stringMatching(/^fault: .*another WECHAT_PUSH_TOKEN/)]);

  const { env: closed } = await startWellServer({ WECHAT_PUSH_TOKEN: "" });
  expect((await examined(closed)).about("push")).toEqual([
    expect.stringMatching(/^skipped: WECHAT_PUSH_TOKEN isn't set/),
  ]);
  const opened = { ...closed, WECHAT_PUSH_TOKEN: token.WECHAT_PUSH_TOKEN };
  expect((await examined(opened)).about("push")).toEqual([
    expect.stringMatching(/^fault: the server that runs has no/),
  ]);

  const shop = await startOther((_, response) => response.writeHead(403).end("<html>nginx</html>"));
  expect((await examined({ ...env, PUBLIC_URL: shop })).about("push")).toEqual([
    expect.stringMatching(/^fault: .*isn't wxpass \(HTTP 403\) → Have the proxy lead/),
  ]);
  const echo = await startOther(({ url }, response) => response.end(url?.split("?")[1] ?? ""));
  expect((await examined({ ...env, PUBLIC_URL: echo })).about("push")).toEqual([
    expect.stringMatching(/^fault: .*isn't wxpass \(HTTP 200\)/),
  ]);
});

/** What a proxy answers, and what is said of the address then. */
const answers: [string, (response: ServerResponse) => unknown, RegExp][] = [
  ["502", (response) => response.writeHead(502).end(), /^fault: .*\(HTTP 502\) → The proxy is there/],
  ["404", (response) => response.writeHead(404).end(), /^fault: .*\(HTTP 404\) → Look at PUBLIC_URL/],
  ["its own page", (response) => response.end("<h1>Welcome to nginx!</h1>"), /^fault: .*isn't wxpass \(HTTP 200\)/],
  [
    "a redirect",
    (response) => response.writeHead(301, { location: "https://shop.example.com/x" }).end(),
    /^fault: .*leads on to https:\/\/shop\.example\.com /,
  ],
];

test.each(answers)("of a PUBLIC_URL at which a proxy answers %s it says where to look", async (_, answer, words) => {
  const url = await startOther((_, response) => answer(response));
  const { about } = await examined({ ...env, PUBLIC_URL: url });
  expect(about("address")).toEqual([expect.stringMatching(words)]);
  expect(about("storage")).toEqual([expect.stringMatching(/^fault: what was written can't be read at/)]);
});

test("a PUBLIC_URL that production can't have is a fault", async () => {
  const production = { ...env, NODE_ENV: "production", JWT_SECRET: "f0r-the-tests-of-production-only-8dj2kq0x7z" };
  const { about, findings } = await examined({ ...production, WECHAT_PUSH_TOKEN: "" });
  expect(about("certificate")).toEqual([expect.stringMatching(/^fault: PUBLIC_URL isn't set or not https/)]);
  expect(findings.filter(({ check }) => check === "settings").map(({ what }) => what.split(":")[0])).toEqual([
    "WECHAT_API_URL",
    "PUBLIC_URL",
  ]);
  const none = await examined({ ...production, WECHAT_PUSH_TOKEN: "", PUBLIC_URL: "https://127.0.0.1:1" });
  expect(none.about("certificate")).toEqual([
    expect.stringMatching(/^fault: no TLS with 127\.0\.0\.1:1: nothing listens/),
  ]);
  expect(none.about("address")[0]).toMatch(/^fault: .*a mini-program only calls domains/);
});

test("a server of another version is told by its metrics", async () => {
  const old = await startOther((_, response) => response.end('wxpass_build_info{version="0.0.9"} 1\n'));
  const { about } = await examined({ ...env, PORT: new URL(old).port });
  expect(about("version")).toEqual([expect.stringMatching(/^fault: 0\.0\.9 runs, .* → Restart/)]);
});

test.each([
  [31_000, /^fault: 31 s ahead of that of .* → Have the system keep the time/],
  [-31_000, /^fault: 3[01] s behind that of /],
  [28_000, /^ok: 2[789] s from/],
  [-28_000, /^ok: 2[789] s from/],
])("of a clock that is %i ms off it says so", async (skewMs, words) => {
  const { about } = await examined(env, () => new Date(Date.now() + skewMs));
  expect(about("clock")).toEqual([expect.stringMatching(words)]);
});

test("WeChat's clock counts before that of the proxy, and what comes out of a cache tells no time", async () => {
  const answer =
    (aheadMs: number, headers: Record<string, string> = {}): RequestListener =>
    (_, response) => {
      const date = new Date(Date.now() + aheadMs).toUTCString();
      response.writeHead(200, { date, ...headers }).end('{"access_token":"token","expires_in":7200}');
    };
  const wechat = answer(-60_000);
  const { promise: proxyAnswered, resolve } = Promise.withResolvers<void>();
  const late: RequestListener = (incoming, response) => void proxyAnswered.then(() => wechat(incoming, response));
  const early = answer(3_600_000);
  const proxy = await startOther((incoming, response) =>
    early(
      incoming,
      response.once("close", () => resolve()),
    ),
  );
  const both = await examined({ ...env, WECHAT_API_URL: await startOther(late), PUBLIC_URL: proxy });
  expect(both.about("clock")).toEqual([expect.stringMatching(/^fault: (59|60|61) s ahead of/)]);

  const unreachable = `http://127.0.0.1:${await freePort()}`;
  const cached = await startOther(answer(-3_600_000, { age: "3600" }));
  const none = await examined({ ...env, METRICS: "off", WECHAT_API_URL: unreachable, PUBLIC_URL: cached });
  expect(none.about("clock")).toEqual(["skipped: no answer told the time"]);
});

test("a folder that the server serves is tried out, and nothing stays in it", async () => {
  const { about } = await examined(env);
  expect(about("storage")).toEqual([
    expect.stringMatching(/^ok: a file was written, read at http.*\/avatars\/, and deleted/),
  ]);
  expect(readdirSync(storage)).toEqual([]);
});

test("of a folder that isn't the server's, is none, or isn't there yet it says so", async () => {
  const other = join(inject("folder"), "doctor-other");
  const at = async (folder: string) => (await examined({ ...env, STORAGE_URL: `file:${folder}` })).about("storage");
  expect(await at(other)).toEqual([expect.stringMatching(/^skipped: .*isn't there yet/)]);
  mkdirSync(other);
  expect(await at(other)).toEqual([expect.stringMatching(/^fault: .*can't be read at .*HTTP 404/)]);
  expect(readdirSync(other)).toEqual([]);
  writeFileSync(join(other, "file"), "");
  expect(await at(join(other, "file"))).toEqual([
    expect.stringMatching(/^fault: no file can be written \((EEXIST|ENOTDIR)\)/),
  ]);
});

test("a bucket is tried out, whatever is wrong with it is told, and nothing stays in it", async () => {
  const s3 = await startS3Server("doctor");
  const at = async (url: string) => (await examined({ ...env, STORAGE_URL: url })).about("storage");
  expect(await at(s3.storageUrl)).toEqual([`ok: a file was written, read at http://${s3.host}/doctor/, and deleted`]);
  expect(await at(s3.storageUrl.replace("/doctor?", "/nowhere?"))).toEqual([
    expect.stringMatching(/^fault: no file can be written \(NoSuchBucket\) → Look at STORAGE_URL/),
  ]);
  expect(await at(s3.storageUrl.replace(`:${s3Key}@`, ":another-secret@"))).toEqual([
    expect.stringMatching(/^fault: no file can be written \(SignatureDoesNotMatch\)/),
  ]);
  const closed = await startOther(privately(s3.host));
  expect(await at(`${s3.storageUrl}&public=${closed}/doctor`)).toEqual([
    expect.stringMatching(/^fault: .*can't be read at .*HTTP 403 → A bucket must let anybody read/),
  ]);
  const own = s3.storageUrl.replace(s3.host, new URL(closed).host);
  expect(await at(own)).toEqual([expect.stringMatching(/^fault: .*can't be read at .*HTTP 403/)]);
  expect(await s3.names()).toEqual([]);
});

/** A bucket's server that lets nobody in who doesn't sign. */
function privately(host: string): RequestListener {
  return (incoming, response) => {
    const { method, url: path, headers } = incoming;
    if (!headers.authorization) return void response.writeHead(403).end("<Code>AccessDenied</Code>");
    const outgoing = request(`http://${host}${path}`, { method, headers });
    outgoing.on("response", (answer) => answer.pipe(response.writeHead(answer.statusCode ?? 0)));
    incoming.pipe(outgoing);
  };
}

test("what hangs is told as such, and keeps nothing else from being told", async () => {
  const silent = await startOther(() => undefined);
  const config = loadConfigToExamine({ ...env, PUBLIC_URL: silent });
  const states: [string, string[]][] = [];
  for await (const { name, findings } of examine(config, { fetch, now: () => new Date(), tables: tablesWith() }, 500)) {
    states.push([name, findings.map(({ state, what }) => `${state}: ${what.en}`)]);
  }
  const found = Object.fromEntries(states);
  expect(found["address"]).toEqual(["fault: there was no result in time"]);
  expect(found["database"]).toEqual([expect.stringMatching(/^ok/)]);
  expect(found["wechat"]).toEqual([expect.stringMatching(/^ok/)]);
  expect(found["clock"]).toEqual([expect.stringMatching(/^ok/)]);
});

test("all faults of the settings are told, and that nothing else can be tried then", async () => {
  const { findings } = await examined({ NODE_ENV: "production", PORT: "x" });
  expect(findings.map(({ check, what }) => [check, what.split(":")[0]])).toEqual([
    ["settings", "PORT"],
    ["settings", "JWT_SECRET"],
    ["settings", "WECHAT_APPS"],
  ]);
});

test("people read it in their language, with what to do below, and the sum at the end", async () => {
  const chinese = await admin(["doctor"], { env: { ...env, LANG: "zh_CN.UTF-8", RATE_LIMITS: "x" } });
  expect(chinese).toMatchObject({ code: 0, errors: "" });
  expect(chinese.output).toMatch(/^正常 {2}微信　 {2}wxdoctor：微信认可 AppSecret 和本机地址$/m);
  expect(chinese.output).toMatch(/\n有误 0 项，注意 2 项\n$/);
  expect(chinese.output).toMatch(/^注意 {2}配置　 {2}RATE_LIMITS：没有这个配置项，是不是想写 RATE_LIMIT？$/m);
  const english = await admin(["doctor"], { env: { ...env, LANG: "C", WECHAT_APPS: "wxdoctor:errcode=40164" } });
  expect(english).toMatchObject({ code: 1, errors: "Wrong: 1. Warnings: 1.\n" });
  expect(english.output).toMatch(/^WRONG {4}wechat {7}wxdoctor: .*203\.0\.113\.7.*\n {9}→ Put it on the IP list/m);
  keepLog(chinese.output + english.output);
});

test("a database that isn't there yet stays so", async () => {
  const folder = join(inject("folder"), "doctor-new");
  const { about } = await examined({ ...env, DATABASE_URL: `sqlite:${folder}/deep/wxpass.db` });
  expect(about("database")).toEqual([expect.stringMatching(/^skipped: .*no tables yet/)]);
  expect(about("disk")).toEqual([expect.stringMatching(/^(ok|warning): .* free/)]);
  expect(() => readdirSync(folder)).toThrow("ENOENT");
});

test("a file that is no database is a fault", async () => {
  const folder = join(inject("folder"), "doctor-broken");
  mkdirSync(folder);
  writeFileSync(join(folder, "text.db"), "this is no database, and it is long enough to look like one".repeat(20));
  const { about } = await examined({ ...env, DATABASE_URL: `sqlite:${folder}/text.db` });
  expect(about("database")).toEqual([expect.stringMatching(/^fault: .*can't be opened \(SQLITE_NOTADB\)/)]);
});
