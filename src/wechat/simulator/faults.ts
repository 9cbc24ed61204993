import type { ServerResponse } from "node:http";

/** What WeChat's error codes say in its own words. */
const messages: Record<number, string> = {
  [-1]: "system error",
  40001: "invalid credential, access_token is invalid or not latest",
  40003: "invalid openid",
  40013: "invalid appid",
  40014: "invalid access_token",
  40029: "invalid code",
  40097: "invalid args",
  40125: "invalid appsecret",
  40163: "code been used",
  40164: "invalid ip 203.0.113.7 ipv6 ::ffff:203.0.113.7, not in whitelist",
  40226: "code blocked",
  40243: "AppSecret is frozen",
  40129: "invalid scene",
  41001: "access_token missing",
  41002: "appid missing",
  41004: "appsecret missing",
  41008: "missing code",
  42001: "access_token expired",
  42003: "code expired",
  43002: "require POST method",
  43302: "http method not allowed",
  44002: "empty post data",
  45009: "reach max api daily quota limit",
  45011: "api minute-quota reach limit, must slower, retry next minute",
  45035: "access clientip:203.0.113.7 is not registered",
  47001: "data format error",
  48001: "api unauthorized",
  48004: "api forbidden for irregularities",
  50001: "user unauthorized",
  50002: "user limited",
  50004: "forbidden function",
  50007: "account frozen",
  61004: "access clientip is not registered requestIP: 203.0.113.7",
  61007: "api is unauthorized to component",
  61010: "code is expired",
  61024: "only a component may call this",
  89501: "this IP 203.0.113.7 is waiting for confirmation",
  89503: "this call from 203.0.113.7 requires the administrator's confirmation",
  89506: "the IP 203.0.113.7 was refused twice within 24 hours",
  89507: "the IP 203.0.113.7 was refused within an hour",
};

export const messageOf = (errcode: number) => messages[errcode] ?? "unknown error";

const plain = { "content-type": "text/plain" };
const page = { "content-type": "text/html" };

/** Ways to misbehave on the wire. The code `fault:NAME` asks for one. */
export const faults = {
  "http-500": (response) => response.writeHead(500, page).end("<html><body>Bad Gateway</body></html>"),
  html: (response) => response.writeHead(200, page).end("<html><body>Maintenance</body></html>"),
  "cut-off": (response) => response.writeHead(200, plain).end('{"openid":"oCutOffCutOffCutOffCutOff00","sess'),
  null: (response) => response.writeHead(200, plain).end("null"),
  "no-openid": (response) => response.writeHead(200, plain).end('{"session_key":"AAAAAAAAAAAAAAAAAAAAAA=="}'),
  "wrong-types": (response) => response.writeHead(200, plain).end('{"openid":42,"session_key":[],"unionid":{}}'),
  /** 30 MB. */
  huge: (response) => sendHuge(response),
  /** One byte a second. */
  slow: (response) => sendSlowly(response),
  /** No answer at all. */
  silent: () => undefined,
  /** The connection is cut instead. */
  reset: (response) => response.socket?.resetAndDestroy(),
  /** To where mallory would be signed in. */
  redirect: (response, url) => {
    url.searchParams.set("js_code", "mallory");
    response.writeHead(302, { location: url.href }).end();
  },
} as const satisfies Record<string, (response: ServerResponse, url: URL) => unknown>;

export type Fault = keyof typeof faults;

export const isFault = (name: string): name is Fault => Object.hasOwn(faults, name);

function sendHuge(response: ServerResponse): void {
  const chunk = Buffer.alloc(1_048_576, "x");
  let left = 30;
  const send = () => {
    while (left-- > 0) if (!response.write(chunk)) return void response.once("drain", send);
    response.end();
  };
  send();
}

function sendSlowly(response: ServerResponse): void {
  response.writeHead(200, { "content-type": "text/plain" });
  const letters = '{"openid":"oSlowSlowSlowSlowSlowSlow000"}'[Symbol.iterator]();
  const timer = setInterval(() => {
    const { value, done } = letters.next();
    if (done) response.end();
    else response.write(value);
  }, 1_000);
  response.on("close", () => clearInterval(timer));
}
