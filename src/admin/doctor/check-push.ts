import { randomBytes } from "node:crypto";
import type { Text } from "../../errors.js";
import { signatureOf } from "../../wechat/push/signature.js";
import { type Check, type Finding, fault, ok, skipped, warning } from "./finding.js";
import { whyNoAnswer } from "./network-fault.js";

/** Whether WeChat's check of the push address would succeed: it asks the same, signed with the token. */
export const checkPush: Check = async ({ publicUrl, production, wechat: { pushToken } }, { fetch, now }) => {
  if (pushToken === undefined) return [skipped(off.zh, off.en)];
  const url = `${publicUrl}/wechat/push`;
  return [...portFaults(url, production), await ask(url, pushToken, { fetch, now })];
};

const off: Text = {
  zh: "WECHAT_PUSH_TOKEN 没有设置：收不到用户撤回授权的通知，头像也不送检",
  en: "WECHAT_PUSH_TOKEN isn't set: nobody is told who withdraws consent, and avatars aren't checked",
};

/** @see https://developers.weixin.qq.com/miniprogram/dev/framework/server-ability/message-push.html */
function portFaults(url: string, production: boolean): Finding[] {
  const { port } = new URL(url);
  if (!production || port === "") return [];
  return [
    warning(
      {
        zh: `地址里有端口 ${port}，微信的消息推送只支持 80 和 443`,
        en: `the address has port ${port}, and WeChat's messages only come to 80 and 443`,
      },
      { zh: "让代理在 443 端口提供服务", en: "Have the proxy listen on 443" },
    ),
  ];
}

async function ask(
  url: string,
  token: string,
  { fetch, now }: { fetch: typeof globalThis.fetch; now: () => Date },
): Promise<Finding> {
  const [nonce, echostr] = [randomBytes(8).toString("hex"), randomBytes(8).toString("hex")];
  const timestamp = String(Math.floor(now().getTime() / 1_000));
  const signature = signatureOf([token, timestamp, nonce]);
  try {
    const query = new URLSearchParams({ signature, timestamp, nonce, echostr });
    const response = await fetch(`${url}?${query}`, { redirect: "manual" });
    const text = await response.text();
    if (response.status === 200 && text === echostr)
      return ok(`${url} 的应答与微信要求的一致`, `${url} answers as WeChat wants`);
    return explain(url, response.status, isOurs(text));
  } catch (error) {
    const why = whyNoAnswer(error);
    return fault({ zh: `${url} 连不上：${why.zh}`, en: `${url} isn't reached: ${why.en}` }, proxy);
  }
}

/** Whether it is wxpass that refuses, and not what stands before it. */
const isOurs = (text: string) => text.includes('"code":"BAD_REQUEST"') && text.includes('"requestId"');

function explain(url: string, status: number, ours: boolean): Finding {
  if (ours && status === 403)
    return fault(
      { zh: `${url} 不认这里的 WECHAT_PUSH_TOKEN`, en: `${url} has another WECHAT_PUSH_TOKEN than this command` },
      sameToken,
    );
  if (ours && status === 404)
    return fault(
      { zh: "正在运行的服务没有打开消息推送", en: "the server that runs has no WECHAT_PUSH_TOKEN" },
      sameToken,
    );
  return fault(
    { zh: `${url} 的应答不是 wxpass 的（HTTP ${status}）`, en: `what answers at ${url} isn't wxpass (HTTP ${status})` },
    proxy,
  );
}

const sameToken: Text = {
  zh: "用同样的配置重启服务，并在 mp.weixin.qq.com → 开发管理 → 消息推送 填同一个 Token",
  en: "Restart the server with these settings, and enter the same token at mp.weixin.qq.com → 开发管理 → 消息推送",
};

const proxy: Text = {
  zh: "让代理把 /wechat/push 连同参数原样转发给 wxpass",
  en: "Have the proxy lead /wechat/push to wxpass, with its query",
};
