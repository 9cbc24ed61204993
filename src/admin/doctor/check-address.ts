import { isIP } from "node:net";
import type { Text } from "../../errors.js";
import { type Check, type Examined, type Finding, fault, ok } from "./finding.js";
import { whyNoAnswer } from "./network-fault.js";

/** Whether PUBLIC_URL leads to wxpass, and has the form that WeChat allows. */
export const checkAddress: Check = async (examined, { fetch }) => {
  const url = `${examined.publicUrl}/livez`;
  return [...formFaults(examined), await call(fetch, url)];
};

/** @see https://developers.weixin.qq.com/miniprogram/dev/framework/ability/network.html */
function formFaults({ production, publicUrl }: Examined): Finding[] {
  const { hostname, protocol } = new URL(publicUrl);
  const isName = isIP(hostname.replace(/^\[(.+)\]$/, "$1")) === 0 && hostname !== "localhost";
  if (!production || protocol !== "https:" || isName) return [];
  return [
    fault(
      {
        zh: `PUBLIC_URL 是 ${hostname}，小程序只能访问域名`,
        en: `PUBLIC_URL is at ${hostname}, and a mini-program only calls domains`,
      },
      { zh: "换成备案过的域名，并加入服务器域名", en: "Take a domain, and list it as a server domain" },
    ),
  ];
}

async function call(fetch: typeof globalThis.fetch, url: string): Promise<Finding> {
  try {
    const response = await fetch(url, { redirect: "manual", headers: { accept: "application/json" } });
    const text = await response.text();
    if (response.status === 200 && isAlive(text)) return ok(`${url} 由 wxpass 应答`, `wxpass answers at ${url}`);
    return fault(whatAnswers(url, response), adviceOn(response.status));
  } catch (error) {
    const why = whyNoAnswer(error);
    return fault({ zh: `${url} 连不上：${why.zh}`, en: `${url} isn't reached: ${why.en}` }, start);
  }
}

/** What `GET /livez` answers. */
export function isAlive(text: string): boolean {
  try {
    return JSON.stringify(JSON.parse(text)) === '{"status":"ok"}';
  } catch {
    return false;
  }
}

function whatAnswers(url: string, { status, headers }: Response): Text {
  const to = URL.parse(headers.get("location") ?? "", url)?.origin;
  if (status >= 300 && status < 400 && to) {
    return { zh: `${url} 跳转到 ${to}`, en: `${url} leads on to ${to}` };
  }
  return {
    zh: `${url} 的应答不是 wxpass 的（HTTP ${status}）`,
    en: `what answers at ${url} isn't wxpass (HTTP ${status})`,
  };
}

const start: Text = {
  zh: "启动服务，检查 PUBLIC_URL、DNS、防火墙和反向代理；有的机器访问不了自己的公网地址，那就换一台机器用浏览器打开看看",
  en: "Start the server, and look at PUBLIC_URL, DNS, the firewall and the proxy; some machines can't reach their own public address: then open it in a browser elsewhere",
};

const gateway: Text = {
  zh: "代理在，它后面的服务不在：启动服务，核对代理转发的地址和端口（HOST、PORT）",
  en: "The proxy is there and the server behind it isn't: start it, and compare where the proxy leads with HOST and PORT",
};

const elsewhere: Text = {
  zh: "核对 PUBLIC_URL，以及代理把这个域名和路径转发到哪里",
  en: "Look at PUBLIC_URL, and where the proxy leads this name and path",
};

const adviceOn = (status: number) => (status >= 502 && status <= 504 ? gateway : elsewhere);
