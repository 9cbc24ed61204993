import type { Text } from "../../errors.js";
import { codeInCauses } from "../../log.js";

const late: Text = { zh: "在限定时间内没有应答", en: "there is no answer in time" };
const unknownName: Text = { zh: "域名解析不到（DNS）", en: "its name is unknown here (DNS)" };
const cut: Text = { zh: "连接被切断", en: "the connection is cut" };
const noWay: Text = { zh: "网络不通", en: "there is no way to it" };

const words: Record<string, Text> = {
  ECONNREFUSED: { zh: "连接被拒绝，那里没有程序在监听", en: "nothing listens there (connection refused)" },
  ENOTFOUND: unknownName,
  EAI_AGAIN: unknownName,
  ECONNRESET: cut,
  UND_ERR_SOCKET: cut,
  ETIMEDOUT: late,
  UND_ERR_CONNECT_TIMEOUT: late,
  EHOSTUNREACH: noWay,
  ENETUNREACH: noWay,
};

const certificate = /^(CERT_|ERR_TLS|UNABLE_TO_|SELF_SIGNED|DEPTH_ZERO)/;

/** Why a request got no answer, as half a sentence, with the code for whoever wants to look it up. */
export function whyNoAnswer(error: unknown): Text {
  if (error instanceof Error && /^(Abort|Timeout)Error$/.test(error.name)) return late;
  return wordsOf(codeInCauses(error));
}

/** What a code of the network's means. */
export function wordsOf(code: string | undefined): Text {
  if (code === undefined) return { zh: "请求失败", en: "the request failed" };
  if (certificate.test(code)) return { zh: `证书有问题（${code}）`, en: `its certificate is wrong (${code})` };
  return words[code] ?? { zh: code, en: code };
}
