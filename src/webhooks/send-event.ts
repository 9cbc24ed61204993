import { createHmac } from "node:crypto";
import { codeInCauses } from "../log.js";
import { within } from "../within.js";
import type { ClaimedEvent } from "./queue.js";
import { retryAfterOf } from "./schedule.js";

/** To whom events are told. */
export interface Endpoint {
  url: string;
  /** What signs: one key, or two while the receiver changes over. */
  keys: readonly Buffer[];
}

/** What became of a try. */
export interface Answer {
  isDelivered: boolean;
  /** Whether the receiver wants no event any more: 410. */
  isGone: boolean;
  /** The status, or the code of the fault. */
  text: string;
  retryAfterSeconds: number;
}

interface SendOptions {
  endpoint: Endpoint;
  fetch: typeof globalThis.fetch;
  now: () => Date;
}

/** In which the receiver must have answered. */
const timeoutMs = 20_000;

/** Sends an event once. It never throws; `stop` ends it early, which counts as a fault of its own. */
export async function sendEvent(options: SendOptions, event: ClaimedEvent, stop: AbortSignal): Promise<Answer> {
  const late = new AbortController();
  const signal = AbortSignal.any([late.signal, stop]);
  return within(timeoutMs, post(options, event, signal), () => {
    late.abort();
    return fault("timeout");
  });
}

const fault = (text: string): Answer => ({ isDelivered: false, isGone: false, text, retryAfterSeconds: 0 });

async function post({ endpoint, fetch, now }: SendOptions, event: ClaimedEvent, signal: AbortSignal): Promise<Answer> {
  const body = bodyOf(event);
  const headers = headersOf(event.id, Math.floor(now().getTime() / 1_000), body, endpoint.keys);
  try {
    const answer = await fetch(endpoint.url, { method: "POST", headers, body, redirect: "manual", signal });
    // Nothing that the receiver says is kept, and its connection is free for the next event.
    await answer.body?.cancel();
    const retryAfterSeconds = retryAfterOf(answer.headers.get("retry-after"), now());
    return { isDelivered: answer.ok, isGone: answer.status === 410, text: String(answer.status), retryAfterSeconds };
  } catch (error) {
    return fault(codeInCauses(error) ?? "no answer");
  }
}

/** The same for every try, so that it is the same event. */
const bodyOf = ({ type, occurredAt, userId, data }: ClaimedEvent): string =>
  JSON.stringify({ type, timestamp: occurredAt.toISOString(), data: { userId, ...data } });

/**
 * The headers of Standard Webhooks.
 * @see https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
function headersOf(id: string, timestampSeconds: number, body: string, keys: readonly Buffer[]) {
  const signed = `${id}.${timestampSeconds}.${body}`;
  const signatures = keys.map((key) => `v1,${createHmac("sha256", key).update(signed).digest("base64")}`);
  return {
    "content-type": "application/json",
    "user-agent": "wxpass",
    "webhook-id": id,
    "webhook-timestamp": String(timestampSeconds),
    "webhook-signature": signatures.join(" "),
  };
}
