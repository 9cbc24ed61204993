import { expect, test } from "vitest";
import { eventTypes, OutboxEvent } from "../../src/database/outbox.js";
import { admin } from "../support/admin.js";
import { signInOperator } from "../support/operator.js";
import { startReceiver } from "../support/receiver.js";
import { startTestApp } from "../support/test-app.js";

const receiver = await startReceiver();
const app = await startTestApp({ env: { ...receiver.env, OPERATOR_PAGE: "on", METRICS: "on" } });
const env = { DATABASE_URL: app.databaseUrl };
const { user } = await app.client.signedIn("alice");
const em = app.database.em.fork();

const run = (...args: string[]) => admin(["webhooks", ...args], { env });
const listed = async (...args: string[]): Promise<Record<string, string | number | null>[]> =>
  JSON.parse((await run("--json", ...args)).output).events;
const delivered = () => em.count(OutboxEvent, { state: "delivered" });
const idOf = async (type: (typeof eventTypes)[number]) => (await em.findOneOrFail(OutboxEvent, { type })).id;

test("the command lists the latest events with their states, tries and answers, and filters them", async () => {
  await expect.poll(delivered).toBe(2);
  const { output } = await run();
  expect(output).toMatch(
    /^TIME +TYPE +STATE +TRIES +ANSWER +USER +ID\n.*session.created +delivered +1 +204 .*\n.*user.created/,
  );
  expect((await admin(["webhooks"], { env: { ...env, LANG: "zh_CN.UTF-8" } })).output).toMatch(/^时间 +事件 +状态/);
  expect(await listed("--state", "failed")).toEqual([]);
  expect(await listed("--limit", "1")).toMatchObject([
    { type: "session.created", userId: user.id, state: "delivered", tries: 1, lastAnswer: "204", nextTryAt: null },
  ]);
  expect((await run("--state", "lost")).code).toBe(2);
});

test("the command has an event told again with its id, and the audit log has a line", async () => {
  const id = await idOf("user.created");
  const before = receiver.all.length;
  expect((await run("--replay", id)).code).toBe(0);
  await expect.poll(() => receiver.all.slice(before).map((event) => event.id)).toEqual([id]);
  await expect.poll(delivered).toBe(2);
  const { output } = await admin(["audit", "--act", "replay-event", "--json"], { env });
  expect(JSON.parse(output).acts).toMatchObject([{ act: "replay-event", userId: user.id, detail: "user.created" }]);
  expect(await run("--replay", "nonsense")).toMatchObject({ code: 1, errors: expect.stringContaining("No event") });
});

test("the page lists the same, filters, and replays", async () => {
  const operator = await signInOperator(app);
  const { html } = await operator.get("webhooks");
  expect(html).toContain('<a href="./webhooks">Webhooks</a>');
  expect(html).toMatch(/session\.created.*delivered.*204/s);
  expect((await operator.get("webhooks?state=pending")).html).toContain("There is nothing.");
  const id = await idOf("session.created");
  expect(html).toContain(`name="id" value="${id}"`);
  const before = receiver.all.length;
  const answer = await operator.post("webhooks/replay", { id });
  expect([answer.status, answer.headers.get("location")]).toEqual([303, "../webhooks?done=again"]);
  await expect.poll(() => receiver.all.slice(before).map((event) => event.id)).toEqual([id]);
  expect((await operator.get("webhooks?done=again")).html).toContain("told again in a moment");
  expect((await operator.get("acts?act=replay-event")).html).toMatch(/anna.*session\.created/s);
  expect((await operator.post("webhooks/replay", { id }, { origin: "https://elsewhere.test" })).status).toBe(403);
  expect((await (await signInOperator(app, "wang", "zh-CN")).get("webhooks")).html).toContain("已送达");
});

test("without WEBHOOK_URL there is no such page, and nothing can be told again", async () => {
  const quiet = await startTestApp({ env: { OPERATOR_PAGE: "on" } });
  const operator = await signInOperator(quiet);
  expect((await operator.get("webhooks")).status).toBe(404);
  expect((await operator.get("")).html).not.toContain("webhooks");
  const replay = await admin(["webhooks", "--replay", "any"], { env: { DATABASE_URL: quiet.databaseUrl } });
  expect(replay).toMatchObject({ code: 1, errors: expect.stringContaining("WEBHOOK_URL") });
});

test("tries are counted by their outcome, and so is what waits", async () => {
  const figure = async (name: string) => {
    const text = await (await fetch(`${app.url}/metrics`)).text();
    return text
      .split("\n")
      .find((line) => line.startsWith(`${name} `))
      ?.split(" ")[1];
  };
  await expect.poll(() => figure('wxpass_webhook_tries_total{outcome="delivered"}')).toBe("4");
  receiver.answer((response) => response.writeHead(500).end());
  await app.client.signedIn("bob");
  await expect.poll(() => figure('wxpass_webhook_tries_total{outcome="retried"}')).toBe("1");
  app.advance(61_000);
  await expect.poll(() => figure("wxpass_webhook_pending")).toBe("2");
});

test("make-secret --webhook prints a secret that the server takes", async () => {
  const { output } = await admin(["make-secret", "--webhook"], { env });
  const WEBHOOK_SECRET = output.trim();
  expect(Buffer.from(WEBHOOK_SECRET.replace("whsec_", ""), "base64")).toHaveLength(32);
  await (await startTestApp({ env: { ...receiver.env, WEBHOOK_SECRET } })).close();
});
