import type { IncomingHttpHeaders } from "node:http";
import Negotiator from "negotiator";
import type { Language } from "../errors.js";

/** Characters of a header that are looked at: more than any honest one has. */
const maxHeaderLength = 1_000;

const shortened = (header: string | undefined) => header?.slice(0, maxHeaderLength);

/** The language for messages: English where the client prefers it, else Chinese. */
export function languageOf(headers: IncomingHttpHeaders): Language {
  const preferred = { "accept-language": shortened(headers["accept-language"]) };
  return new Negotiator({ headers: preferred }).language(["zh", "en"]) === "en" ? "en" : "zh";
}

/** What a request brings as `Authorization: Bearer …`. */
export const bearerOf = ({ authorization = "" }: IncomingHttpHeaders): string | undefined =>
  /^Bearer +(\S+) *$/i.exec(authorization)?.[1];

const json = "application/json";

/** The media type with which the status tells whether there was an operation. https://graphql.github.io/graphql-over-http/draft/#sec-Media-Types */
const graphqlResponse = "application/graphql-response+json";

/** The media type of the answer to a GraphQL request, or undefined if the client takes none that there is. */
export function answerType(accept: string | undefined): string | undefined {
  if (accept === undefined || accept === "*/*" || accept === json) return json;
  return new Negotiator({ headers: { accept: shortened(accept) } }).mediaType([json, graphqlResponse]);
}

/** Whether the client is answered in the media type in which a failed variable is a bad request. */
export const knowsStatus = (accept: string | undefined) => answerType(accept) === graphqlResponse;
