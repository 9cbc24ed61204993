import { createHash, randomBytes } from "node:crypto";
import type { SqlEntityManager } from "@mikro-orm/sql";
import { type Actor, recordAct } from "../audit/record-act.js";
import { statement } from "../database/statement.js";
import { Operator } from "./operator.js";

/** What these functions need: the data and the time. */
interface OperatorContext {
  em: SqlEntityManager;
  now: () => Date;
}

/** For which a link is good. */
export const linkLifeMs = 600_000;

/** For which an operator stays signed in. */
export const operatorSessionSeconds = 8 * 3_600;

/** 32 random bytes, which nobody guesses: no limit on tries is needed. */
const newSecret = () => randomBytes(32).toString("base64url");

const hashOf = (secret: string) => createHash("sha256").update(secret).digest("base64url");

const keepLink = statement(`
  insert into operators (name, link_hash, link_expires_at, created_at) values (?, ?, ?, ?)
  on conflict (name) do update set link_hash = excluded.link_hash, link_expires_at = excluded.link_expires_at`);

/** Returns the key of a new link with which the operator signs in once; an earlier one is void. Makes the operator if there is none. */
export async function makeLink({ em, now }: OperatorContext, by: Actor, name: string): Promise<string> {
  const key = newSecret();
  const expiresAt = new Date(now().getTime() + linkLifeMs);
  await em.fork().transactional(async (transaction) => {
    await keepLink.run(transaction, [name, hashOf(key), expiresAt, now()]);
    await recordAct(transaction, now(), { by, act: "login-link", detail: name });
  });
  return key;
}

const readLink = statement("select name from operators where link_hash = ? and link_expires_at > ?");

/** Whose link has this key, as long as it is good. */
export async function operatorOfLink({ em, now }: OperatorContext, key: string): Promise<string | undefined> {
  const [row] = await readLink.rows(em, [hashOf(key), now()]);
  return row && String(row["name"]);
}

const useLink = statement(`
  update operators set link_hash = null, link_expires_at = null where link_hash = ? and link_expires_at > ?
  returning name`);

const insertSession = statement(
  "insert into operator_sessions (token_hash, operator_name, expires_at) values (?, ?, ?)",
);

/** Signs in whoever holds the key of a good link, which is void then; returns the token for the browser's cookie. */
export async function useOperatorLink(
  { em, now }: OperatorContext,
  key: string,
  address: string,
): Promise<string | undefined> {
  return em.fork().transactional(async (transaction) => {
    const [row] = await useLink.rows(transaction, [hashOf(key), now()]);
    if (!row) return undefined;
    const token = newSecret();
    const name = String(row["name"]);
    const expiresAt = new Date(now().getTime() + operatorSessionSeconds * 1_000);
    await insertSession.run(transaction, [hashOf(token), name, expiresAt]);
    await recordAct(transaction, now(), { by: { name, origin: "page", address }, act: "sign-in" });
    return token;
  });
}

const readSession = statement("select operator_name from operator_sessions where token_hash = ? and expires_at > ?");

/** Whose token this is, as long as the session stands. */
export async function operatorOfToken({ em, now }: OperatorContext, token: string): Promise<string | undefined> {
  const [row] = await readSession.rows(em, [hashOf(token), now()]);
  return row && String(row["operator_name"]);
}

const deleteSession = statement("delete from operator_sessions where token_hash = ?");

/** Ends the session of this token. */
export const signOutOperator = (em: SqlEntityManager, token: string) => deleteSession.run(em, [hashOf(token)]);

/** All operators, by name. */
export const listOperators = (em: SqlEntityManager) => em.find(Operator, {}, { orderBy: { name: "asc" } });

/** Removes an operator, signs them out and voids their link; false if there is none of this name. */
export async function removeOperator({ em, now }: OperatorContext, by: Actor, name: string): Promise<boolean> {
  return em.fork().transactional(async (transaction) => {
    const isGone = (await transaction.nativeDelete(Operator, { name })) > 0;
    if (isGone) await recordAct(transaction, now(), { by, act: "remove-operator", detail: name });
    return isGone;
  });
}
