import { otherDatabase } from "../database/sqlite-file.js";
import type { Text } from "../errors.js";
import { isLoopback, isPrivate } from "../hosts.js";
import { keyFileWarnings } from "./jwt-keys.js";
import { misspelt } from "./misspelt.js";
import { pushAesKeys, webhookSecrets, webhookUrl } from "./setting-types.js";
import { type Named, settingNames, settings } from "./settings.js";
import { isStrongToken } from "./strength.js";

/** What is wrong between settings, be they right one by one or not. */
export function findConflicts(given: Named): string[] {
  const production = given.NODE_ENV === "production";
  const faults: string[] = [];
  if (production && !given.JWT_SECRET) faults.push("JWT_SECRET: required in production (try: openssl rand -base64 48)");
  if (production && given.WECHAT_SIMULATOR === "on") faults.push("WECHAT_SIMULATOR: can't be on in production");
  if (!given.WECHAT_APPS && (production || given.WECHAT_SIMULATOR === "off")) {
    faults.push("WECHAT_APPS: required when the simulator is off, as appid:secret");
  }
  if (!given.WECHAT_PUSH_TOKEN && pushAesKeys.safeParse(given.WECHAT_PUSH_AES_KEY).success) {
    faults.push("WECHAT_PUSH_AES_KEY: needs WECHAT_PUSH_TOKEN beside it, as set at WeChat's");
  }
  if (given.WECHAT_API_URL && simulatorIsOn(given)) {
    faults.push("WECHAT_API_URL: can't be set while the simulator is on, which brings its own");
  }
  if (production && given.WECHAT_PUSH_TOKEN && !isStrongToken(String(given.WECHAT_PUSH_TOKEN))) {
    faults.push(
      "WECHAT_PUSH_TOKEN: too easy to guess; take 16 random letters and digits or more (try: openssl rand -hex 16)",
    );
  }
  faults.push(...faultsOfWebhook(given));
  if (production && given.INTROSPECTION_SECRET && !isStrongToken(String(given.INTROSPECTION_SECRET))) {
    faults.push(
      "INTROSPECTION_SECRET: too easy to guess; take 16 random letters and digits or more (try: openssl rand -hex 24)",
    );
  }
  if (simulatorIsOn(given) && isOpenByAccident(given)) {
    faults.push(
      "NODE_ENV: not set, while others reach this server by HOST or PUBLIC_URL and can sign in as anybody, for the simulator is on; set NODE_ENV=production, or NODE_ENV=development if that is meant",
    );
  }
  const other = otherDatabaseThan(given);
  if (production && other) {
    faults.push(
      `DATABASE_URL: names no file that is there, but ${other} is a database: is the name right? To begin a new one beside it, make an empty file of that name`,
    );
  }
  return faults;
}

function faultsOfWebhook({ NODE_ENV, WEBHOOK_URL, WEBHOOK_SECRET }: Named): string[] {
  const { data } = webhookUrl.safeParse(WEBHOOK_URL);
  if (data !== undefined && !WEBHOOK_SECRET) {
    return ["WEBHOOK_SECRET: needed beside WEBHOOK_URL (try: wxpass admin make-secret --webhook)"];
  }
  if (!WEBHOOK_URL && webhookSecrets.safeParse(WEBHOOK_SECRET).success) {
    return ["WEBHOOK_URL: needed beside WEBHOOK_SECRET"];
  }
  const url = URL.parse(data ?? "");
  const isClear = NODE_ENV === "production" && url?.protocol === "http:" && !isLoopback(url.hostname);
  return isClear ? ["WEBHOOK_URL: must be an https:// address in production, or one of this machine"] : [];
}

/** A database beside the place where SQLite would begin a new one. */
function otherDatabaseThan({ DATABASE_URL }: Named): string | undefined {
  const { data } = settings.shape.DATABASE_URL.safeParse(DATABASE_URL);
  return data?.driver === "sqlite" ? otherDatabase(data.file) : undefined;
}

/** What may be meant, but is worth a line of the log: it begins with the setting's name and shows no value. */
export function findWarnings(given: Named, ownNames: readonly string[] = []): Text[] {
  const warnings = misspelt(Object.keys(given), [...settingNames, ...ownNames]).map(([name, meant]) => ({
    zh: `${name}：没有这个配置项，是不是想写 ${meant}？`,
    en: `${name}: no setting has this name; is ${meant} meant?`,
  }));
  warnings.push(...keyFileWarnings(given.JWT_KEYS));
  if (!simulatorIsOn(given) && isOpenByAccident(given)) warnings.push(openByAccident);
  if (given.NODE_ENV === "production") return [...warnings, ...warningsOfProduction(given)];
  const other = otherDatabaseThan(given);
  return other === undefined ? warnings : [...warnings, beginsBeside(other)];
}

function warningsOfProduction({ WECHAT_API_URL, PUBLIC_URL, RATE_LIMIT }: Named): Text[] {
  return [
    ...(isPlain(WECHAT_API_URL) ? [plainWechat] : []),
    ...(PUBLIC_URL === undefined || isPlain(PUBLIC_URL) ? [plainAddress] : []),
    ...(RATE_LIMIT === "off" ? [unlimited] : []),
  ];
}

const openByAccident: Text = {
  zh: "NODE_ENV：没有设置，所以这是开发环境，而别人能访问它；请设置 NODE_ENV=production",
  en: "NODE_ENV: not set, so this is a development server, and others reach it; set NODE_ENV=production",
};

const beginsBeside = (other: string): Text => ({
  zh: `DATABASE_URL：将新建一个数据库，而 ${other} 已经是一个：名字写对了吗？`,
  en: `DATABASE_URL: a new database begins, though ${other} is one: is the name right?`,
});

const plainWechat: Text = {
  zh: "WECHAT_API_URL：用 http 时 AppSecret 以明文传输",
  en: "WECHAT_API_URL: over http the AppSecret travels in clear text",
};

const plainAddress: Text = {
  zh: "PUBLIC_URL：不是 https 地址，客户端可能以明文发送令牌",
  en: "PUBLIC_URL: not an https address, so clients may send their tokens in clear text",
};

const unlimited: Text = {
  zh: "RATE_LIMIT：已关闭，谁都可以无限次尝试",
  en: "RATE_LIMIT: off, so nothing keeps anybody from trying without end",
};

const isPlain = (url: unknown) => /^http:/i.test(String(url));

/** Whether nobody said that this is a development server, and others than this machine or its neighbours are led to it. */
function isOpenByAccident({ NODE_ENV, HOST, PUBLIC_URL }: Named): boolean {
  if (NODE_ENV) return false;
  if (HOST && !isLoopback(String(HOST))) return true;
  const url = PUBLIC_URL ? URL.parse(String(PUBLIC_URL)) : null;
  return url !== null && !isLoopback(url.hostname) && !isPrivate(url.hostname);
}

/** Whether the simulator runs, which `WECHAT_APPS` and `NODE_ENV` tell where nothing says so. */
export const simulatorIsOn = (given: Named) =>
  given.WECHAT_SIMULATOR ? given.WECHAT_SIMULATOR === "on" : !given.WECHAT_APPS && given.NODE_ENV !== "production";
