import { isIP } from "node:net";
import { z } from "zod";
import { redact } from "../log.js";

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

/** What every answer of WeChat's has, beside what was asked for. */
export type Answer = z.infer<typeof answerShape>;

/** An answer that is none. Its message never quotes the answer. */
export class Nonsense extends Error {}

/** Reads the text of an answer, and throws {@link Nonsense} if it is none of WeChat's. */
export function parseAnswer(text: string): Answer {
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

/** WeChat's id of a request, by which its support can look it up for seven days. */
export function ridIn({ errmsg }: Answer): string | undefined {
  return /rid: ([\w-]{1,64})/.exec(errmsg)?.[1];
}

/** The address of ours that WeChat names in a refusal. */
export function addressIn({ errmsg }: Answer): string | undefined {
  const candidates = errmsg.slice(0, maxReadLength).match(/[\da-fA-F.:]+/g) ?? [];
  return candidates.flatMap((text) => [text, text.replace(/^:|[.:]+$/g, "")]).find((text) => isIP(text) !== 0);
}

/** Characters of a message that are looked at, and that are logged. */
const maxReadLength = 1_000;
const maxLoggedLength = 300;

/** The message of a refusal as the log may have it: without anything that we sent, and without what could be a secret. */
export function quotable({ errmsg }: Answer, sent: { query?: object; body?: object }): string {
  const values = Object.values<unknown>({ ...sent.query, ...sent.body }).filter((value) => typeof value === "string");
  const cut = values
    .filter((value) => value.length > 1)
    .reduce((text, value) => text.replaceAll(value, "[cut]"), errmsg);
  return redact(cut.slice(0, maxReadLength)).slice(0, maxLoggedLength);
}
