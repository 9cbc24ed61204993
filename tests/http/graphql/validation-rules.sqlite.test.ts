import {
  buildClientSchema,
  buildSchema,
  getIntrospectionQuery,
  type IntrospectionQuery,
  parse,
  validate,
} from "graphql";
import { describe, expect, test } from "vitest";
import { queryLimits } from "../../../src/http/graphql/validation-rules.js";
import type { Answer } from "../../support/client.js";
import { startScriptedWechat } from "../../support/scripted-wechat.js";
import { startTestApp } from "../../support/test-app.js";

const app = await startTestApp();
const { client } = app;

const wechat = await startScriptedWechat();
const production = await startTestApp({ env: { NODE_ENV: "production", ...wechat.env } });

const times = (count: number, make: (index: number) => string) => Array.from({ length: count }, (_, i) => make(i));
const english = { headers: { "accept-language": "en" } };

function expectTooComplex(answer: Answer, measure: string): void {
  expect([answer.status, answer.outcome], answer.text).toEqual([400, "QUERY_TOO_COMPLEX"]);
  expect(answer.errors[0]?.extensions.retry).toBe("NEVER");
  expect(answer.errors[0]?.message).toContain(measure);
  expect(answer.data).toBeUndefined();
}

describe("an operation", () => {
  test("may have fifteen aliases, not sixteen", async () => {
    const aliased = (count: number) => `{ ${times(count, (i) => `a${i}: __typename`).join(" ")} }`;
    expect((await client.request(aliased(15))).outcome).toBe("ok");
    expectTooComplex(await client.request(aliased(16), english), "15 aliases");
  });

  test("counts the aliases of a fragment each time that it is spread", async () => {
    const spread =
      "{ ...F ... { ...F ... { ...F } } } fragment F on Query { a: __typename b: __typename c: __typename }";
    expect((await client.request(spread)).outcome).toBe("ok");
    const more = spread.replace("{ ...F }", `{ ${"...F ".repeat(4)} }`);
    expectTooComplex(await client.request(more, english), "15 aliases");
  });

  test("may have fifteen directives, not sixteen, wherever they stand", async () => {
    const directives = (count: number) => `{ ${"__typename @include(if: true) ".repeat(count)} }`;
    expect((await client.request(directives(15))).outcome).toBe("ok");
    expectTooComplex(await client.request(directives(16), english), "15 directives");
    const onFragments = "... @skip(if: false) { __typename @include(if: true) } ".repeat(8);
    expectTooComplex(await client.request(`{ ${onFragments} }`, english), "15 directives");
    const spread = `{ ${"...F @include(if: true) ".repeat(8)} } fragment F on Query { __typename @skip(if: false) }`;
    expectTooComplex(await client.request(spread, english), "15 directives");
  });

  test("may have five hundred fields, not more", async () => {
    expect((await client.request(`{ ${"__typename ".repeat(500)} }`)).outcome).toBe("ok");
    expectTooComplex(await client.request(`{ ${"__typename ".repeat(501)} }`, english), "500 fields");
  });

  test("may have a thousand tokens, not more", async () => {
    const padded = (tokens: number) => `query (${"$a: Int ".repeat((tokens - 10) / 4)}) { __typename }`;
    expect((await client.request(padded(990))).outcome).toBe("GRAPHQL_VALIDATION_FAILED");
    expectTooComplex(await client.request(padded(1_010), english), "1000 tokens");
  });

  test("says what is too much in the client's language", async () => {
    const answer = await client.request(`{ ${"__typename ".repeat(501)} }`);
    expect(answer.errors[0]?.message).toBe("查询过于复杂：字段数不能超过 500");
  });
});

describe("an operation on a schema whose types lead back to themselves, which this API's don't yet,", () => {
  const schema = buildSchema("type Query { me: User } type User { friend: User id: ID }");
  const faults = (document: string) => validate(schema, parse(document), [queryLimits]).map(({ message }) => message);
  const tooDeep = ["The query is too complex: it may have at most 10 levels of nesting"];

  test("may be ten levels deep, not eleven", () => {
    const deep = (levels: number) => `{ me { ${"friend { ".repeat(levels - 2)} id ${"}".repeat(levels - 2)} } }`;
    expect(faults(deep(10))).toEqual([]);
    expect(faults(deep(11))).toEqual(tooDeep);
  });

  test("counts the levels of fragments where they are spread", () => {
    const chain = times(9, (i) => `fragment F${i} on User { friend { ...F${i + 1} } }`).join(" ");
    expect(faults(`{ me { ...F1 } } ${chain} fragment F9 on User { id }`)).toEqual([]);
    expect(faults(`{ me { ...F0 } } ${chain} fragment F9 on User { id }`)).toEqual(tooDeep);
  });
});

