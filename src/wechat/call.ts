import { setTimeout } from "node:timers/promises";
import { createFetch } from "ofetch";
import type { Logger } from "pino";
import { z } from "zod";
import { AppError } from "../errors.js";
import { codeOf } from "../log.js";
import { WechatRefusal } from "./errcodes.js";

/** One request to WeChat. Query and body may hold secrets, so neither they nor the address are ever logged. */
export interface WechatRequest {
  path: string;
  query?: Record<string, string>;
  /** Sent as JSON by POST; without it the request is a GET. */
  body?: object;
}

/** Calls WeChat and returns what the shape makes of a successful answer. */
export type CallWechat = <Shape extends z.ZodType>(request: WechatRequest, shape: Shape) => Promise<z.infer<Shape>>;

/** Told of every call that is over. The errcode is undefined if there was no usable answer. */
export type ObserveCall = (call: { endpoint: string; errcode: number | undefined; seconds: number }) => void;

interface CallOptions {
  apiUrl: string;
  fetch: typeof globalThis.fetch;
  now: () => Date;
  log: Logger;
  observe: ObserveCall;
}

/** For a call with all its tries. */
const callTimeoutMs = 5_000;

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

const answerShape = z.looseObject({
  errcode: z
    .union([
      z.int(),
      z
        .string()
        .regex(/^-?\d+$/)
        .transform(Number),
    ])
    .default(0),
  errmsg: z.string().catch(""),
});

type Answer = z.infer<typeof answerShape>;

/**
 * Makes the function that calls WeChat. It tries again only when nothing was sent, or when WeChat itself says that it is
 * busy; it follows no redirect, reads no endless answer, and is done within five seconds.
 * The function throws {@link WechatRefusal} for an errcode, and `WX_BUSY` for everything that is no sensible answer.
 */
export function createCall({ apiUrl, fetch, now, log, observe }: CallOptions): CallWechat {
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

  async function attemptTwice(request: WechatRequest, signal: AbortSignal): Promise<Answer> {
    try {
      const answer = await attempt(request, signal);
      if (answer.errcode !== -1) return answer;
      log.warn({ endpoint: request.path, ...rid(answer) }, "WeChat is busy, trying once more");
      await setTimeout(backoffMs, undefined, { signal });
    } catch (error) {
      if (!unsent.has(networkCode(error))) throw error;
      log.warn({ endpoint: request.path, fault: networkCode(error) }, "WeChat not reached, trying once more");
    }
    return attempt(request, signal);
  }

  async function answerTo(request: WechatRequest): Promise<Answer> {
    const signal = AbortSignal.timeout(callTimeoutMs);
    const startedAt = performance.now();
    let errcode: number | undefined;
    try {
      const answer = await attemptTwice(request, signal);
      errcode = answer.errcode;
      return answer;
    } catch (error) {
      throw busy(request, signal.aborted ? `no answer within ${callTimeoutMs} ms` : faultOf(error));
    } finally {
      observe({ endpoint: request.path, errcode, seconds: (performance.now() - startedAt) / 1_000 });
    }
  }

  function busy({ path }: WechatRequest, fault: string): AppError {
    log.warn({ endpoint: path, fault }, "WeChat gave no usable answer");
    return new AppError("WX_BUSY");
  }

  function refused({ path }: WechatRequest, answer: Answer): WechatRefusal {
    const refusal = new WechatRefusal(answer.errcode, now());
    const level = refusal.code === "WX_MISCONFIGURED" ? "error" : "warn";
    log[level]({ endpoint: path, errcode: answer.errcode, ...rid(answer), ...address(answer) }, "WeChat refused");
    return refusal;
  }

  return async (request, shape) => {
    const answer = await answerTo(request);
    if (answer.errcode !== 0) throw refused(request, answer);
    const checked = shape.safeParse(answer);
    if (!checked.success) throw busy(request, "an answer of another shape");
    return checked.data;
  };
}

/** A POST of JSON as WeChat wants it: raw UTF-8, for with escapes its content check lets everything pass. */
const post = (body: object) => ({
  method: "POST",
  headers: { "content-type": "application/json" },
  body: JSON.stringify(body),
});

/** An answer that is none. Its message never quotes the answer. */
class Nonsense extends Error {}

async function readText(response: Response, signal: AbortSignal): Promise<string> {
  const decoder = new TextDecoder("utf-8");
  let text = "";
  let size = 0;
  for await (const chunk of response.body ?? []) {
    signal.throwIfAborted();
    size += chunk.byteLength;
    if (size > maxAnswerBytes) throw new Nonsense(`an answer of over ${maxAnswerBytes} bytes`);
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

function parseAnswer(text: string): Answer {
  const parsed = answerShape.safeParse(parseJson(text));
  if (!parsed.success) throw new Nonsense("an answer of another shape");
  return parsed.data;
}

/** WeChat puts people's text into JSON with raw control characters, which JSON forbids. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text.replace(/\p{Cc}/gu, " "));
  } catch {
    throw new Nonsense("an answer that is no JSON");
  }
}

/** The code of a network fault: fetch hides it in the cause, and ofetch hides that in a cause of its own. */
function networkCode(error: unknown): string {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    const code = codeOf(cause);
    if (code !== undefined) return code;
  }
  return "";
}

function faultOf(error: unknown): string {
  return error instanceof Nonsense ? error.message : networkCode(error) || "the request failed";
}

/** WeChat's id of a request, by which its support can look it up for seven days. */
function rid({ errmsg }: Answer): { rid?: string } {
  const found = /rid: ([\w-]{1,64})/.exec(errmsg)?.[1];
  return found === undefined ? {} : { rid: found };
}

/** The address of ours that is missing on WeChat's list of allowed ones. */
function address({ errcode, errmsg }: Answer): { address?: string } {
  const found = errcode === 40164 ? /invalid ip ([\d.a-fA-F:]{3,45})/.exec(errmsg)?.[1] : undefined;
  return found === undefined ? {} : { address: found };
}
