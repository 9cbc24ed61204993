import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { logFolder, secretsFile } from "../support/log-search.js";

/*
 * Runs when all other tests are done, and searches everything that their servers logged, at every level.
 */

const logs = readdirSync(logFolder()).map((file) => readFileSync(join(logFolder(), file), "utf8"));

const secrets = [
  ...new Set(
    readFileSync(secretsFile(), "utf8")
      .trimEnd()
      .split("\n")
      .map((line): string => JSON.parse(line)),
  ),
];

/** The lines of the log with this in them, shortened for the report. */
const linesWith = (pattern: RegExp | string) =>
  logs
    .flatMap((log) => log.split("\n"))
    .filter((line) => (typeof pattern === "string" ? line.includes(pattern) : pattern.test(line)))
    .map((line) => line.slice(0, 300))
    .slice(0, 5);

test("there is something to search, and something to search for", () => {
  expect(linesWith('"msg":"request"')).not.toEqual([]);
  expect(secrets.length).toBeGreaterThan(20);
});

test("no secret, token, code or openid that any test used is in a log", () => {
  const found = secrets.filter((secret) => logs.some((log) => log.includes(secret)));
  expect(found).toEqual([]);
});

test.each([
  ["a JWT", /eyJ[\w-]{10,}\.[\w-]{10,}/],
  ["an openid or unionid", /\bo[A-Za-z0-9_-]{27}\b/],
  ["a session_key", /[A-Za-z0-9+/]{22}==/],
  ["a mobile number", /\b1[3-9]\d{9}\b/],
  ["an address with a query", /jscode2session\?|access_token=|js_code|grant_type/],
  ["a password of a database", /postgres(ql)?:\/\/(?!USER:PASSWORD@)[^\s:]+:[^\s@]+@/],
])("nothing in a log looks like %s", (_, pattern) => {
  expect(linesWith(pattern)).toEqual([]);
});

/** What only lines of a request tell: whom it was for, what it did, and what it asked of WeChat. */
const ofRequests = ["userId", "sessionId", "route", "outcome", "endpoint", "errcode", "field"];

test("every line that is written for a request has its id", () => {
  const lines = logs.flatMap((log) => log.split("\n")).filter((line) => line.startsWith("{") && line.endsWith("}"));
  const withoutId = lines.filter((line) => {
    const written = JSON.parse(line);
    const isOfRequest = written.msg === "unexpected error" || ofRequests.some((name) => Object.hasOwn(written, name));
    return isOfRequest && written.requestId === undefined;
  });
  expect(withoutId.slice(0, 5)).toEqual([]);
});
