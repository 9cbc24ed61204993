import type { Text } from "../../errors.js";
import { describeError } from "../../log.js";
import { within } from "../../within.js";
import { checkAddress } from "./check-address.js";
import { checkCertificate } from "./check-certificate.js";
import { checkClock } from "./check-clock.js";
import { checkDatabase } from "./check-database.js";
import { checkDisk } from "./check-disk.js";
import { checkPush } from "./check-push.js";
import { checkSettings } from "./check-settings.js";
import { checkStorage } from "./check-storage.js";
import { checkUser } from "./check-user.js";
import { checkVersion } from "./check-version.js";
import { apiUrlOf, checkWechat } from "./check-wechat.js";
import { listenToClocks } from "./clocks.js";
import { type Check, type Examined, type Finding, fault, type Tools } from "./finding.js";

/** What is looked at, in the order in which it is told, by names that programs may rely on. */
export const checks = {
  settings: { title: { zh: "配置", en: "settings" }, check: checkSettings },
  user: { title: { zh: "用户", en: "user" }, check: checkUser },
  database: { title: { zh: "数据库", en: "database" }, check: checkDatabase },
  disk: { title: { zh: "磁盘", en: "disk" }, check: checkDisk },
  wechat: { title: { zh: "微信", en: "wechat" }, check: checkWechat },
  certificate: { title: { zh: "证书", en: "certificate" }, check: checkCertificate },
  address: { title: { zh: "地址", en: "address" }, check: checkAddress },
  version: { title: { zh: "版本", en: "version" }, check: checkVersion },
  push: { title: { zh: "推送", en: "push" }, check: checkPush },
  storage: { title: { zh: "存储", en: "storage" }, check: checkStorage },
} as const satisfies Record<string, { title: Text; check: Check }>;

export const clockTitle: Text = { zh: "时钟", en: "clock" };

/** What was found of one thing. */
export interface Examination {
  name: string;
  title: Text;
  findings: Finding[];
}

/** In which a check must be done: an upload and its repetition take ten seconds each. */
const checkTimeoutMs = 25_000;

/** Looks at everything at once, and tells it in order. What fails or hangs keeps nothing else from being told. */
export async function* examine(
  examined: Examined,
  given: Pick<Tools, "fetch" | "now" | "tables">,
  timeoutMs = checkTimeoutMs,
): AsyncGenerator<Examination> {
  const controller = new AbortController();
  const { fetch, clocks } = listenToClocks(abortable(given.fetch, controller.signal), given.now);
  const tools = { ...given, fetch, signal: controller.signal };
  const running = Object.entries(checks).map(([name, { title, check }]) => ({
    name,
    title,
    findings: within(timeoutMs, attempt(check, examined, tools), () => [late]),
  }));
  for (const { findings, ...about } of running) yield { ...about, findings: await findings };
  // What is still on its way is of no use any more, and would keep the process alive.
  controller.abort();
  yield { name: "clock", title: clockTitle, findings: checkClock(clocks, apiUrlOf(examined)) };
}

async function attempt(check: Check, examined: Examined, tools: Tools): Promise<Finding[]> {
  try {
    return await check(examined, tools);
  } catch (error) {
    const { message, code } = describeError(error);
    const words = [message.trim(), code].filter(Boolean).join(" ");
    return [fault({ zh: `检查失败：${words}`, en: `the check failed: ${words}` }, seeAbove)];
  }
}

const abortable =
  (fetch: typeof globalThis.fetch, signal: AbortSignal): typeof globalThis.fetch =>
  (input, init) =>
    fetch(input, { ...init, signal: init?.signal ? AbortSignal.any([init.signal, signal]) : signal });

const late = fault(
  { zh: "在限定时间内没有结果", en: "there was no result in time" },
  { zh: "多半是网络：看看防火墙是不是丢弃了连接", en: "It is mostly the network: does a firewall drop connections?" },
);

const seeAbove: Text = {
  zh: "这是意料之外的错误，请按错误信息检查",
  en: "This was not expected; the words are all there is to go by",
};
