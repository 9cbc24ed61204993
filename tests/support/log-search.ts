import { appendFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { inject } from "vitest";

/** Where everything that the servers of a test run log is kept, for the test that searches it. */
export const logFolder = () => join(inject("folder"), "logs");

/** Where the secrets and personal data are noted that a test run used. */
export const secretsFile = () => join(inject("folder"), "secrets");

/** Keeps what a server logged. */
export function keepLog(text: string): void {
  mkdirSync(logFolder(), { recursive: true });
  appendFileSync(join(logFolder(), `${process.pid}.log`), text);
}

/** Notes a value that no log may ever contain. Short ones would be found by chance. */
export function keepSecret(...values: (string | undefined)[]): void {
  for (const value of values)
    if (value && value.length >= 6) appendFileSync(secretsFile(), `${JSON.stringify(value)}\n`);
}
