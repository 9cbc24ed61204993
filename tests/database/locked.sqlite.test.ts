import { expect, test } from "vitest";
import { connectDatabase, type Database } from "../../src/database/database.js";
import { tablesWith } from "../../src/entities.js";
import { User } from "../../src/user/user.js";
import { sweep } from "../support/sweep.js";
import { startTestApp, type TestApp } from "../support/test-app.js";

/** Opens the app's file once more, as another process would. */
const openAgain = ({ databaseUrl }: TestApp): Promise<Database> =>
  connectDatabase({ driver: "sqlite", file: databaseUrl.slice("sqlite:".length) }, tablesWith());

/** Has another one take the lock that writing needs, and returns how it is let go. */
async function lock(app: TestApp): Promise<() => Promise<void>> {
  const other = await openAgain(app);
  const connection = other.em.getConnection();
  await connection.execute("begin immediate");
  return async () => {
    await connection.execute("rollback");
    await other.close();
  };
}

async function isAlive({ url }: TestApp): Promise<boolean> {
  return (await fetch(`${url}/livez`)).ok;
}

test.concurrent("while another process holds the lock, writing waits, and everything else goes on", async () => {
  const app = await startTestApp();
  const { token } = await app.client.signedIn("alice");
  const letGo = await lock(app);
  let settled = false;
  const waiting = ["bob", "carol", "dave"].map((person) => app.client.login(person).finally(() => (settled = true)));
  for (let round = 0; round < 30; round++) {
    expect(await isAlive(app)).toBe(true);
    expect((await app.client.me(token)).outcome).toBe("ok");
  }
  expect(settled).toBe(false);
  await letGo();
  const logins = await Promise.all(waiting);
  expect(logins.map(({ outcome }) => outcome)).toEqual(["ok", "ok", "ok"]);
});

test.concurrent("a lock that is never let go fails the operation in time, with nothing of it written", async () => {
  const app = await startTestApp();
  const { token } = await app.client.signedIn("alice");
  await sweep(app);
  const letGo = await lock(app);
  const startedAt = performance.now();
  const answers = await Promise.all([
    app.client.login("bob"),
    app.client.login("carol"),
    app.client.updateProfile(token, { nickname: "Alice" }),
  ]);
  expect(performance.now() - startedAt).toBeLessThan(9_000);
  expect(answers.map(({ outcome }) => outcome)).toEqual(answers.map(() => "INTERNAL_SERVER_ERROR"));
  expect(answers.map(({ errors }) => errors[0]?.extensions.retry)).toEqual(answers.map(() => "LATER"));
  expect(
    app.logged.filter(({ requestId, error }) => requestId && JSON.stringify(error)?.includes("SQLITE_BUSY")),
  ).toHaveLength(3);
  await letGo();
  expect(await app.database.em.fork().count(User)).toBe(1);
  expect((await app.client.me(token)).data?.me?.nickname).toBeNull();
  expect((await app.client.signedIn("bob")).isNewUser).toBe(true);
});

test("what a transaction has read is still so when it writes: another process waits for its end", async () => {
  const app = await startTestApp();
  const { user } = await app.client.signedIn("alice");
  const other = await openAgain(app);
  const order: string[] = [];
  let writing: Promise<unknown> | undefined;
  await app.database.em.fork().transactional(async (transaction) => {
    const alice = await transaction.findOneOrFail(User, user.id);
    writing = other.em
      .fork()
      .nativeUpdate(User, { id: user.id }, { signature: "theirs" })
      .then(() => order.push("theirs"));
    await isAlive(app);
    alice.address = "ours";
    await transaction.flush();
    order.push("ours");
  });
  await writing;
  expect(order).toEqual(["ours", "theirs"]);
  expect(await app.database.em.fork().findOne(User, user.id)).toMatchObject({
    address: "ours",
    signature: "theirs",
  });
  await other.close();
});

test("processes that write all at once, vacuum and clear the log away lose nothing of each other's", async () => {
  const app = await startTestApp();
  const people = Array.from({ length: 8 }, (_, index) => `person${index}`);
  const tokens = await Promise.all(people.map(async (person) => (await app.client.signedIn(person)).token));
  const others = await Promise.all(people.map(() => openAgain(app)));
  await Promise.all([
    ...tokens.map(async (token) => {
      for (let turn = 1; turn <= 5; turn++) {
        expect((await app.client.updateProfile(token, { nickname: `turn ${turn}` })).outcome).toBe("ok");
      }
    }),
    ...others.map(async ({ em }, index) => {
      for (let turn = 1; turn <= 5; turn++) {
        await em.fork().nativeUpdate(User, {}, { signature: `other ${index}` });
        await em.getConnection().execute(index % 2 ? "vacuum" : "pragma wal_checkpoint(truncate)");
      }
    }),
  ]);
  const users = await app.database.em.fork().findAll(User);
  expect(users.map(({ nickname }) => nickname)).toEqual(people.map(() => "turn 5"));
  expect(users.every(({ signature }) => /^other \d$/.test(signature ?? ""))).toBe(true);
  await Promise.all(others.map((other) => other.close()));
});
