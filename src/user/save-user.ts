import type { SqlEntityManager } from "@mikro-orm/sql";
import { AppError } from "../errors.js";
import { User } from "./user.js";

/**
 * Changes these properties of a user and nothing else, in one statement, so that two changes at once lose neither.
 * @throws AppError `UNAUTHENTICATED` if the user was deleted meanwhile; the ORM's error if a constraint is violated
 */
export async function saveUser(em: SqlEntityManager, id: string, changes: Partial<User>): Promise<User> {
  const statement = em.createQueryBuilder(User).update(changes).where({ id }).returning("*");
  const [row] = await statement.execute<Partial<User>[]>("all").catch((error) => {
    throw em.getPlatform().getExceptionConverter().convertException(error);
  });
  if (!row) throw new AppError("UNAUTHENTICATED");
  return em.map(User, row);
}
