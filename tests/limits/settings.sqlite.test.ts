import { expect, test } from "vitest";
import { loadConfig } from "../../src/settings/config.js";
import { jwtSecret } from "../support/test-app.js";

const load = (env: Record<string, string>) => loadConfig({ JWT_SECRET: jwtSecret, ...env });

test("a rate limit is two limits: of a user and of an address", () => {
  expect(load({ RATE_LIMIT_LOGIN: "10/1m, 200/2h" }).rateLimits?.login).toEqual({
    user: { times: 10, seconds: 60 },
    address: { times: 200, seconds: 7_200 },
  });
});

test.each([
  "10",
  "10/1m",
  "10/1m,",
  "10/1m,20/1m,30/1m",
  "0/1m,1/1m",
  "10/1m,20/2d",
  "10/60,20/60",
  "-1/1m,1/1m",
  "off",
])("RATE_LIMIT_LOGIN=%s is refused by name", (value) => {
  expect(() => load({ RATE_LIMIT_LOGIN: value })).toThrow(/^ {2}RATE_LIMIT_LOGIN: must be two limits/m);
});

test.each([
  ["off", false],
  ["1", 1],
  ["loopback", ["loopback"]],
  ["10.0.0.0/8, fd00::/8, 192.0.2.7", ["10.0.0.0/8", "fd00::/8", "192.0.2.7"]],
])("TRUST_PROXY=%s is understood", (value, expected) => {
  expect(load({ TRUST_PROXY: value }).trustProxy).toEqual(expected);
});

test.each([
  "on",
  "true",
  "0",
  "10",
  "*",
  "proxy.example.com",
  "10.0.0.0/33",
  "0.0.0.0/0",
  "::/0",
  "loopback,",
  "300.1.1.1",
])("TRUST_PROXY=%s is refused by name", (value) => {
  expect(() => load({ TRUST_PROXY: value })).toThrow(/^ {2}TRUST_PROXY: must be off, a number of proxies/m);
});
