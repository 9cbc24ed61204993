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

/**
 * What the process tells of itself, by the beginning of the message: nobody asked for it. Every other line is one of a request,
 * whatever it tells, so a new message of the process's own is added here on purpose.
 */
const ofTheProcess = [
  // Starting
  /^[A-Z][A-Z_]+: /,
  /^wxpass starts$/,
  /^a new database$/,
  /^database$/,
  /^waiting for the database$/,
  /^wxpass is listening$/,
  /^the tables are other than the entities say/,
  /^wxpass (can't start|crashed)$/,
  // Stopping
  /^stopping( failed)?$/,
  /^something could not be closed in time$/,
  // What the database is like, found by whichever probe asks first
  /^the database( doesn't answer| is corrupt| can't be read|'s file was (deleted|replaced))/,
  /^nothing can be written to the database$/,
  /^the database is as it should be again$/,
  /^the sessions can't be counted$/,
  // Webhooks
  /^the receiver of webhooks (fails|takes events again|has answered 410)/,
  /^an event was given up$/,
  /^the events of webhooks can't be (looked up|counted)$/,
  /^what became of an event can't be noted$/,
  // Sweeping
  /^cleared away$/,
  /^clearing away failed$/,
  /^everything was swept$/,
];

test("every line has the id of its request, but for what the process tells of itself", () => {
  const lines = logs.flatMap((log) => log.split("\n")).filter((line) => line.startsWith("{") && line.endsWith("}"));
  const withoutId = lines.filter((line) => {
    const { requestId, msg } = JSON.parse(line);
    return requestId === undefined && !ofTheProcess.some((beginning) => beginning.test(msg));
  });
  expect(withoutId.slice(0, 5)).toEqual([]);
});
