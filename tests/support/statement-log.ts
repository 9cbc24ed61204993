import { PostgreSqlConnection } from "@mikro-orm/postgresql";
import { SqliteConnection } from "@mikro-orm/sqlite";
import type { Database } from "../../src/database/database.js";

/** Every statement that reaches the driver, of whichever connection in this process, from here on. */
export interface StatementLog {
  texts: string[];
  stop(): void;
}

type Method = (this: unknown, ...values: unknown[]) => unknown;

/** Has a driver's own method tell what it is called with; returns what undoes it. */
function tap(prototype: object, name: string, tell: (self: unknown, values: unknown[]) => void): () => void {
  const own: unknown = Reflect.get(prototype, name);
  if (typeof own !== "function") throw new TypeError(`the driver has no ${name}`);
  const tapped: Method = function (...values) {
    tell(this, values);
    return Reflect.apply(own, this, values);
  };
  Reflect.set(prototype, name, tapped);
  return () => void Reflect.set(prototype, name, own);
}

const textOf = (query: unknown) =>
  String(typeof query === "object" && query !== null ? Reflect.get(query, "text") : query);

/** Starts a log of the statements at the driver's own methods, so that none escapes it. */
export async function logStatements({ em }: Database): Promise<StatementLog> {
  const texts: string[] = [];
  const undo: (() => void)[] = [];
  const connection = em.getConnection();
  if (connection instanceof SqliteConnection) {
    const client = await connection.getNativeClient();
    const prepared: object = Object.getPrototypeOf(client.prepare("select 1"));
    for (const name of ["run", "get", "all", "iterate"]) {
      undo.push(tap(prepared, name, (self) => texts.push(String(Reflect.get(Object(self), "source")))));
    }
    undo.push(tap(Object.getPrototypeOf(client), "exec", (_, [text]) => texts.push(String(text))));
  } else if (connection instanceof PostgreSqlConnection) {
    const client = await (await connection.getNativeClient()).connect();
    undo.push(tap(Object.getPrototypeOf(client), "query", (_, [query]) => texts.push(textOf(query))));
    client.release();
  }
  return { texts, stop: () => void undo.map((restore) => restore()) };
}

/** The statements that write, or lock what others write. */
export const writesAmong = (texts: readonly string[]) =>
  texts.filter((text) => /\b(insert|update|delete|replace|merge|truncate|create|drop|alter|reindex)\b/i.test(text));
