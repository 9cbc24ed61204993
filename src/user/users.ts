import { raw } from "@mikro-orm/core";
import type { SqlEntityManager } from "@mikro-orm/sql";
import type { Context, Viewer } from "../context.js";
import { type Row, type Statement, statement, type Value } from "../database/statement.js";
import { AppError } from "../errors.js";
import { User } from "./user.js";

/** A user as a row of `users` tells. No entity manager keeps track of it, so that it is never written by the way. */
export function userOf(em: SqlEntityManager, row: Row): User {
  return Object.assign(new User(), em.getDriver().mapResult<User>(row, em.getMetadata(User)));
}

/** The user whom a statement that selects or returns `users.*` finds. */
export async function findUser(
  em: SqlEntityManager,
  statement: Statement,
  values: readonly Value[],
): Promise<User | undefined> {
  const [row] = await statement.rows(em, values);
  return row && userOf(em, row);
}

const disabledUser = statement("select 1 from users where id = ? and disabled_at is not null");

/** Why the caller, who was let in, may do no more. */
export async function refusalOf(em: SqlEntityManager, { user }: Pick<Viewer, "user">): Promise<AppError> {
  const disabled = await disabledUser.rows(em, [user.id]);
  return new AppError(disabled.length > 0 ? "USER_DISABLED" : "UNAUTHENTICATED");
}

/**
 * Changes these properties of the caller and nothing else, in one statement, so that two changes at once lose neither. It
 * holds only while the caller's session stands, which may have ended while WeChat was asked.
 * @throws AppError `UNAUTHENTICATED` or `USER_DISABLED` if the caller may not act any more; the ORM's error if a constraint is violated
 */
export async function saveUser(
  { em, now }: Pick<Context, "em" | "now">,
  viewer: Pick<Viewer, "user" | "session">,
  changes: Partial<User>,
): Promise<User> {
  const { id } = viewer.user;
  const stands = raw(`exists (select 1 from sessions where id = ? and user_id = ? and expires_at > ?)`, [
    viewer.session.id,
    id,
    now(),
  ]);
  const update = em
    .createQueryBuilder(User)
    .update({ ...changes, updatedAt: now() })
    .where({ id, disabledAt: null })
    .andWhere(stands)
    .returning("*");
  const [row] = await update.execute<Row[]>("all").catch((error) => {
    throw em.getPlatform().getExceptionConverter().convertException(error);
  });
  if (!row) throw await refusalOf(em, viewer);
  return Object.assign(new User(), row);
}