describe("one operation signs in once, and not", () => {
  const login = (name: string) => `wxLogin(code: "${name}") { token }`;

  test.each([
    ["by alias", `mutation { a: ${login("many")} b: ${login("many")} }`],
    ["by a fragment", `mutation { ${login("many")} ...F } fragment F on Mutation { b: ${login("many")} }`],
    ["by a fragment spread twice", `mutation { ...F ...F } fragment F on Mutation { a: ${login("many")} }`],
    ["by an inline fragment", `mutation { a: ${login("many")} ... on Mutation { b: ${login("many")} } }`],
    [
      "by fragments within fragments",
      `mutation { ...A } fragment A on Mutation { ...B ...C } fragment B on Mutation { ...D }
       fragment C on Mutation { ...D } fragment D on Mutation { a: ${login("many")} }`,
    ],
    ["behind a directive", `mutation { a: ${login("many")} b: ${login("many").replace("{", "@include(if: true) {")} }`],
    [
      "by an operation that isn't asked for",
      `mutation A { a: ${login("many")} b: ${login("many")} } query B { __typename }`,
    ],
  ])("more %s", async (_, document) => {
    expectTooComplex(await client.request(document, english), "1 sign-in");
  });

  test("at all when it is refused", async () => {
    expect((await client.signedIn("many")).isNewUser).toBe(true);
  });
});

describe("one operation does what costs much once, and not", () => {
  test.each([
    ["two exports", "{ a: exportMyData b: exportMyData }", "1 export"],
    ["an export by a fragment", "{ exportMyData ...F } fragment F on Query { b: exportMyData }", "1 export"],
  ])("%s", async (_, document, most) => {
    expectTooComplex(await client.request(document, english), most);
  });

  test("more than one of each", async () => {
    const answer = await client.request("{ exportMyData mySessions { id } me { id } }");
    expect(answer.outcome).toBe("UNAUTHENTICATED");
  });
});

describe("a document made to exhaust the server is refused at once:", () => {
  const refusedAtOnce = async (document: string) => {
    const before = performance.now();
    const answer = await client.request(document);
    expect(performance.now() - before).toBeLessThan(5_000);
    expect(answer.status).toBe(400);
    expect(answer.errors.length).toBeLessThanOrEqual(5);
    return answer;
  };

  test("fragments that double at every level", async () => {
    const levels = times(60, (i) => `fragment F${i} on Query { ...F${i + 1} ...F${i + 1} }`).join(" ");
    await refusedAtOnce(`{ ...F0 } ${levels} fragment F60 on Query { me { id } }`);
  });

  test("fragments that double at every level below fields", async () => {
    const levels = times(50, (i) => `fragment F${i} on Query { a: me { ...F${i + 1} } b: me { ...F${i + 1} } }`).join(
      " ",
    );
    await refusedAtOnce(`{ ...F0 } ${levels} fragment F50 on Query { me { id } }`);
  });

  test("fragments that spread themselves", async () => {
    await refusedAtOnce("{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }");
    await refusedAtOnce("{ ...A } fragment A on Query { me { ...B } } fragment B on User { ...B }");
    await refusedAtOnce(`{ ...A } fragment A on Query { ${"...A ".repeat(400)} }`);
  });

  test("fields that conflict in every pair", async () => {
    await refusedAtOnce(`{ ${times(160, (i) => `me { a: ${i % 2 ? "id" : "nickname"} }`).join(" ")} }`);
  });

  test("fragments that conflict in every pair", async () => {
    const fragments = times(70, (i) => `fragment F${i} on User { a: ${i % 2 ? "id" : "nickname"} }`).join(" ");
    await refusedAtOnce(`{ me { ${times(70, (i) => `...F${i}`).join(" ")} } } ${fragments}`);
  });

  test("lists within lists", async () => {
    await refusedAtOnce(`mutation { updateProfile(input: ${"[".repeat(450)}${"]".repeat(450)}) { id } }`);
  });

  test("objects within objects", async () => {
    await refusedAtOnce(`mutation { updateProfile(input: ${"{a:".repeat(300)}1${"}".repeat(300)}) { id } }`);
  });

  test("a list type within list types", async () => {
    await refusedAtOnce(`query ($a: ${"[".repeat(400)}Int${"]".repeat(400)}) { __typename }`);
  });

  test("ninety thousand brackets", async () => {
    expectTooComplex(await refusedAtOnce("{a".repeat(45_000)), "1000");
  });

  test("a name of ninety thousand letters", async () => {
    await refusedAtOnce(`{ ${"a".repeat(90_000)} }`);
  });

  test("introspection that multiplies at every level", async () => {
    await refusedAtOnce(`{ __schema { types { ${"fields { type { ".repeat(8)} name ${"} }".repeat(8)} } } }`);
  });
});

