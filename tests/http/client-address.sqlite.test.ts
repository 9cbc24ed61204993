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
  ["a port is no part of the address", true, ["203.0.113.20:40000", "203.0.113.20:40001"]],
  ["two addresses with one port are two", false, ["203.0.113.21:40000", "203.0.113.22:40000"]],
  ["an address with a port is the same as without", true, ["203.0.113.23:40000", "203.0.113.23"]],
  ["a port after IPv6 is no part of it", true, ["[2001:db8:2:1::1]:40000", "[2001:db8:2:1::1]:40001"]],
  ["two of those are two", false, ["[2001:db8:2:2::1]:40000", "[2001:db8:2:3::1]:40000"]],
  ["brackets are no part of the address", true, ["[2001:db8:2:4::1]", "2001:db8:2:4::1"]],
  ["quotation marks are no part of the address", true, ['"[2001:db8:2:5::1]"', "2001:db8:2:5::1"]],
  ["quotation marks with a port aren't either", true, ['"[2001:db8:2:6::1]:47011"', "2001:db8:2:6::1"]],
  ["quoted IPv4 is IPv4", true, ['"203.0.113.24:1"', "203.0.113.24"]],
  ["two in quotation marks are two", false, ['"203.0.113.25"', '"203.0.113.26"']],
  ["IPv4 in IPv6 in brackets with a port is IPv4", true, ["[::ffff:203.0.113.27]:5", "203.0.113.27"]],
  ["IPv4 in IPv6 with a port is IPv4", true, ["::ffff:203.0.113.28:5", "203.0.113.28"]],
  ["IPv4 in IPv6 in hexadecimal is IPv4", true, ["::ffff:cb00:711d", "203.0.113.29"]],
  ["a zone is no part of the address", true, ["fe80::1%eth0", "[fe80::1%25en1]:80"]],
  ["space and capitals are no part of the address", true, ["  2001:DB8:2:7::1 ", "2001:db8:0002:0007:0::1"]],
  ["the words of RFC 7239 are none either", true, ['for="[2001:db8:2:8::1]:80"', "For=2001:db8:2:8::2"]],
  [
    "what an unreadable client says in front counts nothing",
    true,
    ["unknown, 203.0.113.30", "_hidden, 203.0.113.30:9"],
  ],
])("behind a trusted proxy, %s", async (_, one, pair) => {
  expect(await areOne(trusting, pair)).toBe(one);
});

test("what is no address counts as the proxy's own", async () => {
  expect(await areOne(trusting, ["nonsense", `'; drop table users; ${"x".repeat(500)}`])).toBe(true);
});

test.each([
  "unknown",
  "_hidden",
  `1${" ".repeat(8_000)}2`,
  "010.0.0.1",
  "1.2",
  "0x7f000001",
  "[203.0.113.1",
  "[]:80",
  "1.2.3.4:x",
  "::g",
  "1.2.3.4.5:80",
  "example.com:80",
])("%.20j counts as the proxy's own address, and the log says once that it can't be read", async (text) => {
  const app = await startTestApp({ env: { ...env, TRUST_PROXY: "1" } });
  expect(await areOne(app, [`203.0.113.31, ${text}`, `203.0.113.32, ${text}`])).toBe(true);
  expect(app.logged.filter(({ msg }) => msg.includes("no address where TRUST_PROXY"))).toHaveLength(1);
  expect(JSON.stringify(app.logged)).not.toContain("203.0.113");
});

test("where every address can be read, the log says nothing about it", async () => {
  const app = await startTestApp({ env: { ...env, TRUST_PROXY: "loopback" } });
  expect(await loginFrom(app, "nonsense, 203.0.113.33:40000")).toBe("ok");
  expect(app.logged.filter(({ msg }) => msg.includes("TRUST_PROXY"))).toEqual([]);
});

test.each([
  ["a network", "loopback,10.0.0.0/8", "10.1.2.3"],
  ["a network, with a port", "loopback,10.0.0.0/8", "10.1.2.3:8080"],
  ["a network, as IPv4 in IPv6", "loopback,10.0.0.0/8", "[::ffff:10.1.2.3]:8080"],
  ["an address", "loopback,192.0.2.7", "192.0.2.7:1"],
  ["an IPv6 network", "loopback,2001:db8:9::/48", "[2001:db8:9:1::1]:443"],
  ["an IPv6 address", "loopback,2001:db8:9::1", "2001:db8:9:0::1"],
  ["an address of IPv4 in IPv6", "loopback,::ffff:192.0.2.8", "192.0.2.8"],
  ["a network of IPv4 in IPv6", "loopback,::ffff:10.0.0.0/104", "10.9.9.9"],
  [
    "a network by name",
    "loopback,uniquelocal,linklocal",
    "fd00::1, 172.16.0.1:5, 192.168.1.1, 169.254.1.1, [fe80::1%eth0]:1, 127.0.0.2",
  ],
])("a second proxy that is trusted by %s is looked through", async (_, trust, proxies) => {
  const app = await startTestApp({ env: { ...env, TRUST_PROXY: trust } });
  expect(await areOne(app, [`203.0.113.34, ${proxies}`, `203.0.113.35, ${proxies}`])).toBe(false);
});

test.each(["11.0.0.1", "172.32.0.1:80", "2001:db8:10::1", "unknown"])(
  "a second proxy that isn't trusted (%s) is not",
  async (proxy) => {
    const app = await startTestApp({ env: { ...env, TRUST_PROXY: "loopback,10.0.0.0/8,uniquelocal,2001:db8:9::/48" } });
    expect(await areOne(app, [`203.0.113.36, ${proxy}`, `203.0.113.37, ${proxy}`])).toBe(true);
  },
);

test("an unreadable address counts as the trusted proxy that handed it on, not as the one in front of the server", async () => {
  const app = await startTestApp({ env: { ...env, TRUST_PROXY: "loopback,10.0.0.0/8" } });
  expect(await areOne(app, ["unknown, 10.0.0.1", "unknown, 10.0.0.2"])).toBe(false);
});

test("a network of 48 bits has the limit of ten addresses, however many networks of 64 it is", async () => {
  const app = await startTestApp({ env: { ...env, TRUST_PROXY: "loopback" } });
  const outcomes = [];
  for (let n = 0; n < 22; n++) outcomes.push(await loginFrom(app, `2001:db8:3:${n.toString(16)}::1`));
  expect(outcomes.filter((outcome) => outcome === "ok")).toHaveLength(20);
  expect(await loginFrom(app, "2001:db8:4::1")).toBe("ok");
  expect(await loginFrom(app, "203.0.113.38")).toBe("ok");
});

test("with a number of proxies the address counts that so many of them saw", async () => {
  const app = await startTestApp({ env: { ...env, TRUST_PROXY: "2" } });
  expect(await areOne(app, ["203.0.113.9, 10.0.0.1", "203.0.113.10, 10.0.0.1"])).toBe(false);
  expect(await areOne(app, ["1.1.1.1, 203.0.113.11, 10.0.0.1", "2.2.2.2, 203.0.113.11, 10.0.0.1"])).toBe(true);
});
