import type { IncomingHttpHeaders } from "node:http";
import Negotiator from "negotiator";
import type { Language } from "../errors.js";

/** The language for messages: English where the client prefers it, else Chinese. */
export function languageOf(headers: IncomingHttpHeaders): Language {
  return new Negotiator({ headers }).language(["zh", "en"]) === "en" ? "en" : "zh";
}
