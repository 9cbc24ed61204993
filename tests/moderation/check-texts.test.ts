import { expect, test } from "vitest";
import { fields } from "../../src/profile/profile-rules.js";
import { printedSchema } from "../../src/schema.js";
import { type Answer, userFields } from "../support/client.js";
import { keepSecret } from "../support/log-search.js";
import { startTestApp } from "../support/test-app.js";

const app = await startTestApp({ env: { WECHAT_CONTENT_CHECK: "on" } });
const { client } = app;

async function update(token: string, input: Record<string, unknown>): Promise<Answer> {
  keepSecret(...Object.values(input).map((value) => (typeof value === "string" ? value : undefined)));
  return client.updateProfile(token, input);
}

test("texts without fault are saved", async () => {
  const { token } = await client.signedIn("alice");
  const texts = { nickname: "小艾同学在线", signature: "今天天气真好", address: "广州市海珠区新港中路" };
  expect((await update(token, texts)).data?.updateProfile).toMatchObject(texts);
});

test.each([
  ["nickname", "违规的昵称一个", "昵称含有违规内容，请修改"],
  ["signature", "a risky signature", "个性签名含有违规内容，请修改"],
  ["address", "违规的地址一处", "地址含有违规内容，请修改"],
])("a risky %s is refused by name, and nothing of the update is saved", async (field, text, message) => {
  const { token, user } = await client.signedIn(`bob-${field}`);
  const { outcome, errors, status } = await update(token, { birthday: "2000-01-31", [field]: text });
  expect(status).toBe(200);
  expect(outcome).toBe("CONTENT_REJECTED");
  expect(errors[0]?.message).toBe(message);
  expect(errors[0]?.extensions).toMatchObject({ field, retry: "NEVER" });
  expect((await client.me(token)).data?.me).toEqual(user);
});

test("the refusal is in English for who prefers it", async () => {
  const { token } = await client.signedIn("bella");
  const { errors } = await client.request(
    `mutation { updateProfile(input: { nickname: "risky name" }) { ${userFields} } }`,
    { token, headers: { "accept-language": "en" } },
  );
  expect(errors[0]?.message).toBe("nickname breaks WeChat's content rules; please change it");
});

test("a text for review is saved, and logged without the text", async () => {
  const { token, user } = await client.signedIn("carol");
  expect((await update(token, { nickname: "可疑的昵称一个" })).data?.updateProfile?.nickname).toBe("可疑的昵称一个");
  expect(app.logged.find(({ msg, userId }) => msg.includes("review") && userId === user.id)).toMatchObject({
    field: "nickname",
    label: 20002,
  });
});

test.each([
  ["61010, the person has not opened the program lately", "errcode:61010", "WX_BUSY", "NEW_CODE"],
  ["a quota that is used up", "errcode:45009", "WX_RATE_LIMITED", "LATER"],
  ["settings that WeChat refuses", "errcode:48001", "WX_MISCONFIGURED", "NEVER"],
  ["an errcode that nobody knows", "errcode:99999", "WX_BUSY", "LATER"],
  ["an answer that makes no sense", "fault:html", "WX_BUSY", "NEW_CODE"],
  ["a broken connection", "fault:reset", "WX_BUSY", "NEW_CODE"],
])("with %s, the text is not saved and the field is named", async (_, signature, code, retry) => {
  const { token, user } = await client.signedIn("dave");
  const { errors } = await update(token, { gender: "MALE", signature });
  expect(errors[0]?.extensions).toMatchObject({ code, retry, field: "signature" });
  expect(errors[0]?.extensions.retryAfter).toEqual(retry === "LATER" ? expect.any(Number) : undefined);
  expect(errors[0]?.message).toContain("个性签名");
  expect((await client.me(token)).data?.me).toEqual(user);
  expect(app.logged.findLast(({ msg }) => msg.startsWith("a text could not be checked"))).toMatchObject({
    field: "signature",
    userId: user.id,
    code,
  });
});

test("fields that others don't see are saved whatever WeChat says", async () => {
  const { token } = await client.signedIn("erin");
  const { outcome } = await update(token, { email: "risky@example.com", birthday: "2000-01-31", gender: "FEMALE" });
  expect(outcome).toBe("ok");
});

test("of every field that can be changed it is decided whether WeChat checks it, and free texts are checked", () => {
  const [, input = ""] = /^input UpdateProfileInput \{(.*?)^\}/ms.exec(printedSchema()) ?? [];
  const types = new Map([...input.matchAll(/^ {2}(\w+): (\w+)$/gm)].map(([, name = "", type = ""]) => [name, type]));
  expect(Object.keys(fields).sort()).toEqual([...types.keys()].sort());
  const free = [...types].filter(([, type]) => type === "String").map(([name]) => name);
  expect(free).toEqual(["nickname", "address", "signature"]);
  expect(free.filter((name) => !new Map(Object.entries(fields)).get(name)?.isShown)).toEqual([]);
});

test("a field of which that isn't decided doesn't compile", () => {
  const { signature, ...others } = fields;
  // @ts-expect-error: the signature is missing
  const undecided: typeof fields = others;
  expect({ ...undecided, signature }).toEqual(fields);
});

test("the texts of other rules come first: a value that breaks one is never sent", async () => {
  const { token } = await client.signedIn("fred");
  const { errors } = await update(token, { nickname: "risky", birthday: "1800-01-01" });
  expect(errors[0]?.extensions).toMatchObject({ code: "BAD_USER_INPUT", field: "birthday" });
});

test("without the setting nothing is checked", async () => {
  const unchecked = await startTestApp();
  const { token } = await unchecked.client.signedIn("gina");
  expect((await unchecked.client.updateProfile(token, { nickname: "违规" })).outcome).toBe("ok");
});
