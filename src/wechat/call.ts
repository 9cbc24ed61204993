import { setTimeout } from "node:timers/promises";
import { createFetch } from "ofetch";
import type { Logger } from "pino";
import { z } from "zod";
import { AppError } from "../errors.js";
import { codeInCauses } from "../log.js";
import { type Answer, addressIn, Nonsense, parseAnswer, quotable, ridIn } from "./answer.js";
import { addressErrcodes, WechatRefusal } from "./errcodes.js";

/** One request to WeChat. Query and body may hold secrets, so neither they nor the address are ever logged. */
export interface WechatRequest {
  path: string;
  query?: Record<string, string>;
  /** Sent as JSON by POST; without it the request is a GET. */
  body?: object;
}

/**
 * Calls WeChat and returns what the shape makes of a successful answer. What happens is logged by the logger of the request
 * for which it is done. A signal may end the call earlier than its own deadline.
 */
export type CallWechat = <Shape extends z.ZodType>(
  log: Logger,
  request: WechatRequest,
  shape: Shape,
  signal?: AbortSignal,
) => Promise<z.infer<Shape>>;

/** Told of every call that is over. The errcode is undefined if there was no usable answer. */
export type ObserveCall = (call: { endpoint: string; errcode: number | undefined; seconds: number }) => void;

interface CallOptions {
  apiUrl: string;
  fetch: typeof globalThis.fetch;
  now: () => Date;
  observe: ObserveCall;
}

/** For a call with all its tries. */
const callTimeoutMs = 5_000;

/** In which that time is counted. */
const deadlineStepMs = 250;

/** By how much it grows at most for what this process itself was too busy for. */
const maxBusyMs = 500;

/**
 * Ends a call when its time is over. Time in which this process itself was too busy to send or read isn't WeChat's: it counts
 * as one step, and what has come meanwhile is read before the end.
 */
export async function withDeadline<Result>(call: (signal: AbortSignal) => Promise<Result>): Promise<Result> {
  const controller = new AbortController();
  const endAt = performance.now() + callTimeoutMs + maxBusyMs;
  let left = callTimeoutMs / deadlineStepMs;
  let timer: NodeJS.Timeout | undefined;
  const step = () => {
    if (left-- > 0 && performance.now() < endAt) timer = globalThis.setTimeout(step, deadlineStepMs).unref();
    else setImmediate(() => controller.abort());
  };
  step();
  try {
    return await call(controller.signal);
  } finally {
    clearTimeout(timer);
  }
}

/** Before the one retry that "system busy" gets. */
const backoffMs = 200;

/** WeChat's longest answer is far below. */
const maxAnswerBytes = 65_536;

/** Faults at which nothing was sent, so that a one-time code can't have been spent. */
const unsent = new Set([
  "ENOTFOUND",
  "EAI_AGAIN",
  "ECONNREFUSED",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "UND_ERR_CONNECT_TIMEOUT",
]);

/**
 * Makes the function that calls WeChat. It tries again only when nothing was sent, or when WeChat itself says that it is
 * busy; it follows no redirect, reads no endless answer, and is done within five seconds.
 * The function throws {@link WechatRefusal} for an errcode, and `WX_BUSY` for everything that is no sensible answer.
 */
export function createCall({ apiUrl, fetch, now, observe }: CallOptions): CallWechat {
  const client = createFetch({
    fetch,
    defaults: { baseURL: apiUrl, retry: 0, redirect: "manual", ignoreResponseError: true, responseType: "stream" },
  });

  async function attempt({ path, query = {}, body }: WechatRequest, signal: AbortSignal): Promise<Answer> {
    const response = await client.raw(path, { query, signal, ...(body && post(body)) });
    if (response.status !== 200) {
      await response.body?.cancel();
      throw new Nonsense(`HTTP status ${response.status}`);
    }
    return parseAnswer(await readText(response, signal));
  }

  async function attemptTwice(log: Logger, request: WechatRequest, signal: AbortSignal): Promise<Answer> {
    try {
      const answer = await attempt(request, signal);
      if (answer.errcode !== -1) return answer;
      log.warn({ endpoint: request.path, rid: ridIn(answer) }, "WeChat is busy, trying once more");
      await setTimeout(backoffMs, undefined, { signal });
    } catch (error) {
      if (!unsent.has(codeInCauses(error) ?? "")) throw error;
      log.warn({ endpoint: request.path, fault: codeInCauses(error) }, "WeChat not reached, trying once more");
    }
    return attempt(request, signal);
  }

  async function answerTo(log: Logger, request: WechatRequest, signal: AbortSignal): Promise<Answer> {
    const startedAt = performance.now();
    let errcode: number | undefined;
    try {
      const answer = await attemptTwice(log, request, signal);
      errcode = answer.errcode;
      return answer;
    } catch (error) {
      throw busy(log, request, signal.aborted ? `no answer within ${callTimeoutMs} ms` : faultOf(error));
    } finally {
      observe({ endpoint: request.path, errcode, seconds: (performance.now() - startedAt) / 1_000 });
    }
  }

  return async (log, request, shape, signal) => {
    const answer = await (signal ? answerTo(log, request, signal) : withDeadline((own) => answerTo(log, request, own)));
    if (answer.errcode !== 0) throw refused(log, request, answer, now());
    const checked = shape.safeParse(answer);
    if (!checked.success) throw busy(log, request, "an answer of another shape");
    return checked.data;
  };
}

/** WeChat gave no usable answer. The fault is a code of the network, or says what came instead, and never quotes it. */
export class NoAnswer extends AppError {
  readonly fault: string;

  constructor(fault: string) {
    super("WX_BUSY");
    this.fault = fault;
  }
}

function busy(log: Logger, { path }: WechatRequest, fault: string): NoAnswer {
  log.warn({ endpoint: path, fault }, "WeChat gave no usable answer");
  return new NoAnswer(fault);
}

function refused(log: Logger, request: WechatRequest, answer: Answer, now: Date): WechatRefusal {
  const { errcode } = answer;
  const address = addressErrcodes.has(errcode) ? { address: addressIn(answer) } : {};
  const refusal = new WechatRefusal(errcode, now, address.address);
  const { meaning, needsOperator } = refusal;
  const words = needsOperator && { errmsg: quotable(answer, request), ...address };
  const details = { endpoint: request.path, errcode, meaning, rid: ridIn(answer), ...words };
  log[needsOperator ? "error" : "warn"](details, "WeChat refused");
  return refusal;
}

/** A POST of JSON as WeChat wants it: raw UTF-8, for with escapes its content check lets everything pass. */
const post = (body: object) => ({
  method: "POST",
  headers: { "content-type": "application/json" },
  body: JSON.stringify(body),
});

async function readText(response: Response, signal: AbortSignal): Promise<string> {
  const decoder = new TextDecoder("utf-8");
  let text = "";
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    signal.throwIfAborted();
    bytes += chunk.byteLength;
    if (bytes > maxAnswerBytes) throw new Nonsense(`an answer of over ${maxAnswerBytes} bytes`);
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

function faultOf(error: unknown): string {
  return error instanceof Nonsense ? error.message : (codeInCauses(error) ?? "the request failed");
}
