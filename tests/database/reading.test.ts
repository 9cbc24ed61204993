import { getNamedType, isEnumType, isObjectType, isScalarType } from "graphql";
import { afterAll, beforeEach, expect, test } from "vitest";
import { createSchema } from "../../src/schema.js";
import { admin } from "../support/admin.js";
import { logStatements, writesAmong } from "../support/statement-log.js";
import { sweep } from "../support/sweep.js";
import { startTestApp } from "../support/test-app.js";

const app = await startTestApp({ env: { TRUST_PROXY: "loopback" } });
const { client } = app;
const alice = await client.signedIn("alice");
await client.updateProfile(alice.token, { nickname: "Alice", birthday: "1998-02-28", gender: "FEMALE" });

const log = await logStatements(app.database);
afterAll(log.stop);
beforeEach(() => void log.texts.splice(0));

/** Asks for all of a field's own values. */
function documentOf(name: string, type: unknown): string {
  if (!isObjectType(type)) return `{ ${name} }`;
  const leaves = Object.values(type.getFields()).filter((field) => isLeaf(getNamedType(field.type)));
  return `{ ${name} { ${leaves.map((field) => field.name).join(" ")} } }`;
}

const isLeaf = (type: unknown) => isScalarType(type) || isEnumType(type);

const queries = Object.values(createSchema().getQueryType()?.getFields() ?? {}).map((field): [string, string] => [
  field.name,
  documentOf(field.name, getNamedType(field.type)),
]);

test("the log sees what is written and what is read", async () => {
  await sweep(app);
  log.texts.splice(0);
  await client.updateProfile(alice.token, { signature: "hello" });
  expect(writesAmong(log.texts)).toHaveLength(1);
  expect(log.texts.some((text) => /^\s*select/i.test(text))).toBe(true);
  expect(queries.length).toBeGreaterThanOrEqual(3);
});

test.each(queries)("the query %s writes nothing", async (_, document) => {
  const { outcome } = await client.request(document, { token: alice.token });
  const faults = app.logged.filter(({ level }) => level >= 50);
  expect(outcome, JSON.stringify(faults)).toBe("ok");
  expect(log.texts).not.toEqual([]);
  expect(writesAmong(log.texts)).toEqual([]);
});

test.each([
  ["users", ["users"]],
  ["users by nickname", ["users", "--nickname", "ali"]],
  ["users by a text", ["users", "ali"]],
  ["users by phone number", ["users", "--phone", "+8613800138000"]],
  ["user", ["user", alice.user.id]],
])("the operator's command %s writes nothing", async (_, args) => {
  const { code, errors } = await admin(args, { env: { DATABASE_URL: app.databaseUrl } });
  expect([code, errors]).toEqual([0, ""]);
  expect(log.texts.some((text) => /^\s*select/i.test(text))).toBe(true);
  expect(writesAmong(log.texts)).toEqual([]);
});

test.each([[["--json"]], [["--show-openid"]]])(
  "showing a user with %j writes a line of the audit log and nothing else",
  async (args) => {
    await admin(["user", alice.user.id, ...args], { env: { DATABASE_URL: app.databaseUrl } });
    expect(writesAmong(log.texts)).toEqual([expect.stringMatching(/^\s*insert into audit_entries/)]);
  },
);

const somebody = "0192d5e0-0000-7000-8000-000000000000";
const aliased = (field: string) => Array.from({ length: 15 }, (_, n) => `a${n}: ${field}`).join(" ");

test.each([
  ["removing a phone number that isn't there", aliased("unbindPhone { id }")],
  ["removing an avatar that isn't there", aliased("removeAvatar { id }")],
  [
    "saving what is there already",
    'updateProfile(input: { nickname: " Alice ", birthday: "1998-02-28", gender: FEMALE, email: null }) { id }',
  ],
  ["saving nothing", "updateProfile(input: {}) { id }"],
  ["ending a session that isn't there", `revokeSession(id: "${somebody}")`],
  ["ending a session that can't be", 'revokeSession(id: "nonsense")'],
])("%s writes nothing", async (_, fields) => {
  const before = (await client.me(alice.token)).data?.me;
  app.advance(1_000);
  expect((await client.request(`mutation { ${fields} }`, { token: alice.token })).outcome).toBe("ok");
  expect(writesAmong(log.texts)).toEqual([]);
  expect((await client.me(alice.token)).data?.me).toEqual(before);
});

test("what a change has made of the caller is what the next one in the same request starts from", async () => {
  const change = (name: string, nickname: string) =>
    `${name}: updateProfile(input: { nickname: "${nickname}" }) { nickname }`;
  const { text } = await client.request(`mutation { ${change("a", "Bob")} ${change("b", "Alice")} }`, {
    token: alice.token,
  });
  expect(JSON.parse(text).data).toEqual({ a: { nickname: "Bob" }, b: { nickname: "Alice" } });
  expect((await client.me(alice.token)).data?.me?.nickname).toBe("Alice");
});

test("a number that is bound and removed in one request is gone", async () => {
  const { token } = await client.signedIn("bob");
  const { outcome } = await client.request('mutation { bindPhone(code: "bob") { id } unbindPhone { phone } }', {
    token,
  });
  expect(outcome).toBe("ok");
  expect((await client.me(token)).data?.me?.phone).toBeNull();
});
