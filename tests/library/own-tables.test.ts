import { Collection } from "@mikro-orm/core";
import { Entity, ManyToMany, ManyToOne, PrimaryKey } from "@mikro-orm/decorators/legacy";
import { expect, test } from "vitest";
import type { BackEnd } from "../../src/back-end.js";
import { User } from "../../src/user/user.js";
import { disableUser } from "../support/accounts.js";
import { driver, newDatabase } from "../support/database.js";
import { migrationsOf, notes, notesTable } from "../support/notes.js";
import { messageAbout, push, pushToken } from "../support/push.js";
import { startTestApp } from "../support/test-app.js";

const keyType = driver === "sqlite" ? "text" : "uuid";

test("a table without the foreign key is refused: its rows would outlive their user", async () => {
  const start = startTestApp({ own: { ...notes, migrations: migrationsOf("notes", notesTable("")) } });
  await expect(start).rejects.toThrow(/notes\.user_id needs a foreign key with on delete cascade/);
});

test("what is wrong with entities is said before anything is changed", async () => {
  const env = { DATABASE_URL: await newDatabase() };
  await expect(startTestApp({ env, own: { ...notes, exportUser: {} } })).rejects.toThrow(/exportUser\.notes/);
  await startTestApp({ env });
});

@Entity({ tableName: "teams" })
class Team {
  @PrimaryKey({ type: "text" })
  id!: string;

  @ManyToMany(() => User, undefined, { pivotTable: "team_users" })
  users = new Collection<User>(this);
}

test("an entity of many users needs one of its own between", async () => {
  await expect(startTestApp({ own: { entities: [Team] } })).rejects.toThrow(/Team\.users is many-to-many/);
});

@Entity({ tableName: "hidden" })
class Hidden {
  @PrimaryKey({ type: "text" })
  id!: string;

  @ManyToOne(() => User, { deleteRule: "no action" })
  user!: User;
}

@Entity({ tableName: "pages" })
class Page {
  @PrimaryKey({ type: "text" })
  id!: string;

  @ManyToOne(() => Hidden, { deleteRule: "no action" })
  hidden!: Hidden;
}

test("an entity that is known only by a reference is looked at, too", async () => {
  await expect(startTestApp({ own: { entities: [Page] } })).rejects.toThrow(/Hidden\.user needs the deleteRule/);
});

@Entity({ tableName: "gifts" })
class Gift {
  @PrimaryKey({ type: "text" })
  id!: string;

  @ManyToOne(() => User, { deleteRule: "cascade" })
  user!: User;

  @ManyToOne(() => User, { deleteRule: "set null", nullable: true })
  giver: User | null = null;
}

const gifts = {
  entities: [Gift],
  migrations: migrationsOf(
    "gifts",
    `create table gifts (id text not null primary key,
      user_id ${keyType} not null references users (id) on delete cascade,
      giver_id ${keyType} null references users (id) on delete set null)`,
  ),
  exportUser: { gifts: (em, user) => em.find(Gift, { $or: [{ user }, { giver: user }] }, { fields: ["id"] }) },
} satisfies BackEnd;

test("a row that goes with its user may lose another one, who is deleted or has left and stays out", async () => {
  const app = await startTestApp({ own: gifts, env: { WECHAT_PUSH_TOKEN: pushToken } });
  const em = app.database.em.fork();
  const people = ["alice", "bob", "carol"].map((person) => app.client.signedIn(person));
  const [alice, bob, carol] = (await Promise.all(people)).map(({ user, token }) => ({ id: user.id, token }));
  await em.insert(Gift, { id: "1", user: String(alice?.id), giver: String(bob?.id) });
  await em.insert(Gift, { id: "2", user: String(alice?.id), giver: String(carol?.id) });
  await app.client.request("mutation { deleteAccount }", { token: String(bob?.token) });
  await disableUser(app, String(carol?.id));
  await push(app, messageAbout("carol", "user_authorization_cancellation"));
  expect(await em.find(Gift, {}, { disableIdentityMap: true })).toMatchObject([{ giver: null }, { giver: null }]);
});
