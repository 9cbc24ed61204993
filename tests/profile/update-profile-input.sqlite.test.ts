import { expect, test } from "vitest";
import { startTestApp } from "../support/test-app.js";

const app = await startTestApp();
const { client } = app;
const { token, user } = await client.signedIn("alice");

/** Nothing of the account may have changed by what was refused. */
async function expectUntouched(): Promise<void> {
  expect((await client.me(token)).data?.me).toEqual(user);
}

const inline = (input: string) => client.request(`mutation { updateProfile(input: { ${input} }) { id } }`, { token });

test.each([
  ["id", "00000000-0000-7000-8000-000000000000"],
  ["phone", "+8613800138000"],
  ["role", "ADMIN"],
  ["avatarUrl", "https://evil.test/a.png"],
  ["openid", "oSomebodyElse"],
  ["unionid", "oSomebodyElse"],
  ["createdAt", "2000-01-01T00:00:00.000Z"],
  ["updatedAt", "2000-01-01T00:00:00.000Z"],
  ["disabledAt", null],
  ["disabled_at", null],
  ["Nickname", "Alice"],
  ["toString", "Alice"],
])("%s can't be set", async (field, value) => {
  const answer = await client.updateProfile(token, { nickname: "Alice", [field]: value });
  expect(answer).toMatchObject({ status: 200, outcome: "BAD_USER_INPUT" });
  expect(answer.errors[0]?.extensions).toMatchObject({ field, retry: "NEVER" });
  expect(await inline(`nickname: "Alice", ${field}: ${JSON.stringify(value)}`)).toMatchObject({
    status: 400,
    outcome: "GRAPHQL_VALIDATION_FAILED",
  });
  await expectUntouched();
});

test.each([
  '{"__proto__":{"role":"ADMIN"}}',
  '{"nickname":"Alice","__proto__":{"disabledAt":null}}',
  '{"constructor":{"prototype":{"role":"ADMIN"}}}',
])("%s can't be smuggled in", async (input) => {
  const query = "mutation ($input: UpdateProfileInput!) { updateProfile(input: $input) { id } }";
  const response = await fetch(`${app.url}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
    body: `{"query":${JSON.stringify(query)},"variables":{"input":${input}}}`,
  });
  expect(response.status).toBeLessThan(500);
  expect(await response.json()).toMatchObject({ errors: [{ extensions: { retry: "NEVER" } }] });
  expect(Reflect.get({}, "role")).toBeUndefined();
  await expectUntouched();
});

test.each([
  ["nickname", 42],
  ["nickname", true],
  ["nickname", ["Alice"]],
  ["nickname", { text: "Alice" }],
  ["address", 42],
  ["signature", []],
  ["email", 42],
  ["email", ["alice@example.com"]],
  ["email", { address: "alice@example.com" }],
  ["birthday", 19900517],
  ["birthday", true],
  ["birthday", ["1990-05-17"]],
  ["gender", 1],
  ["gender", true],
  ["gender", ["FEMALE"]],
])("a %s of %j is refused", async (field, value) => {
  const answer = await client.updateProfile(token, { signature: "good", [field]: value });
  expect(answer).toMatchObject({ status: 200, outcome: "BAD_USER_INPUT" });
  expect(answer.errors[0]?.extensions.field).toBe(field);
  await expectUntouched();
});

test.each(["email: 42", "email: [true]", "email: { a: 1 }", "birthday: 19900517", "birthday: 1.5", "birthday: FEMALE"])(
  "the literal { %s } is refused by the rules",
  async (input) => {
    const answer = await inline(`signature: "good", ${input}`);
    expect(answer).toMatchObject({ status: 200, outcome: "BAD_USER_INPUT" });
    expect(answer.errors[0]?.extensions.field).toBe(input.split(":")[0]);
    await expectUntouched();
  },
);

test.each(["nickname: 42", "nickname: [true]", 'gender: "FEMALE"', "gender: female", "gender: OTHER", "gender: 1"])(
  "the literal { %s } is no valid GraphQL",
  async (input) => {
    expect(await inline(input)).toMatchObject({ status: 400, outcome: "GRAPHQL_VALIDATION_FAILED" });
    await expectUntouched();
  },
);

test.each(["female", "Male", "OTHER", "", "男", " MALE"])("a gender of %j is refused", async (gender) => {
  const answer = await client.updateProfile(token, { gender });
  expect(answer).toMatchObject({ status: 200, outcome: "BAD_USER_INPUT" });
  expect(answer.errors[0]?.extensions.field).toBe("gender");
  await expectUntouched();
});

test("an input that is no object is refused", async () => {
  const query = "mutation ($input: UpdateProfileInput!) { updateProfile(input: $input) { id } }";
  for (const input of [null, 1, "nickname", [], [{ nickname: "Alice" }, { nickname: "Bob" }]]) {
    expect(await client.request(query, { token, variables: { input } })).toMatchObject({ outcome: "BAD_USER_INPUT" });
  }
  await expectUntouched();
});

test("one bad field among good ones changes nothing at all", async () => {
  const good = { nickname: "Alice", email: "alice@example.com", gender: "FEMALE", address: null, signature: "hello" };
  const answer = await client.updateProfile(token, { ...good, birthday: "2001-02-29" });
  expect(answer.errors[0]?.extensions.field).toBe("birthday");
  await expectUntouched();
});
