import { createServer, type RequestListener } from "node:http";
import { join } from "node:path";
import { afterAll, expect, inject } from "vitest";
import { startSimulator } from "../../src/wechat/simulator/simulator.js";
import { admin } from "./admin.js";
import { newDatabase } from "./database.js";
import { freePort } from "./free-port.js";
import { keepLog, keepSecret } from "./log-search.js";
import { jwtSecret, startTestApp, type TestApp } from "./test-app.js";

/** What `admin doctor --json` printed. */
export interface Report {
  version: string;
  isGood: boolean;
  findings: { check: string; state: string; what: string; advice: string | null }[];
}

/** A server that is as it should be, and the settings with which it runs. */
interface WellServer {
  app: TestApp;
  env: Record<string, string>;
}

/** The AppSecret of the app in the simulator. */
export const doctorSecret = "fedcba9876543210fedcba9876543210";

export const doctorPushToken = "hk3x8wq0z7m2v5";

/** Starts a server with all that can be examined, against a simulator of WeChat beside it. */
export async function startWellServer(more: Record<string, string> = {}): Promise<WellServer> {
  keepSecret(doctorSecret, doctorPushToken, jwtSecret);
  const apps = [{ appId: "wxdoctor", secret: doctorSecret }];
  const simulator = await startSimulator({
    apps: [...apps, { appId: "wxtrouble", secret: "" }],
    now: () => new Date(),
    port: 0,
    pushToken: undefined,
    pushAesKeys: [],
  });
  afterAll(() => simulator.close());
  const port = await freePort();
  const env = {
    NODE_ENV: "test",
    PORT: String(port),
    PUBLIC_URL: `http://127.0.0.1:${port}`,
    JWT_SECRET: jwtSecret,
    DATABASE_URL: await newDatabase(),
    STORAGE_URL: `file:${join(inject("folder"), `doctor-${port}`)}`,
    METRICS: "on",
    WECHAT_APPS: `wxdoctor:${doctorSecret}`,
    WECHAT_API_URL: simulator.url,
    WECHAT_PUSH_TOKEN: doctorPushToken,
    ...more,
  };
  return { app: await startTestApp({ env }), env };
}

/** Examines a server, and sees to it that what is printed is as the exit code says. */
export async function examined(
  env: Record<string, string>,
  now?: () => Date,
): Promise<Report & { about(check: string): string[] }> {
  const { code, output, errors } = await admin(["doctor", "--json"], { env, ...(now && { now }) });
  keepLog(output + errors);
  const report: Report = JSON.parse(output);
  expect(code).toBe(report.isGood ? 0 : 1);
  expect(report.findings.some(({ state }) => state === "fault")).toBe(!report.isGood);
  for (const { state, advice } of report.findings) expect(advice !== null).toBe(/fault|warning/.test(state));
  const about = (check: string) =>
    report.findings
      .filter((finding) => finding.check === check)
      .map(({ state, what, advice }) => `${state}: ${what}${advice ? ` → ${advice}` : ""}`);
  return { ...report, about };
}

/** Starts a web server on loopback that isn't wxpass, and returns its address. */
export async function startOther(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  afterAll(() => {
    server.close();
    server.closeAllConnections();
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new TypeError("no port");
  return `http://127.0.0.1:${address.port}`;
}
