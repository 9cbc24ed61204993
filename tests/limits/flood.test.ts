import { createSecretKey, randomBytes } from "node:crypto";
import { pino } from "pino";
import { expect, test } from "vitest";
import { createLocalCounters } from "../../src/limits/counter.js";
import { createRateLimits } from "../../src/limits/rate-limits.js";

const once = { times: 1, seconds: 3_600 };
const pair = { user: once, address: once };

// Not through HTTP: it takes more addresses than a test could send requests.
const log = pino({ level: "silent" });

test("however many addresses there are, no more than 65,536 are told apart, so that memory has a bound", async () => {
  let refused = 0;
  const limits = createRateLimits({
    limits: { login: pair, refresh: pair, bindPhone: pair, upload: pair, updateProfile: pair, account: pair },
    createCounter: createLocalCounters(() => new Date()),
    key: createSecretKey(randomBytes(32)),
    onLimited: () => refused++,
  });
  const addresses = 80_000;
  for (let i = 0; i < addresses; i++) await limits.consume("login", { address: `address ${i}`, log }).catch(() => {});
  const toldApart = addresses - refused;
  expect(toldApart).toBeLessThanOrEqual(65_536);
  expect(toldApart).toBeGreaterThan(40_000);
});
