import { describe, expect, test } from "vitest";
import { createClient } from "../support/client.js";
import { openSocket, rawRequest } from "../support/raw-http.js";
import { type LogLine, startTestApp } from "../support/test-app.js";

const app = await startTestApp();
const { client } = app;

/** What is logged from now on: at `info` and above, or at every level. */
function watch({ atEveryLevel = false } = {}): () => LogLine[] {
  const start = app.logged.length;
  return () => app.logged.slice(start).filter(({ level }) => atEveryLevel || level >= 30);
}

/** Waits for the lines of these requests, and checks that there are no others. */
async function expectLines(lines: () => LogLine[], expected: object[]): Promise<void> {
  await expect.poll(lines).toHaveLength(expected.length);
  expect(lines()).toEqual(expected.map((line) => ({ level: 30, time: expect.any(Number), msg: "request", ...line })));
}

const common = { requestId: expect.stringMatching(/^[0-9a-f-]{36}$/), ms: expect.any(Number) };
const graphql = { ...common, method: "POST", route: "/graphql", status: 200 };

describe("a request is logged in one line", () => {
  test("with who signed in, and how long it took", async () => {
    const lines = watch();
    const { user } = await client.signedIn("anna");
    await expectLines(lines, [{ ...graphql, operation: "Login", field: "wxLogin", userId: user.id, outcome: "ok" }]);
  });

  test("with who asked", async () => {
    const { token, user } = await client.signedIn("anna");
    const lines = watch();
    await client.me(token);
    await client.updateProfile(token, { nickname: "Anna" });
    await expectLines(lines, [
      { ...graphql, operation: "Me", field: "me", userId: user.id, outcome: "ok" },
      { ...graphql, operation: "Update", field: "updateProfile", userId: user.id, outcome: "ok" },
    ]);
  });

  test("with the code of its error", async () => {
    const { token, user } = await client.signedIn("anna");
    const lines = watch();
    await client.me("nonsense");
    await client.updateProfile(token, { nickname: "" });
    await client.request("{ nothing }");
    await expectLines(lines, [
      { ...graphql, operation: "Me", field: "me", outcome: "UNAUTHENTICATED" },
      { ...graphql, operation: "Update", field: "updateProfile", userId: user.id, outcome: "BAD_USER_INPUT" },
      { ...graphql, status: 400, outcome: "GRAPHQL_VALIDATION_FAILED" },
    ]);
  });

  test("without an operation if there is none", async () => {
    const lines = watch();
    const headers = { "content-type": "application/json" };
    await fetch(`${app.url}/graphql`, { method: "POST", headers, body: "{" });
    await fetch(`${app.url}/graphql`, { method: "POST", headers, body: "[]" });
    await fetch(`${app.url}/nothing?code=secret`);
    await fetch(`${app.url}/graphql`, { method: "PUT" });
    const refused = { ...graphql, outcome: "BAD_REQUEST" };
    await expectLines(lines, [
      { ...refused, status: 400 },
      { ...refused, status: 400 },
      { ...refused, status: 404, method: "GET", route: "none" },
      { ...refused, status: 405, method: "PUT", route: "none" },
    ]);
  });

  test("with a measured time", async () => {
    const lines = watch();
    const before = performance.now();
    await client.request("{ __typename }");
    const took = performance.now() - before;
    await expect.poll(lines).toHaveLength(1);
    expect(lines()[0]?.["ms"]).toBeGreaterThan(0);
    expect(lines()[0]?.["ms"]).toBeLessThan(took + 1);
  });

  test("with the beginning of an operation's name, if that is endless", async () => {
    const lines = watch();
    await client.request(`query ${"a".repeat(1_000)} { __typename }`);
    await expectLines(lines, [{ ...graphql, operation: "a".repeat(64), field: "__typename", outcome: "ok" }]);
  });
});

