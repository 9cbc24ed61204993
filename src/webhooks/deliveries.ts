import type { SqlEntityManager } from "@mikro-orm/sql";
import type { Logger } from "pino";
import { switchOutbox } from "../database/outbox.js";
import { describeError } from "../log.js";
import type { Metrics } from "../metrics.js";
import { within } from "../within.js";
import { type ClaimedEvent, claimEvents, endDeliveries, putOffEvent, settleEvent } from "./queue.js";
import { delayBefore } from "./schedule.js";
import { type Answer, type Endpoint, sendEvent } from "./send-event.js";

/** Tells the events of the outbox, beside the requests that leave them. */
export interface Deliveries {
  /** Says that there may be events; nobody waits for them. */
  wake(): void;
  /** Starts no further try, and resolves when those under way are done or were ended. */
  close(): Promise<void>;
}

interface DeliveriesOptions {
  em: SqlEntityManager;
  endpoint: Endpoint;
  fetch: typeof globalThis.fetch;
  now: () => Date;
  log: Logger;
  metrics: Pick<Metrics, "webhook">;
}

/** Tries under way at once. */
const maxUnderWay = 16;

/** Between being woken and looking, so that many who wake are one look. */
const wakeDelayMs = 50;

/** Between two looks when nobody wakes: for what other processes and the operator's command leave, and for what is due again. */
const intervalMs = 3_000;

/** For tries under way when the server stops. */
const closeTimeoutMs = 5_000;

/** Has events written, and told to an endpoint; neither, if there is none. */
export async function deliverTo(
  endpoint: Endpoint | undefined,
  options: Omit<DeliveriesOptions, "endpoint">,
): Promise<Deliveries | undefined> {
  await switchOutbox(options.em.fork(), endpoint !== undefined);
  return endpoint && createDeliveries({ ...options, endpoint });
}

/** Starts to tell events, also those that were left when the server last ended. */
function createDeliveries(options: DeliveriesOptions): Deliveries {
  const { em, now, log } = options;
  const stop = new AbortController();
  const underWay = new Set<Promise<void>>();
  const record = recorderOf(options);

  function start(event: ClaimedEvent): void {
    const delivery = sendEvent(options, event, stop.signal)
      .then((answer) => record(event, answer, stop.signal.aborted))
      .catch((error) =>
        log.warn({ eventId: event.id, error: describeError(error) }, "what became of an event can't be noted"),
      )
      .finally(() => {
        underWay.delete(delivery);
        looking.wake();
      });
    underWay.add(delivery);
  }

  const looking = createLooking(async () => {
    const free = maxUnderWay - underWay.size;
    if (free === 0) return;
    try {
      for (const event of await claimEvents(em.fork(), now(), free)) start(event);
    } catch (error) {
      log.warn({ error: describeError(error) }, "the events of webhooks can't be looked up");
    }
  });

  return {
    wake: looking.wake,
    async close() {
      await looking.close();
      const done = Promise.all(underWay);
      await within<unknown>(closeTimeoutMs, done, () => {
        stop.abort();
        return done;
      });
    },
  };
}

/** Looks now, at intervals, and soon after being woken: never twice at once, and however many wake, once for all. */
function createLooking(look: () => Promise<void>): Deliveries {
  let timer: NodeJS.Timeout | undefined;
  let isWanted = false;
  let isClosed = false;
  let running = Promise.resolve();

  async function run(): Promise<void> {
    isWanted = false;
    await look();
    timer = undefined;
    if (isWanted) wake();
  }

  function wake(): void {
    isWanted = true;
    if (isClosed || timer) return;
    timer = setTimeout(() => {
      running = run();
    }, wakeDelayMs).unref();
  }

  const interval = setInterval(wake, intervalMs).unref();
  wake();

  return {
    wake,
    close() {
      isClosed = true;
      clearInterval(interval);
      clearTimeout(timer);
      return running;
    },
  };
}

/** Makes what notes the end of a try. The log tells when the receiver begins to fail and when it takes events again, not every try. */
function recorderOf({ em, endpoint, now, log, metrics }: DeliveriesOptions) {
  let isFailing = false;

  function tellLog(event: ClaimedEvent, { isDelivered, text: answer }: Answer): void {
    if (isFailing === !isDelivered) return;
    isFailing = !isDelivered;
    if (isFailing) log.warn({ eventId: event.id, answer }, "the receiver of webhooks fails");
    else log.info("the receiver of webhooks takes events again");
  }

  return async (event: ClaimedEvent, answer: Answer, wasStopped: boolean): Promise<void> => {
    const own = em.fork();
    if (wasStopped && !answer.isDelivered) return void (await putOffEvent(own, event, now(), answer.text));
    tellLog(event, answer);
    if (answer.isDelivered) {
      metrics.webhook("delivered");
      return void (await settleEvent(own, event, "delivered", answer.text));
    }
    if (answer.isGone) {
      metrics.webhook("failed");
      const { host } = new URL(endpoint.url);
      log.error(
        { host },
        "the receiver of webhooks has answered 410: it is told nothing any more until the next start",
      );
      return endDeliveries(own, answer.text);
    }
    const ageMs = now().getTime() - event.occurredAt.getTime();
    const delayMs = delayBefore(event.tries, ageMs, answer.retryAfterSeconds);
    metrics.webhook(delayMs === undefined ? "failed" : "retried");
    if (delayMs !== undefined) {
      return void (await putOffEvent(own, event, new Date(now().getTime() + delayMs), answer.text));
    }
    log.error({ eventId: event.id, type: event.type, answer: answer.text }, "an event was given up");
    await settleEvent(own, event, "failed", answer.text);
  };
}
