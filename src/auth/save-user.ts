import type { SqlEntityManager } from "@mikro-orm/sql";
import type { Context, Viewer } from "../context.js";
import { type Row, statement } from "../database/statement.js";
import { AppError } from "../errors.js";
import { withFoldedNickname } from "../user/nickname.js";
import { User } from "../user/user.js";
import { Session } from "./session.js";

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
  viewer: Viewer,
  changes: Partial<User>,
): Promise<User> {
  const standing = { id: viewer.session.id, user: viewer.user.id, expiresAt: { $gt: now() } };
  const update = em
    .createQueryBuilder(User)
    .update({ ...withFoldedNickname(changes), updatedAt: now() })
    .where({ id: { $in: em.createQueryBuilder(Session).select("user").where(standing) }, disabledAt: null })
    .returning("*");
  const [row] = await update.execute<Row[]>("all").catch((error) => {
    throw em.getPlatform().getExceptionConverter().convertException(error);
  });
  if (!row) throw await refusalOf(em, viewer);
  return Object.assign(new User(), row);
}
