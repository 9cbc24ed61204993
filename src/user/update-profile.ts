import type { SqlEntityManager } from "@mikro-orm/sql";
import { AppError } from "../errors.js";
import { checkProfile } from "./profile-rules.js";
import type { UpdateProfileInput } from "./update-profile-input.js";
import { User } from "./user.js";

/**
 * Changes what the input names and nothing else, in one statement, so that two updates at once lose neither's fields.
 * @throws AppError `BAD_USER_INPUT` naming the field; `UNAUTHENTICATED` if the user was deleted meanwhile
 */
export async function updateProfile(
  { em, now }: { em: SqlEntityManager; now: () => Date },
  user: User,
  input: UpdateProfileInput,
): Promise<User> {
  const changes = checkProfile(input, now());
  if (Object.keys(changes).length === 0) return user;
  const [row] = await em
    .createQueryBuilder(User)
    .update({ ...changes, updatedAt: now() })
    .where({ id: user.id })
    .returning("*")
    .execute<Partial<User>[]>("all");
  if (!row) throw new AppError("UNAUTHENTICATED");
  return em.map(User, row);
}
