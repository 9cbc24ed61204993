import { expect, test } from "vitest";
import { createFairQueue } from "../../src/images/fair-queue.js";

/** Work that ends when the test says so. */
const held = () => Promise.withResolvers<void>();

test("a user with many images waits behind users with one", async () => {
  const queue = createFairQueue(60_000);
  const order: string[] = [];
  const first = held();
  const work = (name: string) => async () => void order.push(name);
  const all = [
    queue.run("ann", () => first.promise),
    ...["ann 2", "ann 3", "ann 4"].map((name) => queue.run("ann", work(name))),
    queue.run("bob", work("bob")),
    queue.run("carol", work("carol 1")),
    queue.run("carol", work("carol 2")),
  ];
  first.resolve();
  await Promise.all(all);
  expect(order).toEqual(["ann 2", "bob", "carol 1", "ann 3", "carol 2", "ann 4"]);
});

test("one piece of work is done at a time, and what fails holds up nobody", async () => {
  const queue = createFairQueue(60_000);
  let atWork = 0;
  const results = await Promise.allSettled(
    Array.from({ length: 6 }, (_, index) =>
      queue.run(`user ${index % 2}`, async () => {
        expect(++atWork).toBe(1);
        await new Promise(setImmediate);
        atWork--;
        if (index < 3) throw new Error("broken");
        return index;
      }),
    ),
  );
  expect(results.map(({ status }) => status)).toEqual([...Array(3).fill("rejected"), ...Array(3).fill("fulfilled")]);
});

test("who waits too long is told to come later, and is not done after all; the others go on", async () => {
  const queue = createFairQueue(1);
  const first = held();
  const running = queue.run("ann", () => first.promise);
  const late = queue.run("bob", async () => expect.fail("was done"));
  await expect(late).rejects.toMatchObject({ code: "RATE_LIMITED", retryAfter: 5 });
  first.resolve();
  await running;
  expect(await queue.run("bob", async () => "done")).toBe("done");
});
