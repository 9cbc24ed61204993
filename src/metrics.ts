import type { Logger } from "pino";
import { isToCome } from "./clock.js";
import { describeError } from "./log.js";
import { version } from "./version.js";
import { createSingleFlight, within } from "./within.js";

/** What an operator wants to know of a running server. No label may hold anything that a client chose or that is about a person. */
export interface Metrics {
  request(request: { operation: string; outcome: string; seconds: number }): void;
  /** A call to WeChat; the errcode is undefined if there was no usable answer. */
  wechatCall(call: { endpoint: string; errcode: number | undefined; seconds: number }): void;
  login(isNewUser: boolean): void;
  rateLimited(action: string, by: "user" | "address"): void;
  /** A try to tell an event by a webhook; `retried` is one that failed and isn't the last. */
  webhook(outcome: "delivered" | "retried" | "failed"): void;
  /** All figures as Prometheus reads them; undefined if they are switched off. */
  read: (() => Promise<{ contentType: string; text: string }>) | undefined;
}

/** Counts nothing. */
export const noMetrics: Metrics = {
  request: () => {},
  wechatCall: () => {},
  login: () => {},
  rateLimited: () => {},
  webhook: () => {},
  read: undefined,
};

interface MetricsOptions {
  /** How many sessions the database holds. */
  countSessions: () => Promise<number>;
  /** How many events are still to be told. */
  countPendingEvents: () => Promise<number>;
  /** What `/readyz` would say. */
  isReady: () => Promise<boolean>;
  now: () => Date;
  log: Logger;
}

/** From what a read takes to the time after which an operation is cut off. */
const bucketsSeconds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** Of the process's figures: gauges that are named like counters, and only sum up what others tell by type. */
const misnamed = ["nodejs_active_handles_total", "nodejs_active_requests_total", "nodejs_active_resources_total"];

/** Makes the meters of a server, with those of the process. */
export async function createMetrics(options: MetricsOptions): Promise<Metrics> {
  const { countSessions, countPendingEvents, isReady, now, log } = options;
  const { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } = await import("prom-client");
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  for (const name of misnamed) registry.removeSingleMetric(name);
  new Gauge({
    name: "wxpass_build_info",
    help: "Always 1; the label is the version that runs.",
    labelNames: ["version"],
    registers,
  }).set({ version }, 1);

  const requests = new Counter({
    name: "wxpass_requests_total",
    help: "Requests, by the root field of the operation or the route, and by error code or ok.",
    labelNames: ["operation", "outcome"],
    registers,
  });
  const requestSeconds = new Histogram({
    name: "wxpass_request_duration_seconds",
    help: "How long requests take.",
    labelNames: ["operation"],
    buckets: bucketsSeconds,
    registers,
  });
  const wechatCalls = new Counter({
    name: "wxpass_wechat_calls_total",
    help: "Calls to WeChat, by errcode; 0 is success, none means that there was no usable answer.",
    labelNames: ["endpoint", "errcode"],
    registers,
  });
  const wechatSeconds = new Histogram({
    name: "wxpass_wechat_call_duration_seconds",
    help: "How long calls to WeChat take, a second try included.",
    labelNames: ["endpoint"],
    buckets: bucketsSeconds,
    registers,
  });
  const logins = new Counter({
    name: "wxpass_logins_total",
    help: "Logins that succeeded, by new and returning users.",
    labelNames: ["user"],
    registers,
  });
  const rateLimited = new Counter({
    name: "wxpass_rate_limited_total",
    help: "Attempts refused by a rate limit, by whose limit it was.",
    labelNames: ["action", "limit"],
    registers,
  });
  const webhooks = new Counter({
    name: "wxpass_webhook_tries_total",
    help: "Tries to tell an event by a webhook: delivered, to be retried, or failed for good.",
    labelNames: ["outcome"],
    registers,
  });
  for (const outcome of ["delivered", "retried", "failed"]) webhooks.inc({ outcome }, 0);
  const pendingEvents = cached(countPendingEvents, now, (error) =>
    log.warn({ error: describeError(error) }, "the events of webhooks can't be counted"),
  );
  new Gauge({
    name: "wxpass_webhook_pending",
    help: "Events that are still to be told by a webhook, up to 10,000, looked up at most once a minute.",
    registers,
    async collect() {
      this.set(await pendingEvents());
    },
  });
  const currentSessions = cached(countSessions, now, (error) =>
    log.warn({ error: describeError(error) }, "the sessions can't be counted"),
  );
  new Gauge({
    name: "wxpass_sessions",
    help: "Sessions in the database, looked up at most once a minute; beyond 10,000 PostgreSQL estimates them.",
    registers,
    async collect() {
      this.set(await currentSessions());
    },
  });
  new Gauge({
    name: "wxpass_ready",
    help: "Whether the server is ready, as /readyz tells it: 1 or 0.",
    registers,
    async collect() {
      this.set((await isReady()) ? 1 : 0);
    },
  });

  return {
    request({ operation, outcome, seconds }) {
      requests.inc({ operation, outcome });
      requestSeconds.observe({ operation }, seconds);
    },
    wechatCall({ endpoint, errcode, seconds }) {
      wechatCalls.inc({ endpoint, errcode: errcode ?? "none" });
      wechatSeconds.observe({ endpoint }, seconds);
    },
    login: (isNewUser) => logins.inc({ user: isNewUser ? "new" : "returning" }),
    rateLimited: (action, limit) => rateLimited.inc({ action, limit }),
    webhook: (outcome) => webhooks.inc({ outcome }),
    read: async () => ({ contentType: registry.contentType, text: await registry.metrics() }),
  };
}

/** For which a figure from the database is good. */
const maxAgeMs = 60_000;

/** That a scrape waits for it. */
const countTimeoutMs = 2_000;

/** Asks for a figure at most once a minute, however often it is wanted. It is NaN while there is none. */
function cached(
  count: () => Promise<number>,
  now: () => Date,
  onError: (error: unknown) => void,
): () => Promise<number> {
  let value = Number.NaN;
  let goodUntil = 0;
  const flight = createSingleFlight<void>();

  async function refreshIfDue(): Promise<void> {
    if (isToCome(goodUntil, now().getTime(), maxAgeMs)) return;
    goodUntil = now().getTime() + maxAgeMs;
    try {
      value = await count();
    } catch (error) {
      value = Number.NaN;
      onError(error);
    }
  }

  return async () => {
    await within(countTimeoutMs, flight("count", refreshIfDue), () => {});
    return value;
  };
}