test("variables nested deeply are refused with the field's name", async () => {
  const nested = `${"[".repeat(20_000)}${"]".repeat(20_000)}`;
  const document = "mutation ($input: UpdateProfileInput!) { updateProfile(input: $input) { id } }";
  const answer = await fetch(`${app.url}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: `{"query":"${document}","variables":{"input":{"nickname":${nested}}}}`,
  });
  expect(await answer.json()).toMatchObject({
    errors: [{ extensions: { code: "BAD_USER_INPUT", field: "nickname" } }],
  });
});

test("an answer has at most five errors", async () => {
  const fields = times(20, (i) => `nothing${i}`).join(" ");
  expect((await client.request(`{ ${fields} }`)).errors).toHaveLength(5);
  const input = Object.fromEntries(times(20, (i) => `nothing${i}`).map((name) => [name, 1]));
  expect((await client.updateProfile(undefined, input)).errors).toHaveLength(5);
});

describe("in development", () => {
  test.each([
    ["in short", {}],
    ["with all it can ask", allOptions()],
  ])("the standard introspection query is answered %s", async (_, options) => {
    const answer = await fetch(`${app.url}/graphql`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ query: getIntrospectionQuery(options), operationName: "IntrospectionQuery" }),
    });
    const { data, errors }: { data: IntrospectionQuery; errors?: unknown } = JSON.parse(await answer.text());
    expect(errors).toBeUndefined();
    expect(Object.keys(buildClientSchema(data).getMutationType()?.getFields() ?? {})).toContain("wxLogin");
  });

  test("a misspelt name is answered with a suggestion", async () => {
    expect((await client.request("{ mee { id } }")).text).toContain("Did you mean");
  });
});

function allOptions() {
  return {
    descriptions: true,
    specifiedByUrl: true,
    directiveIsRepeatable: true,
    schemaDescription: true,
    inputValueDeprecation: true,
    oneOf: true,
  };
}

describe("in production", () => {
  test.each([
    "{ __schema { types { name } } }",
    '{ __type(name: "User") { name } }',
    "{ ...F } fragment F on Query { a: __schema { queryType { name } } }",
    getIntrospectionQuery(allOptions()),
  ])("introspection is refused: %.30s", async (document) => {
    const answer = await production.client.request(document);
    expect([answer.status, answer.outcome]).toEqual([400, "GRAPHQL_VALIDATION_FAILED"]);
    expect(answer.data).toBeUndefined();
  });

  test("__typename is answered", async () => {
    expect((await production.client.request("{ __typename }")).outcome).toBe("ok");
  });

  test.each([
    ["a field", "{ mee { id } }"],
    ["a field of a user", "{ me { nicknam } }"],
    ["an argument", 'mutation { wxLogin(cod: "a") { token } }'],
    ["a type", "query ($a: UpdateProfileInputs) { __typename }"],
    ["a fragment's type", "{ ...F } fragment F on Querry { __typename }"],
    ["a field of an input", 'mutation { updateProfile(input: { nicknam: "a" }) { id } }'],
    ["an enum value", "mutation { updateProfile(input: { gender: MAL }) { id } }"],
    ["an enum value as text", 'mutation { updateProfile(input: { gender: "MALE" }) { id } }'],
  ])("the name of %s is not suggested", async (_, document) => {
    const answer = await production.client.request(document);
    expect(answer.errors).not.toHaveLength(0);
    expect(answer.text).not.toMatch(/did you mean/i);
    expect((await client.request(document)).text, "the same in development").toContain("Did you mean");
  });

  test.each([
    ["a field", { nicknam: "a" }],
    ["an enum value", { gender: "MAL" }],
  ])("the name of %s in the variables is not suggested", async (_, input) => {
    const answer = await production.client.updateProfile(undefined, input);
    expect(answer.outcome).toBe("BAD_USER_INPUT");
    expect(answer.text).not.toMatch(/did you mean/i);
    expect((await client.updateProfile(undefined, input)).text, "the same in development").toContain("Did you mean");
  });
});

test.each([
  ["a variable's field is", { [` at "${"a".repeat(90_000)}!`]: 1 }],
  ["a variable's value is", { gender: `${" Did you mean ".repeat(6_500)}!` }],
])("where %s made to be searched for long, the answer takes no longer", async (_, input) => {
  const start = process.cpuUsage();
  expect((await production.client.updateProfile(undefined, input)).outcome).toBe("BAD_USER_INPUT");
  expect(process.cpuUsage(start).user / 1_000).toBeLessThan(1_500);
});

test("where a document is made to be searched for long, the answer takes no longer", async () => {
  const start = process.cpuUsage();
  const document = `mutation { updateProfile(input: { gender: "${" Did you mean x".repeat(6_500)}" }) { id } }`;
  expect((await production.client.request(document)).outcome).toBe("GRAPHQL_VALIDATION_FAILED");
  expect(process.cpuUsage(start).user / 1_000).toBeLessThan(1_500);
});

test("no answer has a stack trace", async () => {
  const faults = [
    "{",
    "{ mee }",
    "{ me { id } }",
    `{ ${"__typename ".repeat(501)} }`,
    'mutation { wxLogin(code: "") { token } }',
  ];
  for (const { client } of [app, production]) {
    for (const document of faults) {
      const answer = await client.request(document);
      expect(answer.errors).not.toHaveLength(0);
      expect(answer.text).not.toMatch(/stack|node_modules|\.[jt]s:\d/i);
    }
  }
});
