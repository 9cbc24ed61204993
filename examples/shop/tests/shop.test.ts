import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { startServer } from "wxpass";
import { shop } from "../src/shop.js";

const folder = mkdtempSync(join(tmpdir(), "wxpass-shop-"));
const server = await startServer(shop, {
  NODE_ENV: "test",
  PORT: "0",
  JWT_SECRET: "for the tests of the shop alone: 0123456789",
  DATABASE_URL: `sqlite:${folder}/shop.db`,
  STORAGE_URL: `file:${folder}/avatars`,
  SHOP_STOCK: "3",
});

afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
});

/** Sends GraphQL as a mini-program does. */
async function send(query: string, token?: string) {
  const response = await fetch(`${server.url}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json", ...(token && { authorization: `Bearer ${token}` }) },
    body: JSON.stringify({ query }),
  });
  return response.json();
}

/** Signs in a person of the simulator's, by the name in place of a code. */
async function signIn(person: string): Promise<string> {
  const { data } = await send(`mutation { wxLogin(code: "${person}") { token } }`);
  return data.wxLogin.token;
}

test("a person orders, pays and sees the order; nobody else does", async () => {
  const [alice, bob] = [await signIn("alice"), await signIn("bob")];
  const { data } = await send(`mutation { createOrder(product: "tea", quantity: 2) { id paidAt } }`, alice);
  expect(data.createOrder.paidAt).toBeNull();
  const pay = `mutation { payOrder(id: "${data.createOrder.id}") { paidAt } }`;
  expect((await send(pay, bob)).errors[0].extensions.code).toBe("NO_SUCH_ORDER");
  expect((await send(pay, alice)).data.payOrder.paidAt).toBeTruthy();
  expect((await send("{ myOrders { product quantity } }", alice)).data.myOrders).toEqual([
    { product: "tea", quantity: 2 },
  ]);
  expect((await send("{ myOrders { product } }", bob)).data.myOrders).toEqual([]);
});

test("more than there is can't be ordered, and nobody orders without signing in", async () => {
  const order = `mutation { createOrder(product: "tea", quantity: 4) { id } }`;
  expect((await send(order, await signIn("carol"))).errors[0]).toMatchObject({
    message: "库存不足",
    extensions: { code: "OUT_OF_STOCK", retry: "NEVER", field: "quantity" },
  });
  expect((await send(order)).errors[0].extensions.code).toBe("UNAUTHENTICATED");
});

test("orders are exported, and erased with their user", async () => {
  const dora = await signIn("dora");
  await send(`mutation { createOrder(product: "tea") { id } }`, dora);
  expect((await send("{ exportMyData }", dora)).data.exportMyData.orders).toMatchObject([
    { product: "tea", quantity: 1 },
  ]);
  await send("mutation { deleteAccount }", dora);
  expect((await send("{ exportMyData }", await signIn("dora"))).data.exportMyData.orders).toEqual([]);
});
