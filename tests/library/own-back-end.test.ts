import { Entity, ManyToOne, PrimaryKey, Property } from "@mikro-orm/decorators/legacy";
import { Migration } from "@mikro-orm/migrations";
import { beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { Order } from "../../examples/shop/src/order.js";
import { shop } from "../../examples/shop/src/shop.js";
import type { BackEnd } from "../../src/back-end.js";
import { User } from "../../src/user/user.js";
import { disableUser } from "../support/accounts.js";
import { admin } from "../support/admin.js";
import { type LoginData } from "../support/client.js";
import { newDatabase } from "../support/database.js";
import { createImport } from "../support/import.js";
import { messageAbout, push, pushToken } from "../support/push.js";
import { startTestApp } from "../support/test-app.js";

/** What the hooks were told, and whether they refuse. */
const told: string[] = [];
let isRefused = false;

const tell =
  (what: string) => async (em: { count(entity: typeof User, where: object): Promise<number> }, user: User) => {
    if (isRefused) throw new Error("the own back end refuses");
    told.push(`${what} ${user.id} ${await em.count(User, { id: user.id })}`);
  };

const own = { ...shop, on: { userCreated: tell("created"), userErasing: tell("erasing") } } satisfies BackEnd;
const app = await startTestApp({ own, env: { WECHAT_PUSH_TOKEN: pushToken, SHOP_STOCK: "3", RATE_LIMIT: "on" } });
const { client } = app;

let people = 0;
let person: string;
let alice: LoginData;

beforeEach(async () => {
  isRefused = false;
  person = `shopper${++people}`;
  alice = await client.signedIn(person);
  told.length = 0;
});

const order = (product = "tea", quantity = 1, token: string | undefined = alice.token) =>
  client.request("mutation Order($p: String!, $q: Int!) { createOrder(product: $p, quantity: $q) { id } }", {
    variables: { p: product, q: quantity },
    ...(token !== undefined && { token }),
  });
const orders = () => app.database.em.fork().count(Order, { user: alice.user.id });
const isThere = async () => (await app.database.em.fork().count(User, { id: alice.user.id })) > 0;
const env = { DATABASE_URL: app.databaseUrl };

describe("own rows go with their user", () => {
  beforeEach(async () => {
    await order();
    expect(await orders()).toBe(1);
  });

  test("who deletes the account", async () => {
    expect((await client.request("mutation { deleteAccount }", { token: alice.token })).outcome).toBe("ok");
    expect(told).toEqual([`erasing ${alice.user.id} 1`]);
    expect(await orders()).toBe(0);
  });

  test("whom an operator deletes", async () => {
    expect(await admin(["delete", alice.user.id, "--yes"], { env, own })).toMatchObject({ code: 0 });
    expect(told).toEqual([`erasing ${alice.user.id} 1`]);
    expect(await orders()).toBe(0);
  });

  test("who leaves WeChat, be the user disabled or not", async () => {
    await push(app, messageAbout(person, "user_authorization_cancellation"));
    expect(await orders()).toBe(0);
    alice = await client.signedIn(`${person}-barred`);
    await order();
    await disableUser(app, alice.user.id);
    told.length = 0;
    await push(app, messageAbout(`${person}-barred`, "user_authorization_cancellation"));
    expect(told).toEqual([`erasing ${alice.user.id} 1`]);
    expect(await orders()).toBe(0);
    expect(await isThere()).toBe(true);
  });

  test("and if the own back end refuses, nothing is erased", async () => {
    isRefused = true;
    expect((await client.request("mutation { deleteAccount }", { token: alice.token })).outcome).toBe(
      "INTERNAL_SERVER_ERROR",
    );
    expect(await admin(["delete", alice.user.id, "--yes"], { env, own })).toMatchObject({ code: 1 });
    await push(app, messageAbout(person, "user_authorization_cancellation"));
    expect(await isThere()).toBe(true);
    expect(await orders()).toBe(1);
    expect((await client.me(alice.token)).outcome).toBe("ok");
  });

  test("who has signed out meanwhile is not erased, and the own back end's change is undone", async () => {
    await client.request("mutation { logout }", { token: alice.token });
    expect((await client.request("mutation { deleteAccount }", { token: alice.token })).outcome).toBe(
      "UNAUTHENTICATED",
    );
    expect(await isThere()).toBe(true);
  });
});

describe("the own back end is told of new users", () => {
  test("who sign in, once", async () => {
    const login = await client.signedIn(`${person}-new`);
    await client.signedIn(`${person}-new`);
    expect(told).toEqual([`created ${login.user.id} 1`]);
  });

  test("who are imported", async () => {
    const { fileOf, openid } = createImport(app);
    const file = fileOf(`openid\n${openid(`${person}-a`)}\n${openid(`${person}-b`)}\n`);
    expect(await admin(["import", file, "--app-id", "wx0000000000000001"], { env, own })).toMatchObject({ code: 0 });
    expect(told).toHaveLength(2);
  });

  test("and if it refuses, nobody is made", async () => {
    isRefused = true;
    const before = await app.database.em.fork().count(User);
    expect((await client.login(`${person}-refused`)).outcome).toBe("INTERNAL_SERVER_ERROR");
    expect(await app.database.em.fork().count(User)).toBe(before);
    isRefused = false;
    expect((await client.login(`${person}-refused`)).data?.wxLogin?.isNewUser).toBe(true);
  });
});

test("what is exported has the own rows, by the API and by the command", async () => {
  await order("tea", 2);
  const { data } = await client.request("{ exportMyData }", { token: alice.token });
  expect(Object(data?.exportMyData)["orders"]).toMatchObject([{ product: "tea", quantity: 2, paidAt: null }]);
  const { output } = await admin(["user", alice.user.id, "--json"], { env, own });
  expect(JSON.parse(output).orders).toMatchObject([{ product: "tea", quantity: 2 }]);
});

test("an own error has its code, and speaks the client's language", async () => {
  const { errors } = await order("tea", 4);
  expect(errors[0]).toMatchObject({
    message: "库存不足",
    extensions: { code: "OUT_OF_STOCK", retry: "NEVER", field: "quantity" },
  });
  const english = await client.request(`mutation { createOrder(product: "tea", quantity: 4) { id } }`, {
    token: alice.token,
    headers: { "accept-language": "en" },
  });
  expect(english.errors[0]?.message).toBe("There isn't enough of it");
});

test("an own limit counts each person", async () => {
  const outcomes = [];
  for (let i = 0; i < 11; i++) outcomes.push((await order()).outcome);
  expect(outcomes).toEqual([...Array(10).fill("ok"), "RATE_LIMITED"]);
  alice = await client.signedIn(`${person}-other`);
  expect((await order()).outcome).toBe("ok");
});

test("the tables are made once, and the next start finds them", async () => {
  const databaseUrl = await newDatabase();
  for (const _ of ["first", "second"]) {
    const start = await startTestApp({ own, env: { DATABASE_URL: databaseUrl } });
    await start.close();
  }
});

test("without the own back end nothing starts, or deletes, or imports past its hooks", async () => {
  await expect(startTestApp({ env })).rejects.toThrow(/own back end.*2026-11-25-orders/);
  expect((await admin(["delete", alice.user.id, "--yes"], { env })).errors).toContain("2026-11-25-orders");
  const { fileOf, openid } = createImport(app);
  const file = fileOf(`openid\n${openid(`${person}-past`)}\n`);
  expect((await admin(["import", file, "--app-id", "wx0000000000000001"], { env })).errors).toContain(
    "so that its hooks",
  );
  expect(await isThere()).toBe(true);
  expect((await admin(["user", alice.user.id], { env })).code).toBe(0);
});

describe("the start names every fault", () => {
  @Entity({ tableName: "notes" })
  class Note {
    @PrimaryKey({ type: "text" })
    id!: string;

    @ManyToOne(() => User, { deleteRule: "no action", index: true })
    user!: User;
  }

  @Entity({ tableName: "pages" })
  class Page {
    @PrimaryKey({ type: "text" })
    id!: string;

    @ManyToOne(() => Note, { deleteRule: "no action", index: true })
    note!: Note;

    @Property({ type: "text" })
    text!: string;
  }

  class Notes extends Migration {
    override up(): void {}
  }

  const migrations = { sqlite: [{ name: "notes", class: Notes }], postgresql: [{ name: "notes", class: Notes }] };

  test("of entities that would outlive their user, or be kept from them", async () => {
    const start = startTestApp({
      own: { entities: [Note, Page], migrations, exportUser: { sessions: async () => [] } },
    });
    const fault = await start.then(() => "", String);
    expect(fault).toContain("Note.user needs the deleteRule cascade");
    expect(fault).toContain("Page.note needs the deleteRule cascade");
    expect(fault).toContain("Note needs exportUser.notes");
    expect(fault).toContain("exportUser.sessions");
  });

  test("of settings and limits, ours and its own at once", async () => {
    const wrong = {
      settings: { SHOP_STOCK: z.coerce.number("must be a number") },
      limits: { order: "many", login: "1/1m,1/1m" },
    };
    const start = startTestApp({ own: wrong, env: { SHOP_STOCK: "many", METRICS: "perhaps" } });
    await expect(start).rejects.toThrow(/METRICS: .*SHOP_STOCK: must be a number.*limits\.order: .*limits\.login: /s);
  });
});
