import { expect, test } from "vitest";
import { countRows } from "../support/accounts.js";
import { readAnswer, secondApp } from "../support/client.js";
import { startTestApp } from "../support/test-app.js";

const app = await startTestApp();
const strict = await startTestApp({ env: { REAUTHENTICATE: "on" } });

const operations = {
  deleteAccount: "mutation Do($code: String) { deleteAccount(code: $code) }",
  exportMyData: "query Do($code: String) { exportMyData(code: $code) }",
};
const names = ["deleteAccount", "exportMyData"] as const;

const send = (server: typeof app, name: keyof typeof operations, token: string, code?: string | null) =>
  server.client.request(operations[name], { token, ...(code !== undefined && { variables: { code } }) });

test.each(names)("%s with the caller's own code is done", async (name) => {
  for (const server of [app, strict]) {
    const { token } = await server.client.signedIn("alice");
    expect((await send(server, name, token, "alice")).outcome).toBe("ok");
    expect((await server.client.me(token)).outcome).toBe(name === "deleteAccount" ? "UNAUTHENTICATED" : "ok");
  }
});

test.each(names)("%s needs no code unless REAUTHENTICATE is on", async (name) => {
  for (const code of [undefined, null]) {
    const free = await app.client.signedIn("bob");
    expect((await send(app, name, free.token, code)).outcome).toBe("ok");
    const bound = await strict.client.signedIn("bob");
    const { outcome, errors } = await send(strict, name, bound.token, code);
    expect(outcome).toBe("REAUTHENTICATION_REQUIRED");
    expect(errors[0]?.extensions.retry).toBe("NEW_CODE");
    expect((await strict.client.me(bound.token)).outcome).toBe("ok");
  }
});

test.each([
  ["another user's", "dave", "REAUTHENTICATION_REQUIRED"],
  ["that of somebody unknown", "nobody-yet", "REAUTHENTICATION_REQUIRED"],
  ["one that WeChat calls used", "errcode:40163", "WX_CODE_INVALID"],
  ["one of a person whom WeChat blocks", "errcode:40226", "WX_USER_BLOCKED"],
  ["an empty one", "", "BAD_USER_INPUT"],
])("with %s, nothing is done and nobody is made", async (_, code, expected) => {
  await app.client.signedIn("dave");
  const { token, user } = await app.client.signedIn("carol");
  const before = await countRows(app);
  for (const name of names) {
    const { outcome, data } = await send(app, name, token, code);
    expect({ outcome, value: data?.[name] ?? null }).toEqual({ outcome: expected, value: null });
  }
  expect(await countRows(app)).toEqual(before);
  expect((await app.client.me(token)).data?.me?.id).toBe(user.id);
});

test("the code is one of the app in which the caller signed in", async () => {
  const { token } = await app.client.signedIn("erin", { appId: secondApp });
  const query = new URLSearchParams({ person: "erin", appid: secondApp });
  const response = await fetch(`${app.simulatorUrl}/simulator/login-code?${query}`);
  const { code }: { code: string } = JSON.parse(await response.text());
  expect((await send(app, "exportMyData", token, code)).outcome).toBe("ok");
});

test("each counts as a sign-in", async () => {
  const limited = await startTestApp({ env: { RATE_LIMIT: "on", RATE_LIMIT_LOGIN: "2/1m,600/1m" } });
  const { token } = await limited.client.signedIn("alice");
  expect((await send(limited, "exportMyData", token, "alice")).outcome).toBe("ok");
  expect((await send(limited, "deleteAccount", token, "alice")).outcome).toBe("RATE_LIMITED");
  expect((await limited.client.me(token)).outcome).toBe("ok");
});

test("one request tries one code", async () => {
  const { token } = await app.client.signedIn("fred");
  const query = 'mutation { a: deleteAccount(code: "gina") b: deleteAccount(code: "fred") }';
  expect((await app.client.request(query, { token })).outcome).toBe("QUERY_TOO_COMPLEX");
  expect((await app.client.me(token)).outcome).toBe("ok");
});

test.each([
  ["in the document", { query: '{ exportMyData(code: "hugo") }' }],
  ["as a variable", { query: "query ($x: String) { exportMyData(code: $x) }", variables: '{"x":"hugo"}' }],
  ["in a fragment", { query: '{ ...F } fragment F on Query { exportMyData(code: "hugo") }' }],
])("a code in an address, %s, is refused with 400", async (_, parameters) => {
  const { token } = await app.client.signedIn("hugo");
  const headers = { authorization: `Bearer ${token}`, "apollo-require-preflight": "1" };
  const get = async (given: Record<string, string>) =>
    readAnswer(await fetch(`${app.url}/graphql?${new URLSearchParams(given)}`, { headers }));
  expect(await get(parameters)).toMatchObject({ status: 400, outcome: "BAD_REQUEST" });
  expect(await get({ query: "{ exportMyData }" })).toMatchObject({ status: 200, outcome: "ok" });
});
