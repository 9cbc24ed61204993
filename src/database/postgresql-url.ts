import { readFileSync } from "node:fs";
import { codeOf } from "../log.js";

/**
 * What may stand after `?` in the address of a PostgreSQL: what its driver reads there, without `binary` and `replication`,
 * which change the form of the answers. See https://node-postgres.com/features/connecting and its pg-connection-string.
 */
const parameters = new Set([
  ...["user", "password", "host", "port", "options", "client_encoding"],
  ...["application_name", "fallback_application_name"],
  ...["statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout", "query_timeout"],
  ...["ssl", "sslmode", "sslcert", "sslkey", "sslrootcert", "sslnegotiation", "uselibpqcompat"],
]);

const tlsWords: Record<string, readonly string[]> = {
  sslmode: ["disable", "prefer", "require", "verify-ca", "verify-full", "no-verify"],
  ssl: ["true", "1", "0", "no-verify"],
  sslnegotiation: ["postgres", "direct"],
  uselibpqcompat: ["true"],
};

/** The driver takes an address without a host between `@` and `/`, for a socket that a parameter names; `URL` doesn't. */
const parse = (url: string) => URL.parse(url.replace("@/", "@localhost/"));

/** Whether this is the address of a PostgreSQL. */
export const isPostgresqlUrl = (url: string) => /^postgres(ql)?:\/\//.test(url) && parse(url) !== null;

/** What is wrong with the parameters of such an address: a line each, without any value. */
export function faultsOfParameters(url: string): string[] {
  const given = [...(parse(url)?.searchParams ?? [])];
  return given.flatMap(([name, value]) => {
    if (!parameters.has(name))
      return [`has a parameter that isn't known: ${name.replace(/[^\w-]/g, "?").slice(0, 40)}`];
    const words = tlsWords[name];
    if (words && !words.includes(value)) return [`${name} must be one of ${words.join(", ")}`];
    if (["sslcert", "sslkey", "sslrootcert"].includes(name)) return unreadable(name, value);
    return [];
  });
}

function unreadable(name: string, file: string): string[] {
  try {
    readFileSync(file);
    return [];
  } catch (error) {
    return [`the file that ${name} names can't be read (${codeOf(error)})`];
  }
}

/**
 * The address as the driver gets it. It takes `prefer`, `require` and `verify-ca` for `verify-full` and warns each time that it
 * will do otherwise one day; named as what they do today they stay so.
 */
export function driverUrl(url: string): string {
  if (/[?&]uselibpqcompat=true(&|$)/.test(url)) return url;
  return url.replace(/([?&]sslmode=)(?:prefer|require|verify-ca)(?=&|$)/, "$1verify-full");
}

/** Which database an address names. */
export const databaseNameOf = (url: string) => decodeURIComponent(parse(url)?.pathname.slice(1) ?? "");
