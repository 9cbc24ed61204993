import { expect, test } from "vitest";
import { createClient } from "../support/client.js";
import { startTestApp, type TestApp } from "../support/test-app.js";

const env = { RATE_LIMIT: "on", RATE_LIMIT_LOGIN: "1000/1h,2/1h" };

const untrusting = await startTestApp({ env });
const trusting = await startTestApp({ env: { ...env, TRUST_PROXY: "loopback" } });

let people = 0;

/** Signs a new person in with this header, and returns what came out. */
async function loginFrom(app: TestApp, forwardedFor: string): Promise<string> {
  const client = createClient(app.url, { "x-forwarded-for": forwardedFor });
  return (await client.login(`visitor-${people++}`)).outcome;
}

/** Whether two values of the header are taken for one client, by using up the limit of the first. */
async function areOne(app: TestApp, [first, second]: [string, string]): Promise<boolean> {
  expect(await loginFrom(app, first)).toBe("ok");
  expect(await loginFrom(app, first)).toBe("ok");
  return (await loginFrom(app, second)) === "RATE_LIMITED";
}

test("without TRUST_PROXY a forged X-Forwarded-For changes nothing, and the log asks once about a proxy", async () => {
  expect(await areOne(untrusting, ["203.0.113.1", "203.0.113.2"])).toBe(true);
  expect(untrusting.logged.filter(({ msg }) => msg.includes("set TRUST_PROXY"))).toHaveLength(1);
});

test("a proxy elsewhere being trusted doesn't make this one trusted", async () => {
  const app = await startTestApp({ env: { ...env, TRUST_PROXY: "10.0.0.0/8,2001:db8::/32" } });
  expect(await areOne(app, ["203.0.113.1", "203.0.113.2"])).toBe(true);
});

test.each<[string, boolean, [string, string]]>([
  ["two addresses are two clients", false, ["203.0.113.3", "203.0.113.4"]],
  [
    "what a client puts in front of its own address counts nothing",
    true,
    ["1.1.1.1, 203.0.113.5", "2.2.2.2, 203.0.113.5"],
  ],
  ["an IPv6 subscriber is one client", true, ["2001:db8:1:1::1", "2001:db8:1:1:ffff:ffff:ffff:ffff"]],
  ["two IPv6 subscribers are two", false, ["2001:db8:1:2::1", "2001:db8:1:3::1"]],
  ["IPv4 in the clothes of IPv6 is the same client", true, ["203.0.113.6", "::ffff:203.0.113.6"]],
  ["two of those are two", false, ["::ffff:203.0.113.7", "::ffff:203.0.113.8"]],
])("behind a trusted proxy, %s", async (_, one, pair) => {
  expect(await areOne(trusting, pair)).toBe(one);
});

test("what is no address counts as the proxy's own", async () => {
  expect(await areOne(trusting, ["nonsense", `'; drop table users; ${"x".repeat(500)}`])).toBe(true);
});

test("with a number of proxies the address counts that so many of them saw", async () => {
  const app = await startTestApp({ env: { ...env, TRUST_PROXY: "2" } });
  expect(await areOne(app, ["203.0.113.9, 10.0.0.1", "203.0.113.10, 10.0.0.1"])).toBe(false);
  expect(await areOne(app, ["1.1.1.1, 203.0.113.11, 10.0.0.1", "2.2.2.2, 203.0.113.11, 10.0.0.1"])).toBe(true);
});
