import { expect, test } from "vitest";
import { decryptPush } from "../../src/wechat/push/cipher.js";
import { isAddressSigned, isMessageSigned } from "../../src/wechat/push/signature.js";
import { encryptPush, signPush } from "../../src/wechat/simulator/push-forms.js";
import { push, pushToken } from "../support/push.js";
import { startTestApp } from "../support/test-app.js";

/*
 * The examples of WeChat's documentation.
 */

const key = "A".repeat(43);
const appId = "wxba5fad812f8e6fb9";
const address = { timestamp: "1714112445", nonce: "415670741" };
const encrypted =
  "+qdx1OKCy+5JPCBFWw70tm0fJGb2Jmeia4FCB7kao+/Q5c/ohsOzQHi8khUOb05JCpj0JB4RvQMkUyus8TPxLKJGQqcvZqzDpVzazhZv6JsXUnnR8XGT740XgXZUXQ7vJVnAG+tE8NUd4yFyjPy7GgiaviNrlCTj+l5kdfMuFUPpRSrfMZuMcp3Fn2Pede2IuQrKEYwKSqFIZoNqJ4M8EajAsjLY2km32IIjdf8YL/P50F7mStwntrA2cPDrM1kb6mOcfBgRtWygb3VIYnSeOBrebufAlr7F9mFUPAJGj04=";
const msgSignature = "046e02f8204d34f8ba5fa3b1db94908f3df2e9b3";

const answer = {
  encrypted: "ELGduP2YcVatjqIS+eZbp80MNLoAUWvzzyJxgGzxZO/5sAvd070Bs6qrLARC9nVHm48Y4hyRbtzve1L32tmxSQ==",
  timestamp: "1713424427",
  nonce: "415670741",
  msgSignature: "1b9339964ed2e271e7c7b6ff2b0ef902fc94dea1",
};

const chinese = {
  key: "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG",
  appId: "wxb11529c136998cb6",
  text: "我是中文abcd123",
  encrypted: "jn1L23DB+6ELqJ+6bruv21Y6MD7KeIfP82D6gU39rmkgczbWwt5+3bnyg5K55bgVtVzd832WzZGMhkP72vVOfg==",
};

test("the address of the set-up is signed", () => {
  const setUp = { timestamp: "1714036504", nonce: "1514711492", signature: "f464b24fc39322e44b38aa78f5edd27bd1441696" };
  expect(isAddressSigned(pushToken, setUp)).toBe(true);
  expect(isAddressSigned("AAAAB", setUp)).toBe(false);
});

test("the message is signed, and decrypted", () => {
  const signed = { ...address, signature: "" };
  expect(isMessageSigned(pushToken, signed, encrypted, msgSignature)).toBe(true);
  expect(isMessageSigned(pushToken, signed, encrypted.replace("q", "r"), msgSignature)).toBe(false);
  const decrypted = decryptPush(encrypted, [key]);
  expect(decrypted?.appId).toBe(appId);
  expect(Buffer.byteLength(decrypted?.text ?? "")).toBe(167);
  expect(JSON.parse(decrypted?.text ?? "")).toMatchObject({ Event: "debug_demo" });
});

test("the answer is decrypted, and what the simulator encrypts and signs", () => {
  const text = '{"demo_resp":"good luck"}';
  expect(decryptPush(answer.encrypted, [key])).toEqual({ text, appId });
  expect(encryptPush(key, appId, text, Buffer.from("707722b803182950"))).toBe(answer.encrypted);
  expect(signPush(pushToken, answer.timestamp, answer.nonce, answer.encrypted)).toBe(answer.msgSignature);
});

test("the length is of bytes, not of characters", () => {
  const { text } = chinese;
  expect(decryptPush(chinese.encrypted, [chinese.key])).toEqual({ text, appId: chinese.appId });
  expect(encryptPush(chinese.key, chinese.appId, text, Buffer.from("aaaabbbbccccdddd"))).toBe(chinese.encrypted);
});

test("the message is taken by a server that has the token, the key and the app, at its time", async () => {
  const app = await startTestApp({
    env: {
      WECHAT_APPS: `${appId}:00000000000000000000000000000009`,
      WECHAT_PUSH_TOKEN: pushToken,
      WECHAT_PUSH_AES_KEY: key,
    },
  });
  app.advance(Number(address.timestamp) * 1_000 - Date.now());
  const query = { encrypt_type: "aes", msg_signature: msgSignature, openid: "o9AgO5Kd5ggOC-bXrbNODIiE3bGY" };
  const body = { ToUserName: "gh_97417a04a28d", Encrypt: encrypted };
  expect(await push(app, body, { ...address, query })).toMatchObject({ status: 200, text: "success" });
  expect(app.logged.findLast(({ event }) => event !== undefined)).toMatchObject({ event: "debug_demo" });
  app.advance(11 * 60_000);
  expect((await push(app, body, { ...address, query })).status).toBe(403);
});
