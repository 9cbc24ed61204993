import type { FastifyRequest } from "fastify";
import { operatorSessionSeconds } from "../../operators/operators.js";

const name = "__Host-wxpass-operator";
const value = new RegExp(`(?:^|;\\s*)${name}=([\\w-]{43})(?:;|$)`);
const attributes = "Path=/; HttpOnly; Secure; SameSite=Strict";

/** The token of the operator's session that a browser sends. */
export const tokenOf = ({ headers }: FastifyRequest): string | undefined => value.exec(headers.cookie ?? "")?.[1];

/**
 * The cookie that keeps a token in the browser. No other host can set it, and no page of another site has it sent along.
 * @see https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers/Set-Cookie#cookie_prefixes
 */
export const keepToken = (token: string) => `${name}=${token}; Max-Age=${operatorSessionSeconds}; ${attributes}`;

export const dropToken = `${name}=; Max-Age=0; ${attributes}`;
