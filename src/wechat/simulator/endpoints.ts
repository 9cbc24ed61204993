import { randomBytes } from "node:crypto";
import { z } from "zod";
import type { WechatApp } from "../app.js";
import { type CodeHolder, createCodes } from "./codes.js";
import { isFault } from "./faults.js";
import { isName, openidOf, phoneOf, unionidOf } from "./people.js";
import type { Pushes } from "./pushes.js";
import { FaultWish, Refusal } from "./refusal.js";

/** Answers a call with the object that WeChat would, or throws {@link Refusal} or {@link FaultWish}. */
type Endpoint = (query: URLSearchParams, body: string) => object | Promise<object>;

/** The code that WeChat DevTools gives without an AppID. */
const devtoolsCode = "the code is a mock one";

/** How long a server access token lives. */
const tokenLifetimeSeconds = 7_200;

const tokenBody = z.object({
  grant_type: z.literal("client_credential"),
  appid: z.string(),
  secret: z.string(),
  force_refresh: z.boolean().default(false),
});
const phoneBody = z.object({ code: z.string(), openid: z.string().optional() });
const contentBody = z.object({
  version: z.literal(2),
  scene: z.int().min(1).max(4),
  openid: z.string().min(1),
  content: z.string().max(2_500),
});

const imageBody = z.object({
  version: z.literal(2),
  scene: z.int().min(1).max(4),
  openid: z.string().min(1),
  media_type: z.literal(2),
  media_url: z.url({ protocol: /^https?$/ }),
});

interface EndpointsOptions {
  apps: readonly WechatApp[];
  pushes: Pushes;
  now: () => Date;
}

/** WeChat's endpoints by path, and under `/simulator/` those with which one plays the person holding the phone, and WeChat. */
export function createEndpoints({ apps, pushes, now }: EndpointsOptions): Record<string, Endpoint> {
  const loginCodes = createCodes(now);
  const phoneCodes = createCodes(now);
  const tokens = new Map<string, { appId: string; token: string; expiresAt: number }>();

  function authenticate(appId: string | null, secret: string | null): string {
    if (!appId) throw new Refusal(41002);
    if (!secret) throw new Refusal(41004);
    const app = apps.find((known) => known.appId === appId);
    if (!app) throw new Refusal(40013);
    obeyWish(secret);
    if (app.secret !== secret) throw new Refusal(40125);
    return appId;
  }

  function appOfToken(token: string | null): string {
    if (!token) throw new Refusal(41001);
    const found = [...tokens.values()].find((known) => known.token === token);
    if (!found) throw new Refusal(40001);
    if (found.expiresAt <= now().getTime()) throw new Refusal(42001);
    return found.appId;
  }

  function personAt(query: URLSearchParams): CodeHolder {
    const person = query.get("person") ?? "";
    const appId = query.get("appid") ?? apps[0]?.appId ?? "";
    if (!isName(person) || !apps.some((app) => app.appId === appId)) throw new Refusal(40097);
    return { person, appId };
  }

  return {
    "/sns/jscode2session": (query) => {
      const appId = authenticate(query.get("appid"), query.get("secret"));
      const code = query.get("js_code");
      if (!code) throw new Refusal(41008);
      obeyWish(code);
      const { person } = holderOf(code, loginCodes.spend(code, appId), appId);
      const sessionKey = randomBytes(16).toString("base64");
      return { session_key: sessionKey, openid: openidOf(appId, person), unionid: unionidOf(person) };
    },

    "/cgi-bin/stable_token": (_, body) => {
      const { appid, secret, force_refresh } = parse(tokenBody, body);
      const appId = authenticate(appid, secret);
      const current = tokens.get(appId);
      if (current && !force_refresh && current.expiresAt > now().getTime()) return tokenAnswer(current, now());
      const fresh = {
        appId,
        token: randomBytes(102).toString("base64url"),
        expiresAt: now().getTime() + tokenLifetimeSeconds * 1_000,
      };
      tokens.set(appId, fresh);
      return tokenAnswer(fresh, now());
    },

    "/wxa/business/getuserphonenumber": (query, body) => {
      const appId = appOfToken(query.get("access_token"));
      const { code, openid } = parse(phoneBody, body);
      obeyWish(code);
      const state = phoneCodes.spend(code, appId);
      const { person, phone } = holderOf(code, state === "used" ? "unknown" : state, appId);
      if (openid && openid !== openidOf(appId, person)) throw new Refusal(40029);
      const purePhoneNumber = phone ?? phoneOf(person);
      const watermark = { timestamp: Math.floor(now().getTime() / 1_000), appid: appId };
      return {
        errcode: 0,
        errmsg: "ok",
        phone_info: { phoneNumber: purePhoneNumber, purePhoneNumber, countryCode: "86", watermark },
      };
    },

    "/wxa/msg_sec_check": (query, body) => {
      appOfToken(query.get("access_token"));
      const { content } = parse(contentBody, body);
      obeyWish(content);
      const suggest = suggestionFor(content, body);
      const label = suggest === "pass" ? 100 : 20002;
      return {
        errcode: 0,
        errmsg: "ok",
        detail: [{ strategy: "content_model", errcode: 0, suggest, label, prob: 90 }],
        trace_id: `${randomBytes(4).toString("hex")}-${randomBytes(4).toString("hex")}`,
        result: { suggest, label },
      };
    },

    "/wxa/media_check_async": (query, body) => {
      appOfToken(query.get("access_token"));
      const { openid } = parse(imageBody, body);
      return { errcode: 0, errmsg: "ok", trace_id: pushes.expectVerdict(openid) };
    },

    "/simulator/push": async (query) => {
      const sent = await pushes.send(query);
      if (!sent) throw new Refusal(40097);
      return sent;
    },

    "/simulator/login-code": (query) => ({ code: loginCodes.issue(personAt(query)), errMsg: "login:ok" }),

    "/simulator/phone-code": (query) => {
      const holder = personAt(query);
      const phone = query.get("phone") ?? phoneOf(holder.person);
      if (!/^1\d{10}$/.test(phone)) throw new Refusal(40097);
      return { code: phoneCodes.issue({ ...holder, phone }), errMsg: "getPhoneNumber:ok" };
    },
  };
}

