import { expect, test, vi } from "vitest";
import { version } from "../../src/version.js";
import { createClient } from "../support/client.js";
import { startScriptedWechat } from "../support/scripted-wechat.js";
import { startTestApp, type TestApp } from "../support/test-app.js";

const on = { METRICS: "on" };

async function scrape(app: TestApp): Promise<string> {
  const response = await fetch(`${app.url}/metrics`);
  expect(response.status).toBe(200);
  return response.text();
}

/** The value of one sample, named as the text has it, or undefined. */
async function sample(app: TestApp, name: string): Promise<number | undefined> {
  const line = (await scrape(app)).split("\n").find((text) => text.startsWith(`${name} `));
  return line === undefined ? undefined : Number(line.slice(name.length + 1));
}

/** The text's lines that have a value, without it. */
const series = (text: string) =>
  text.split("\n").flatMap((line) => (/^[^#\s]\S* /.exec(line) ? [line.split(" ")[0]] : []));

test("without METRICS=on there is nothing at /metrics", async () => {
  const app = await startTestApp();
  expect((await fetch(`${app.url}/metrics`)).status).toBe(404);
});

test("the answer is in the Prometheus text format and is kept by nobody", async () => {
  const app = await startTestApp({ env: on });
  const response = await fetch(`${app.url}/metrics`);
  expect(response.headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8");
  expect(response.headers.get("cache-control")).toBe("no-store");
  for (const line of (await response.text()).split("\n")) {
    expect(line).toMatch(/^$|^# (HELP|TYPE) \w+ |^\w+(\{\w+="[^"]*"(,\w+="[^"]*")*\})? (-?[\d.e+-]+|NaN|\+Inf)$/i);
  }
});

test("the version that runs is told", async () => {
  const app = await startTestApp({ env: on });
  expect(await sample(app, `wxpass_build_info{version="${version}"}`)).toBe(1);
});

test("requests count by what they did and how it ended, whatever name the client gives them", async () => {
  const app = await startTestApp({ env: on });
  const { token } = await app.client.signedIn("alice");
  await app.client.request("query FreelyNamed { me { id } }", { token });
  await app.client.request("query Another { ...F } fragment F on Query { x: me { id } __typename }", { token });
  await app.client.request("{ me { id } }");
  await app.client.request("{ me { id } mySessions { id } }", { token });
  await app.client.request("{ nothingOfTheKind }");
  await app.client.request("{ me { id");
  await fetch(`${app.url}/nowhere`);
  await fetch(`${app.url}/graphql`, { method: "POST", body: "{", headers: { "content-type": "application/json" } });
  const requests = async () =>
    (await scrape(app)).split("\n").filter((line) => line.startsWith("wxpass_requests_total"));
  // A request is measured when its connection is done with it, which may be after the client has the answer.
  await expect
    .poll(async () => (await requests()).sort())
    .toEqual([
      'wxpass_requests_total{operation="/graphql",outcome="BAD_REQUEST"} 1',
      'wxpass_requests_total{operation="/graphql",outcome="GRAPHQL_PARSE_FAILED"} 1',
      'wxpass_requests_total{operation="/graphql",outcome="GRAPHQL_VALIDATION_FAILED"} 1',
      'wxpass_requests_total{operation="me",outcome="UNAUTHENTICATED"} 1',
      'wxpass_requests_total{operation="me",outcome="ok"} 2',
      'wxpass_requests_total{operation="none",outcome="BAD_REQUEST"} 1',
      'wxpass_requests_total{operation="several",outcome="ok"} 1',
      'wxpass_requests_total{operation="wxLogin",outcome="ok"} 1',
    ]);
  expect(await sample(app, 'wxpass_request_duration_seconds_count{operation="me"}')).toBe(3);
  const logged = app.logged.filter(({ msg, field }) => msg === "request" && field === "me");
  const seconds = logged.reduce((sum, { ms }) => sum + Number(ms) / 1_000, 0);
  expect(await sample(app, 'wxpass_request_duration_seconds_sum{operation="me"}')).toBeCloseTo(seconds, 2);
});

test("calls to WeChat count by endpoint and errcode", async () => {
  const app = await startTestApp({ env: on });
  await app.client.login("alice");
  await app.client.login("errcode:40029");
  await app.client.login("fault:html");
  const name = "wxpass_wechat_calls_total";
  const endpoint = 'endpoint="/sns/jscode2session"';
  expect(await sample(app, `${name}{${endpoint},errcode="0"}`)).toBe(1);
  expect(await sample(app, `${name}{${endpoint},errcode="40029"}`)).toBe(1);
  expect(await sample(app, `${name}{${endpoint},errcode="none"}`)).toBe(1);
  expect(await sample(app, `wxpass_wechat_call_duration_seconds_count{${endpoint}}`)).toBe(3);
});

test("sign-ins count by new and returning users, and failed ones not at all", async () => {
  const app = await startTestApp({ env: on });
  for (const code of ["alice", "bob", "alice", "alice", "errcode:40029"]) await app.client.login(code);
  expect(await sample(app, 'wxpass_logins_total{user="new"}')).toBe(2);
  expect(await sample(app, 'wxpass_logins_total{user="returning"}')).toBe(2);
});

test("sessions are counted in the database, once a minute at most", async () => {
  const first = await startTestApp({ env: on });
  const { token } = await first.client.signedIn("alice");
  await first.client.signedIn("alice");
  await first.client.signedIn("bob");
  await first.client.request("mutation { logout }", { token });
  expect(await sample(first, "wxpass_sessions")).toBe(2);
  await first.client.signedIn("carol");
  expect(await sample(first, "wxpass_sessions")).toBe(2);
});

test("sessions are counted anew after the clock was set back", async () => {
  const app = await startTestApp({ env: on });
  await app.client.signedIn("alice");
  expect(await sample(app, "wxpass_sessions")).toBe(1);
  app.advance(-3_600_000);
  await app.client.signedIn("bob");
  expect(await sample(app, "wxpass_sessions")).toBe(2);
});

test("what the database counted is no figure any more when it can't count, and is one again when it can", async () => {
  vi.useFakeTimers({ toFake: ["Date"] });
  const app = await startTestApp({ env: on });
  await app.client.login("alice");
  const rename = (from: string, to: string) => app.database.em.fork().execute(`alter table ${from} rename to ${to}`);
  const minuteLater = () => vi.setSystemTime(Date.now() + 61_000);
  expect(await sample(app, "wxpass_sessions")).toBe(1);
  await rename(counted, "elsewhere");
  minuteLater();
  expect(await sample(app, "wxpass_sessions")).toBeNaN();
  expect(app.logged.filter(({ msg }) => msg === "the sessions can't be counted")).toHaveLength(1);
  await rename("elsewhere", counted);
  minuteLater();
  expect(await sample(app, "wxpass_sessions")).toBe(1);
  vi.useRealTimers();
});

/** The table by which SQLite's sessions are counted. */
const counted = "row_counts";

test("while the database can't count the sessions, everything else is still there", async () => {
  const app = await startTestApp({ env: on });
  await app.client.login("alice");
  await app.database.em.fork().getConnection().execute(`alter table ${counted} rename to elsewhere`);
  expect(await sample(app, "wxpass_sessions")).toBeNaN();
  expect(await sample(app, 'wxpass_logins_total{user="new"}')).toBe(1);
});

test("refusals by rate limits count by action and by whose limit it was", async () => {
  const app = await startTestApp({ env: { ...on, RATE_LIMIT: "on", RATE_LIMIT_LOGIN: "2/1h,5/1h" } });
  for (const person of ["alice", "alice", "alice", "bob", "bob", "bob", "bob"]) await app.client.login(person);
  expect(await sample(app, 'wxpass_rate_limited_total{action="login",limit="user"}')).toBe(1);
  expect(await sample(app, 'wxpass_rate_limited_total{action="login",limit="address"}')).toBe(2);
  const refused = 'wxpass_requests_total{operation="wxLogin",outcome="RATE_LIMITED"}';
  await expect.poll(() => sample(app, refused)).toBe(3);
});

test("the process and its event loop are measured, for each server apart", async () => {
  const [first, second] = [await startTestApp({ env: on }), await startTestApp({ env: on })];
  await first.client.login("alice");
  for (const app of [first, second]) {
    const names = series(await scrape(app));
    expect(names).toEqual(expect.arrayContaining(["process_cpu_seconds_total", "nodejs_eventloop_lag_p99_seconds"]));
  }
  expect(await sample(second, 'wxpass_logins_total{user="new"}')).toBeUndefined();
});

test("what is named a total is a counter, as Prometheus wants it", async () => {
  const app = await startTestApp({ env: on });
  const totals = [...(await scrape(app)).matchAll(/^# TYPE (\w+_total) (\w+)$/gm)];
  expect(totals.length).toBeGreaterThan(4);
  expect(totals.filter(([, , type]) => type !== "counter").map(([, name]) => name)).toEqual([]);
});

test("whether the server is ready is told as /readyz tells it", async () => {
  const app = await startTestApp({ env: on });
  const rename = (from: string, to: string) => app.database.em.fork().execute(`alter table ${from} rename to ${to}`);
  expect(await sample(app, "wxpass_ready")).toBe(1);
  await rename("identities", "elsewhere");
  expect(await sample(app, "wxpass_ready")).toBe(0);
  expect((await fetch(`${app.url}/readyz`)).status).toBe(503);
  await rename("elsewhere", "identities");
  expect(await sample(app, "wxpass_ready")).toBe(1);
});

test("health checks and scrapes are not counted", async () => {
  const app = await startTestApp({ env: on });
  for (const path of ["/livez", "/readyz", "/metrics"]) await fetch(`${app.url}${path}`);
  expect(await scrape(app)).not.toContain("wxpass_requests_total{");
});

test("no label says anything about a person, or what a client chose", async () => {
  const wechat = await startScriptedWechat();
  const app = await startTestApp({ env: { ...wechat.env, ...on, RATE_LIMIT: "on", TRUST_PROXY: "loopback" } });
  wechat.answerJson({ openid: "oABCDEFGHIJKLMNOPQRSTUVWXYZ0", session_key: "k", errcode: 0 });
  const client = createClient(app.url, { "x-forwarded-for": "203.0.113.99", "user-agent": "Telltale/1.0" });
  const { token, refreshToken, user } = await client.signedIn("some-login-code-0001");
  await client.refresh(refreshToken);
  await client.request("query ChosenByAClient { aliasOfAClient: me { id } }", { token });
  await fetch(`${app.url}/chosen-path?token=${token}`);
  const text = await scrape(app);
  for (const secret of [token, refreshToken, user.id, "oABCDEF", "203.0.113", "Telltale", "some-login-code"]) {
    expect(text).not.toContain(secret);
  }
  expect(text).not.toMatch(/ChosenByAClient|aliasOfAClient|chosen-path/);
});
