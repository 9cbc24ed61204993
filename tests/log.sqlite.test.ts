import { DriverException } from "@mikro-orm/core";
import { describe, expect, test, vi } from "vitest";
import { codeOf, describeError, redact } from "../src/log.js";

describe("of a message the log shows", () => {
  test.each([
    ["what has no values in it", "the disk is full", "the disk is full"],
    ["no e-mail address", "no mailbox for alice@example.com here", "no mailbox for [cut] here"],
    ["no e-mail address in brackets", "sent to <a@b.cn>, twice", "sent to [cut] twice"],
    ["no phone number", "bad number +8613800138000", "bad number [cut]"],
    ["no number with dashes", "bad number 138-0013-8000.", "bad number [cut]."],
    ["no birthday", "no date 1998-02-28, no 2019-12-31", "no date [cut], no [cut]"],
    [
      "a date on which nobody who is here was born",
      "made 2999-01-01-later on 2026-11-22",
      "made 2999-01-01-later on 2026-11-22",
    ],
    ["no number that only begins like a date", "bad number 2026-11-2213", "bad number [cut]"],
    ["short numbers", "exit code 137 after 1,500 ms", "exit code 137 after 1,500 ms"],
    ["no long run of letters", `key ${"aB3_".repeat(8)} is bad`, "key [cut] is bad"],
    ["no part of a token", "token eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.e30.x", "token [cut].e30.x"],
    ["no query of an address", "GET http://a.test/b?secret=x&code=y failed", "GET http://a.test/b?[cut] failed"],
    ["nothing quoted", 'relation "Alice" is not there', "relation [cut] is not there"],
    ["nothing in other quotes", "no 'Alice', no `Bob`, no “Carol” or «Dave»", "no [cut], no [cut], no [cut]"],
    ["nothing between quotes in quotes", 'token x, "{"nickname": "Bob", x" is no JSON', "token x, [cut] is no JSON"],
    ["nothing of an escaped quote", 'got "a\\"Bob\\" there"', "got [cut]"],
    ["nothing that begins with a quote and never ends", 'got "Alice and Bob', "got [cut]"],
    ["nothing after a quote that never ends", "open '/home/alice/x", "open [cut]"],
    ["nothing after a mark that never ends", "got `Alice and “Bob", "got [cut]"],
    ["apostrophes", "it can't, it won't", "it can't, it won't"],
    ["nothing around an apostrophe in quotes", "no user 'Bob's friend' here", "no user [cut] here"],
    ["no statement", "select * from users where phone = '+861' - syntax error", "syntax error"],
    ["no statement with a dash in a value", "update users set nickname = 'a - b' - disk full", "disk full"],
    [
      "no row of a detail",
      "update x - new row violates y\n - detail: Failing row contains (FEMALE, Oxford)",
      "new row violates y",
    ],
    ["no key of a detail", "insert x - taken\n - detail: Key (openid)=(o - 1) already exists.", "taken"],
    ["lines as they are", "first line\nsecond line", "first line\nsecond line"],
  ])("%s", (_, message, shown) => {
    expect(redact(message)).toBe(shown);
  });

  test("a beginning, cut before anything looks at it, and no half of a word", () => {
    const replaced: number[] = [];
    const replace = String.prototype.replace;
    const spy = vi.spyOn(String.prototype, "replace").mockImplementation(function (this: string, ...args) {
      replaced.push(this.length);
      return Reflect.apply(replace, this, args);
    });
    const shown = [
      "x".repeat(1_000_000),
      `${"word ".repeat(500)}tail`,
      "a@".repeat(500_000),
      '"'.repeat(1_000_000),
    ].map(redact);
    spy.mockRestore();
    expect(Math.max(...replaced)).toBeLessThan(2_100);
    expect(shown.map((text) => text.length <= 2_100)).toEqual([true, true, true, true]);
    expect(shown[0]).toBe("[cut]");
    expect(shown[1]).toMatch(/^(word )+\[cut\]$/);
  });

  test("the end of what a driver says, however long the statement before it", () => {
    expect(redact(`insert into users values (${"?, ".repeat(300_000)}) - disk full`)).toBe("disk full");
  });
});

describe("of an error the log shows", () => {
  test("its kind, its code, and where it came from, but not the head of its stack", () => {
    const error = Object.assign(new RangeError("no alice@example.com"), { code: "E_ALICE" });
    const { stack, ...rest } = describeError(error);
    expect(rest).toEqual({ type: "RangeError", code: "E_ALICE", message: "no [cut]" });
    expect(stack?.length).toBeGreaterThan(0);
    expect(stack?.every((line) => line.startsWith("at "))).toBe(true);
    expect(JSON.stringify(stack)).not.toContain("alice");
  });

  test("no line of its message that looks like a place", () => {
    const error = new Error("bad\n    at alice@example.com\n    at Alice (/home/alice:1:1)");
    expect(JSON.stringify(describeError(error).stack)).not.toMatch(/alice/i);
    const again = new DriverException(error);
    expect(JSON.stringify(describeError(again).stack)).not.toMatch(/alice/i);
  });

  test("no statement and no value of a driver's, and twelve places at most", () => {
    const driver = new DriverException(new Error("update users set phone = '+8613800138000' - database is locked"));
    const { message, stack } = describeError(driver);
    expect(message).toBe("database is locked");
    expect(stack?.length).toBeLessThanOrEqual(12);
    expect(JSON.stringify(stack)).not.toContain("8613800138000");
  });

  test("its cause, told with the same care", () => {
    const error = new Error("outside", { cause: new TypeError("inside of 'Alice'") });
    expect(describeError(error).cause).toMatchObject({ type: "TypeError", message: "inside of [cut]" });
  });

  test("no cause that is no error", () => {
    expect(describeError(new Error("x", { cause: { nickname: "Alice" } }))).not.toHaveProperty("cause");
  });

  test("five causes at most, be they in a circle or not", () => {
    const circle = new Error("a");
    circle.cause = new Error("b", { cause: circle });
    let deep = new Error("0");
    for (let i = 1; i < 10_000; i++) deep = new Error(String(i), { cause: deep });
    for (const error of [circle, deep]) {
      let depth = 0;
      for (let told = describeError(error).cause; told; told = told.cause) depth++;
      expect(depth).toBe(5);
    }
  });

  test.each([["text"], [undefined], [null], [{ nickname: "Alice" }]])("nothing of what is none (%j)", (thrown) => {
    expect(describeError(thrown)).toEqual({ type: typeof thrown, message: "a value that is no Error was thrown" });
  });
});

test("a code is a text, and only that of an error", () => {
  expect(codeOf(Object.assign(new Error("x"), { code: "ENOENT" }))).toBe("ENOENT");
  expect(codeOf(Object.assign(new Error("x"), { code: 5 }))).toBeUndefined();
  expect(codeOf({ code: "ENOENT" })).toBeUndefined();
});