/** A code `errcode:N` or `fault:NAME` asks for that failure; an AppSecret has `=` in the middle, for it can't have a colon. */
function obeyWish(text: string): void {
  const [, kind, wish = ""] = /^(errcode|fault)[:=](.+)$/.exec(text) ?? [];
  if (kind === "errcode" && /^-?\d{1,6}$/.test(wish)) throw new Refusal(Number(wish));
  if (kind === "fault" && isFault(wish)) throw new FaultWish(wish);
}

/** Who a code stands for: a name stands for itself, as often as one likes; an issued code for its person, once. */
function holderOf(code: string, state: CodeHolder | "unknown" | "used", appId: string): CodeHolder {
  if (state === "used") throw new Refusal(40163);
  if (state !== "unknown") return state;
  if (code === devtoolsCode) return { person: "devtools", appId };
  if (isName(code)) return { person: code, appId };
  throw new Refusal(40029);
}

function tokenAnswer({ token, expiresAt }: { token: string; expiresAt: number }, now: Date): object {
  return { access_token: token, expires_in: Math.ceil((expiresAt - now.getTime()) / 1_000) };
}

/** Text with `\u` escapes passes unseen, as it does at WeChat's. */
function suggestionFor(content: string, body: string): "pass" | "review" | "risky" {
  if (/\\u[0-9a-f]{4}/i.test(body)) return "pass";
  if (/risky|违规/.test(content)) return "risky";
  return /review|可疑/.test(content) ? "review" : "pass";
}

function parse<Shape extends z.ZodType>(shape: Shape, body: string): z.infer<Shape> {
  try {
    return shape.parse(JSON.parse(body));
  } catch {
    throw new Refusal(47001);
  }
}
