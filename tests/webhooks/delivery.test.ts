import { afterEach, expect, test, vi } from "vitest";
import { type EventState, OutboxEvent } from "../../src/database/outbox.js";
import { driver } from "../support/database.js";
import { newWebhookSecret, startReceiver } from "../support/receiver.js";
import { startTestApp, type TestApp } from "../support/test-app.js";

afterEach(() => {
  vi.useRealTimers();
});

const events = ({ database }: TestApp, where: { state?: EventState; userId?: string } = {}) =>
  database.em.fork().find(OutboxEvent, where, { orderBy: { seq: "asc" } });

/** Waits until so many events have been tried, and none is under way. */
async function expectTried(app: TestApp, tries: number): Promise<void> {
  await expect
    .poll(async () => (await events(app)).reduce((sum, { tries, lastAnswer }) => sum + (lastAnswer ? tries : 0), 0))
    .toBe(tries);
}

const seconds = 1_000;
const hours = 3_600 * seconds;

test("what a receiver fails to take comes again, with the same id; what is later for the user waits, others don't", async () => {
  const receiver = await startReceiver();
  let refused = "";
  receiver.answer((response, { data }) => {
    refused ||= data.userId;
    response.writeHead(data.userId === refused ? 500 : 200).end();
  });
  const app = await startTestApp({ env: receiver.env });
  const { user } = await app.client.signedIn("alice");
  await expectTried(app, 1);
  const other = await app.client.signedIn("bob");
  await expect.poll(() => receiver.told(other.user.id)).toHaveLength(2);
  expect(receiver.told(user.id)).toHaveLength(1);
  receiver.answer();
  app.advance(6 * seconds);
  await app.client.me();
  await expect.poll(() => receiver.told(user.id)).toHaveLength(3);
  const [first, second, third] = receiver.events.filter(({ data }) => data.userId === user.id);
  expect([first?.type, second?.type, third?.type]).toEqual(["user.created", "user.created", "session.created"]);
  expect(second).toEqual(first);
  await expect.poll(async () => (await events(app)).map(({ state }) => state)).toEqual(Array(4).fill("delivered"));
  const told = app.logged.filter(({ msg }) => msg.startsWith("the receiver of webhooks")).map(({ msg }) => msg);
  expect(told).toContain("the receiver of webhooks fails");
});

test("an event that fails again and again is tried ten times over three days, and then given up", async () => {
  const receiver = await startReceiver();
  receiver.answer((response) => response.writeHead(503).end());
  const app = await startTestApp({ env: receiver.env });
  const { user } = await app.client.signedIn("carl");
  const waits: number[] = [];
  for (let tries = 1; tries < 10; tries++) {
    await expectTried(app, tries);
    const [first] = await events(app);
    waits.push(Math.floor((Number(first?.dueAt) - app.now().getTime()) / seconds / (tries < 3 ? 1 : 60)));
    app.advance(Number(first?.dueAt) - app.now().getTime() + 1);
    await app.client.me();
  }
  // The delays of the standard, seconds and then minutes, with a tenth of jitter.
  const standard = [5, 300, 30, 120, 300, 600, 840, 1_200, 1_440];
  for (const [index, wait] of waits.entries()) {
    expect(wait).toBeGreaterThanOrEqual((standard[index] ?? 0) - 1);
    expect(wait).toBeLessThanOrEqual((standard[index] ?? 0) * 1.1);
  }
  // What waited for it has grown as old meanwhile, and has one try.
  await expect.poll(async () => (await events(app, { state: "failed" })).map(({ tries }) => tries)).toEqual([10, 1]);
  expect(new Set(receiver.events.filter(({ type }) => type === "user.created").map(({ id }) => id)).size).toBe(1);
  expect(receiver.told(user.id)).toHaveLength(11);
  expect(app.logged.filter(({ msg }) => msg === "an event was given up")).toHaveLength(2);
});

test.each([
  ["seconds", () => "7200"],
  ["a date", () => new Date(Date.now() + 2 * hours).toUTCString()],
])("a receiver that says Retry-After in %s is left alone for as long", async (_, header) => {
  const receiver = await startReceiver();
  receiver.answer((response) => response.writeHead(503, { "retry-after": header() }).end());
  const app = await startTestApp({ env: receiver.env });
  await app.client.signedIn("dora");
  await expectTried(app, 1);
  const [first] = await events(app);
  const waitMs = Number(first?.dueAt) - app.now().getTime();
  expect(waitMs).toBeGreaterThan(1.99 * hours);
  expect(waitMs).toBeLessThan(2.21 * hours);
});

test("a redirection is a failure, and nobody goes there", async () => {
  const [receiver, elsewhere] = [await startReceiver(), await startReceiver()];
  receiver.answer((response) => response.writeHead(307, { location: elsewhere.env.WEBHOOK_URL }).end());
  const app = await startTestApp({ env: receiver.env });
  await app.client.signedIn("eve");
  await expectTried(app, 1);
  expect((await events(app))[0]).toMatchObject({ state: "pending", lastAnswer: "307" });
  expect(elsewhere.all).toEqual([]);
});

