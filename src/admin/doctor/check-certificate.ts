import { once } from "node:events";
import { isIP } from "node:net";
import { checkServerIdentity, connect, type DetailedPeerCertificate } from "node:tls";
import { type Check, type Finding, fault, ok, skipped, warning } from "./finding.js";
import { whyNoAnswer } from "./network-fault.js";

/** Before which a certificate should have been renewed: the usual authorities' tools do so 30 days before the end. */
const renewalDays = 14;

const dayMs = 86_400_000;

/** What the server at PUBLIC_URL shows of itself. */
interface Shown {
  certificate: DetailedPeerCertificate;
  /** Why nobody vouches for it: a code of OpenSSL's. */
  distrust: string | undefined;
}

/**
 * Whether WeChat accepts the certificate of PUBLIC_URL: https, for this name, not over, vouched for by a public authority, and sent with the
 * whole chain. Node fetches no missing certificate either.
 * @see https://developers.weixin.qq.com/miniprogram/dev/framework/ability/network.html
 */
export const checkCertificate: Check = async ({ publicUrl, production }, { signal, now }) => {
  const url = new URL(publicUrl);
  if (url.protocol !== "https:") return [plain(production)];
  const host = url.hostname.replace(/^\[(.+)\]$/, "$1");
  try {
    return judge(host, await shake(host, Number(url.port || 443), signal), now());
  } catch (error) {
    const why = whyNoAnswer(error);
    return [fault({ zh: `${url.host} 建立不了加密连接：${why.zh}`, en: `no TLS with ${url.host}: ${why.en}` }, listen)];
  }
};

const listen = {
  zh: "检查 DNS、防火墙，以及代理是否在这个端口上提供 https",
  en: "Look at DNS, the firewall, and whether the proxy speaks https on this port",
};

function judge(host: string, { certificate, distrust }: Shown, now: Date): Finding[] {
  const faults = [
    ...nameFaults(host, certificate),
    ...timeFaults(certificate, now),
    ...trustFaults(certificate, distrust),
  ];
  if (faults.length > 0) return faults;
  const days = Math.floor((Date.parse(certificate.valid_to) - now.getTime()) / dayMs);
  const told = {
    zh: `${host} 的证书有效，链完整，还剩 ${days} 天`,
    en: `good for ${host} and for ${days} more days, sent with the whole chain`,
  };
  return [days < renewalDays ? warning(told, renew) : ok(told.zh, told.en)];
}

function plain(production: boolean): Finding {
  if (!production) return skipped("PUBLIC_URL 不是 https，没有证书可查", "PUBLIC_URL isn't https, so there is none");
  return fault(
    {
      zh: "PUBLIC_URL 没有设置或不是 https，微信只访问 https",
      en: "PUBLIC_URL isn't set or not https, and WeChat only calls https",
    },
    {
      zh: "在前面放一个有证书的反向代理（见 deploy/），并把 PUBLIC_URL 设为 https 地址",
      en: "Put a proxy with a certificate in front (see deploy/), and set PUBLIC_URL to its https address",
    },
  );
}

/** Shakes hands whatever the certificate is, in order to look at it. */
async function shake(host: string, port: number, signal: AbortSignal): Promise<Shown> {
  const servername = isIP(host) ? {} : { servername: host };
  const socket = connect({
    host,
    port,
    ...servername,
    rejectUnauthorized: false,
    checkServerIdentity: () => undefined,
  });
  try {
    await once(socket, "secureConnect", { signal });
    const { authorizationError: distrust } = socket;
    return { certificate: socket.getPeerCertificate(true), distrust: distrust ? String(distrust) : undefined };
  } finally {
    socket.on("error", () => {}).destroy();
  }
}

function nameFaults(host: string, certificate: DetailedPeerCertificate): Finding[] {
  if (!checkServerIdentity(host, certificate)) return [];
  const names = certificate.subjectaltname?.replaceAll(/DNS:|IP Address:/g, "") ?? "";
  return [
    fault(
      { zh: `证书不是给 ${host} 的，而是给 ${names} 的`, en: `the certificate isn't for ${host}, but for ${names}` },
      { zh: `申请写有 ${host} 的证书，或改正 PUBLIC_URL`, en: `Get one for ${host}, or mend PUBLIC_URL` },
    ),
  ];
}

function timeFaults({ valid_from, valid_to }: DetailedPeerCertificate, now: Date): Finding[] {
  const [from, to] = [Date.parse(valid_from), Date.parse(valid_to)];
  if (now.getTime() > to)
    return [fault({ zh: `证书已于 ${day(to)} 过期`, en: `the certificate expired on ${day(to)}` }, renew)];
  if (now.getTime() >= from) return [];
  const early = { zh: `证书从 ${day(from)} 起才有效`, en: `the certificate is only good from ${day(from)} on` };
  return [fault(early, { zh: "检查本机时钟，或换一张证书", en: "Look at this machine's clock, or take another one" })];
}

/** The time has a finding of its own. */
const ofTime = ["CERT_HAS_EXPIRED", "CERT_NOT_YET_VALID"];

function trustFaults(certificate: DetailedPeerCertificate, distrust: string | undefined): Finding[] {
  if (!distrust || ofTime.includes(distrust)) return [];
  if (isAlone(certificate)) {
    return [
      fault(
        {
          zh: `证书链不完整：代理只发了自己的证书（${distrust}）`,
          en: `the chain isn't complete: only the certificate itself is sent (${distrust})`,
        },
        {
          zh: "让代理发送完整的链：nginx 的 ssl_certificate 用 fullchain.pem，而不是 cert.pem",
          en: "Have the proxy send the whole chain: fullchain.pem for nginx's ssl_certificate, not cert.pem",
        },
      ),
    ];
  }
  return [
    fault(
      {
        zh: `没有公认的机构为这张证书担保（${distrust}）`,
        en: `no public authority vouches for the certificate (${distrust})`,
      },
      { zh: "使用公认机构签发的证书，例如 Let's Encrypt", en: "Take one of a public authority, such as Let's Encrypt" },
    ),
  ];
}

/** Whether it was sent without that of its issuer, and hasn't issued itself. */
function isAlone(certificate: DetailedPeerCertificate): boolean {
  const issuer: unknown = certificate.issuerCertificate;
  return issuer === undefined;
}

const renew = {
  zh: "续期证书，并确认自动续期在运行、代理用上了新证书",
  en: "Renew it, and see that this happens by itself and that the proxy takes the new one",
};

const day = (ms: number) => new Date(ms).toISOString().slice(0, 10);
