import { pino } from "pino";
import { AppError } from "../../errors.js";
import type { WechatApp } from "../../wechat/app.js";
import { type CallWechat, createCall, NoAnswer } from "../../wechat/call.js";
import { WechatRefusal } from "../../wechat/errcodes.js";
import { fetchServerToken } from "../../wechat/server-token.js";
import { type Check, type Examined, type Finding, fault, ok } from "./finding.js";
import { wordsOf } from "./network-fault.js";
import { explainRefusal } from "./refusals.js";

/** Whether WeChat, or the simulator of the running server, knows each app's AppSecret and lets this machine's address in. */
export const checkWechat: Check = async (examined, { fetch, now }) => {
  const apiUrl = apiUrlOf(examined);
  const call = createCall({ apiUrl, fetch, now, observe: () => {} });
  const { apps, simulator } = examined.wechat;
  const findings = await Promise.all(apps.map((app) => tryApp(call, app, simulator ? apiUrl : undefined)));
  return findings.filter((finding, index) => finding !== noServer || findings.indexOf(noServer) === index);
};

/** In development the simulator listens beside the server. */
export const apiUrlOf = ({ wechat, port }: Pick<Examined, "wechat" | "port">) =>
  wechat.simulator ? `http://127.0.0.1:${port + 1}` : wechat.apiUrl;

async function tryApp(call: CallWechat, app: WechatApp, simulatorUrl: string | undefined): Promise<Finding> {
  const { appId } = app;
  try {
    await fetchServerToken(call, pino({ enabled: false }), app);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    if (simulatorUrl && error instanceof NoAnswer) return noServer;
    return explain(appId, error);
  }
  if (simulatorUrl)
    return ok(`${appId}：模拟器认得这个应用（没有连接微信）`, `${appId}: the simulator knows it (WeChat wasn't asked)`);
  return ok(
    `${appId}：微信认可 AppSecret 和本机地址`,
    `${appId}: WeChat accepts the AppSecret and this machine's address`,
  );
}

const noServer = fault(
  {
    zh: "这台机器上没有正在运行的服务，模拟器在服务进程里，联系不上",
    en: "no server runs here, and the simulator lives in its process",
  },
  { zh: "先启动服务（npm start），再运行一次", en: "Start the server (npm start), and run this again" },
);

function explain(appId: string, error: AppError): Finding {
  if (error instanceof WechatRefusal) return explainRefusal(appId, error);
  const why = wordsOf(error instanceof NoAnswer ? error.fault : undefined);
  return fault(
    { zh: `${appId}：微信没有给出可用的应答：${why.zh}`, en: `${appId}: WeChat gave no usable answer: ${why.en}` },
    {
      zh: "检查从本机到 api.weixin.qq.com 的网络（DNS、防火墙、出口代理），以及 WECHAT_API_URL",
      en: "Look at the way from here to api.weixin.qq.com (DNS, firewall, outgoing proxy), and at WECHAT_API_URL",
    },
  );
}