test("a receiver that isn't there is tried again", async () => {
  const secret = newWebhookSecret();
  const app = await startTestApp({ env: { WEBHOOK_URL: "http://127.0.0.1:9/", WEBHOOK_SECRET: secret } });
  await app.client.signedIn("finn");
  await expectTried(app, 1);
  expect((await events(app))[0]?.lastAnswer).toMatch(/^E[A-Z]+$|no answer|UND_ERR/);
});

test("a receiver that answers 410 is told nothing more, and nothing more is written, until the server starts again", async () => {
  const receiver = await startReceiver();
  receiver.answer((response) => response.writeHead(410).end());
  const app = await startTestApp({ env: receiver.env });
  const { token } = await app.client.signedIn("gina");
  await expect.poll(async () => (await events(app)).map(({ state }) => state)).toEqual(["failed", "failed"]);
  await app.client.updateProfile(token, { nickname: "Gina" });
  expect(await events(app)).toHaveLength(2);
  expect(app.logged.filter(({ level, msg }) => level === 50 && msg.includes("410"))).toHaveLength(1);
  receiver.answer();
  await app.close();
  const next = await startTestApp({ env: { ...receiver.env, DATABASE_URL: app.databaseUrl } });
  await next.client.updateProfile(token, { nickname: "Regina" });
  await expect.poll(() => receiver.all.length).toBe(2);
});

test("a receiver that never answers holds up nobody, and counts as failed after twenty seconds", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  const receiver = await startReceiver();
  let held = "";
  receiver.answer((response, { data }) => {
    held ||= data.userId;
    if (data.userId !== held) response.end();
  });
  const app = await startTestApp({ env: receiver.env });
  const { user } = await app.client.signedIn("hugo");
  await vi.waitUntil(() => held !== "", { timeout: 5_000 });
  const other = await app.client.signedIn("ida");
  await vi.waitFor(() => expect(receiver.told(other.user.id)).toHaveLength(2), { timeout: 5_000 });
  await vi.advanceTimersByTimeAsync(20_000);
  await vi.waitFor(
    async () => expect((await events(app, { userId: user.id }))[0]).toMatchObject({ lastAnswer: "timeout", tries: 1 }),
    { timeout: 5_000 },
  );
});

test("a server that stops waits for what is under way, but not for long, and the next one tells it again", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  const receiver = await startReceiver();
  receiver.answer(() => {});
  const app = await startTestApp({ env: receiver.env });
  await app.client.signedIn("jane");
  await vi.waitUntil(() => receiver.all.length === 1, { timeout: 5_000 });
  let isClosed = false;
  const closing = app.close().then(() => {
    isClosed = true;
  });
  // Each look at it lets some of the five seconds pass.
  await vi.waitUntil(() => isClosed, { timeout: 10_000 });
  await closing;
  vi.useRealTimers();
  receiver.answer();
  await startTestApp({ env: { ...receiver.env, DATABASE_URL: app.databaseUrl } });
  await expect.poll(() => receiver.all.length).toBe(3);
  expect(receiver.all[1]).toEqual(receiver.all[0]);
});

test.runIf(driver === "postgresql")("of two processes each event comes from one", async () => {
  const receiver = await startReceiver();
  const app = await startTestApp({ env: receiver.env });
  const other = await startTestApp({ env: { ...receiver.env, DATABASE_URL: app.databaseUrl } });
  const people = Array.from({ length: 30 }, (_, index) => `person${index}`);
  await Promise.all(people.map((person, index) => [app, other][index % 2]?.client.signedIn(person)));
  await expect.poll(async () => (await events(app, { state: "delivered" })).length).toBe(60);
  expect(receiver.all).toHaveLength(60);
  expect(new Set(receiver.all.map(({ id }) => id)).size).toBe(60);
  const types = people.map((_, index) => receiver.told(receiver.all[index]?.data.userId ?? "").map(([type]) => type));
  expect(types).toEqual(people.map(() => ["user.created", "session.created"]));
});

test("while a secret changes over both sign", async () => {
  const [last, present] = [newWebhookSecret(), newWebhookSecret()];
  for (const known of [last, present]) {
    const receiver = await startReceiver(known);
    const app = await startTestApp({ env: { ...receiver.env, WEBHOOK_SECRET: `${present},${last}` } });
    await app.client.signedIn("kate");
    await expect.poll(() => receiver.all.length).toBe(2);
    await expect.poll(async () => (await events(app, { state: "delivered" })).length).toBe(2);
  }
});

test("what was told is forgotten after a week", async () => {
  const receiver = await startReceiver();
  const app = await startTestApp({ env: receiver.env });
  await app.client.signedIn("lena");
  await expect.poll(async () => (await events(app, { state: "delivered" })).length).toBe(2);
  app.advance(6 * 24 * hours);
  await app.client.me();
  expect(await events(app)).toHaveLength(2);
  app.advance(25 * hours);
  await app.client.me();
  await expect.poll(() => events(app)).toHaveLength(0);
});
