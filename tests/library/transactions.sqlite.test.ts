import type { SqlEntityManager } from "@mikro-orm/sql";
import { Ctx, Mutation, Resolver } from "type-graphql";
import { afterEach, expect, test, vi } from "vitest";
import type { Context } from "../../src/context.js";
import type { User } from "../../src/user/user.js";
import { Note, notes } from "../support/notes.js";
import { startTestApp } from "../support/test-app.js";

@Resolver()
class Beside {
  @Mutation(() => Boolean)
  async noteBeside(@Ctx() { em, viewer }: Context): Promise<boolean> {
    const { user } = await viewer();
    await em.transactional(async () => em.insert(Note, { id: user.id, user: user.id }));
    return true;
  }
}

/** Notes a new user by what it forks, and another one that it leaves to be written. */
async function userCreated(em: SqlEntityManager, user: User) {
  await em.fork().insert(Note, { id: `${user.id} 1`, user: user.id });
  await em.fork().transactional((inner) => inner.fork().insert(Note, { id: `${user.id} 2`, user: user.id }));
  em.persist(em.create(Note, { id: `${user.id} 3`, user: user.id }));
}

const exportUser = { notes: (em: SqlEntityManager, user: string) => em.fork().find(Note, { user }) };
const app = await startTestApp({ own: { ...notes, resolvers: [Beside], exportUser, on: { userCreated } } });
const { client } = app;
const { em } = app.database;

afterEach(() => void vi.useRealTimers());

test("who writes beside the own transaction is told so at once, and nobody else waits", async () => {
  const { token } = await client.signedIn("alice");
  expect((await client.request("mutation { noteBeside }", { token })).outcome).toBe("INTERNAL_SERVER_ERROR");
  expect(JSON.stringify(app.logged)).toContain("use the entity manager that the transaction gives you");
  expect((await client.login("bob")).outcome).toBe("ok");
});

test("what a hook and an export fork stays in their transaction", async () => {
  const { user, token } = await client.signedIn("carol");
  expect(await em.fork().count(Note, { user: user.id })).toBe(3);
  const { data } = await client.request("{ exportMyData }", { token });
  expect(Object(data?.exportMyData)["notes"]).toHaveLength(3);
});

test("a transaction that was left alone is rolled back, and can't go on", async () => {
  const { id: user } = (await client.signedIn("dave")).user;
  const before = await em.fork().count(Note);
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  const { promise: silence, resolve: goOn } = Promise.withResolvers<void>();
  const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
  const left = em.fork().transactional(async (transaction) => {
    await transaction.nativeDelete(Note, {});
    begin();
    await silence;
    await transaction.nativeDelete(Note, {});
  });
  const fault = left.then(() => "none", String);
  await begun;
  const writing = em.fork().nativeUpdate(Note, {}, { user });
  vi.advanceTimersByTime(10_000);
  expect(await writing).toBe(before);
  goOn();
  expect(await fault).toContain("did nothing for 10000 ms");
  expect(await em.fork().count(Note)).toBe(before);
});
