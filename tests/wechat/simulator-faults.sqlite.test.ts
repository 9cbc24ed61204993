import { expect, test } from "vitest";
import { faults } from "../../src/wechat/simulator/faults.js";
import { firstApp } from "../support/client.js";
import { startTestApp } from "../support/test-app.js";

const app = await startTestApp();

/** Exchanges a code that asks for a fault. */
function provoke(name: string, signal: AbortSignal | null = null): Promise<Response> {
  const query = new URLSearchParams({ appid: firstApp, secret: firstApp.slice(2).padStart(32, "0") });
  query.set("js_code", `fault:${name}`);
  return fetch(`${app.simulatorUrl}/sns/jscode2session?${query}`, { redirect: "manual", signal });
}

test.each([
  ["http-500", 500, /^<html>/],
  ["html", 200, /^<html>/],
  ["cut-off", 200, /^\{.*[^}]$/],
  ["null", 200, /^null$/],
  ["no-openid", 200, /^\{"session_key"/],
  ["wrong-types", 200, /^\{"openid":42/],
  ["redirect", 302, /^$/],
] as const)("fault:%s gets that answer", async (name, status, text) => {
  const response = await provoke(name);
  expect(response.status).toBe(status);
  expect(await response.text()).toMatch(text);
});

test("fault:redirect leads to somebody else's login", async () => {
  expect((await provoke("redirect")).headers.get("location")).toContain("js_code=mallory");
});

test("fault:huge is 30 MB", async () => {
  expect((await (await provoke("huge")).arrayBuffer()).byteLength).toBe(30 * 1_048_576);
});

test("fault:reset cuts the connection", async () => {
  await expect(provoke("reset")).rejects.toMatchObject({ cause: { code: "ECONNRESET" } });
});

test("fault:silent never answers", async () => {
  await expect(provoke("silent", AbortSignal.timeout(300))).rejects.toMatchObject({ name: "TimeoutError" });
});

test("fault:slow sends byte after byte", async () => {
  const reader = (await provoke("slow")).body?.getReader();
  expect((await reader?.read())?.value).toHaveLength(1);
  await reader?.cancel();
});

const quick = Object.keys(faults).filter((name) => name !== "slow" && name !== "silent");

test.each(quick)("the real client makes WX_BUSY of fault:%s", async (name) => {
  expect(await app.client.login(`fault:${name}`)).toMatchObject({ status: 200, outcome: "WX_BUSY" });
});