test("probes are logged at debug only", async () => {
  const [lines, all] = [watch(), watch({ atEveryLevel: true })];
  for (const path of ["/livez", "/readyz", "/readyz?x=1"]) await fetch(`${app.url}${path}`);
  await expect.poll(() => all().filter(({ msg }) => msg === "request")).toHaveLength(3);
  expect(all()).toMatchObject([{ route: "/livez", level: 20 }, { route: "/readyz" }, { route: "/readyz" }]);
  expect(lines()).toEqual([]);
});

test("a query in the address is not logged, at any level", async () => {
  const all = watch({ atEveryLevel: true });
  const query = encodeURIComponent('query Secretive { __type(name: "confidential") { name } }');
  const headers = { "apollo-require-preflight": "true" };
  await fetch(`${app.url}/graphql?query=${query}&variables=${encodeURIComponent('{"a":"confidential"}')}`, { headers });
  await fetch(`${app.url}/graphql?query=${query}`);
  await fetch(`${app.url}/confidential?query=${query}`);
  await fetch(`${app.url}/%zz?query=${query}`);
  await expect.poll(() => all().filter(({ msg }) => msg === "request")).toHaveLength(3);
  expect(all()[0]).toMatchObject({ operation: "Secretive", route: "/graphql", method: "GET" });
  expect(JSON.stringify(all())).not.toContain("confidential");
});

describe("the client's address", () => {
  /** Signs in with this header, and probes; returns all that is logged, and the address in the lines of the requests. */
  async function loggedFrom(env: Record<string, string>, forwarded: string) {
    const { url, logged } = await startTestApp({ env: { ...env, METRICS: "on" } });
    const headers = { "x-forwarded-for": forwarded };
    await createClient(url, headers).login("anna");
    await fetch(`${url}/avatars/none`, { headers });
    await fetch(`${url}/livez`, { headers });
    const lines = () => logged.filter(({ msg }) => msg === "request");
    await expect.poll(lines).toHaveLength(3);
    return { text: JSON.stringify(logged), addresses: lines().map((line) => line["clientAddress"]) };
  }

  test.each([
    ["who is connected", {}, "203.0.113.7", "127.0.0.1"],
    ["whom the proxy names", { TRUST_PROXY: "loopback" }, "203.0.113.7", "203.0.113.7"],
    ["whom the proxy names, in IPv6 and whole", { TRUST_PROXY: "1" }, "[2001:DB8::7]:5", "2001:db8::7"],
    ["the proxy, if it names nobody", { TRUST_PROXY: "loopback" }, "unknown", "127.0.0.1"],
  ])("is in each request's line with LOG_CLIENT_ADDRESS=on: %s", async (_, env, forwarded, expected) => {
    const { addresses } = await loggedFrom({ ...env, LOG_CLIENT_ADDRESS: "on" }, forwarded);
    expect(addresses).toEqual([expected, expected, expected]);
  });

  test("is in the line of a request whose client has left", async () => {
    const { url, logged, client } = await startTestApp({ env: { LOG_CLIENT_ADDRESS: "on" } });
    const socket = await openSocket(url);
    socket.write(
      rawRequest("POST /graphql HTTP/1.1", { "content-type": "application/json", "content-length": "99" }, "{"),
    );
    await client.request("{ __typename }");
    socket.destroy();
    await expect.poll(() => logged.filter(({ outcome }) => outcome === "ABORTED")).toHaveLength(1);
    expect(logged.find(({ outcome }) => outcome === "ABORTED")).toMatchObject({ clientAddress: "127.0.0.1" });
  });

  test("is nowhere without it, at any level", async () => {
    const { text, addresses } = await loggedFrom({ TRUST_PROXY: "loopback", RATE_LIMIT: "on" }, "203.0.113.7");
    expect(addresses).toEqual([undefined, undefined, undefined]);
    expect(text).not.toContain("203.0.113.7");
    expect(text).not.toContain("clientAddress");
  });
});
