import { expect, test } from "vitest";
import { keepSecret } from "../support/log-search.js";
import { appSecret, startScriptedWechat } from "../support/scripted-wechat.js";
import { startTestApp } from "../support/test-app.js";

const openid = "oRetryRetryRetryRetryRetryRe";
keepSecret(openid);
const login = () => new Response(JSON.stringify({ openid }), { headers: { "content-type": "text/plain" } });

/** The fault that fetch throws for a code of the network's; the address is in it as some libraries put it there. */
function networkFault(code: string): TypeError {
  const cause = Object.assign(new Error(`${code} GET https://api.weixin.qq.com/sns?secret=${appSecret}`), { code });
  return new TypeError("fetch failed", { cause });
}

let steps: (() => Response)[] = [];
let requests = 0;
const app = await startTestApp({
  env: { WECHAT_APPS: `wxscripted:${appSecret}` },
  fetch: async () => {
    const step = steps[requests++];
    if (!step) throw new Error("one request too many");
    return step();
  },
});

/** Signs in while fetch does one of these after the other; returns the code of the outcome and the number of requests. */
async function signInWith(...inTurn: (() => Response)[]) {
  [steps, requests] = [inTurn, 0];
  const answer = await app.client.login("a-code");
  expect(answer.status).toBe(200);
  expect(`${answer.text}${JSON.stringify(app.logged)}`).not.toContain(appSecret);
  return [answer.outcome, requests];
}

const fail = (code: string) => () => {
  throw networkFault(code);
};

test("where nobody listens, it is tried twice", async () => {
  const wechat = await startScriptedWechat();
  wechat.close();
  let tries = 0;
  const alone = await startTestApp({
    env: wechat.env,
    fetch: (input, init) => {
      tries++;
      return fetch(input, init);
    },
  });
  expect(await alone.client.login("a-code-for-nobody")).toMatchObject({ status: 200, outcome: "WX_BUSY" });
  expect(tries).toBe(2);
  expect(alone.logged).toContainEqual(
    expect.objectContaining({ msg: "WeChat not reached, trying once more", fault: "ECONNREFUSED" }),
  );
});

test.each(["ENOTFOUND", "EAI_AGAIN", "ECONNREFUSED", "EHOSTUNREACH", "ENETUNREACH", "UND_ERR_CONNECT_TIMEOUT"])(
  "after %s nothing was sent, so it is tried once more, and once only",
  async (code) => {
    expect(await signInWith(fail(code), login)).toEqual(["ok", 2]);
    expect(await signInWith(fail(code), fail(code), login)).toEqual(["WX_BUSY", 2]);
  },
);

test.each([
  "ECONNRESET",
  "EPIPE",
  "ETIMEDOUT",
  "UND_ERR_SOCKET",
  "UND_ERR_HEADERS_TIMEOUT",
  "UND_ERR_BODY_TIMEOUT",
  "",
])("after %j the code may be spent, so it isn't tried again", async (code) => {
  expect(await signInWith(fail(code), login)).toEqual(["WX_BUSY", 1]);
});

test("a second try that is cut off is the last", async () => {
  expect(await signInWith(fail("ECONNREFUSED"), fail("ECONNRESET"), login)).toEqual(["WX_BUSY", 2]);
});

test("a busy WeChat that then isn't reached is asked no third time", async () => {
  const busy = () => new Response('{"errcode":-1}');
  expect(await signInWith(busy, fail("ECONNREFUSED"), login)).toEqual(["WX_BUSY", 2]);
});
