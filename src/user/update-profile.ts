import type { SqlEntityManager } from "@mikro-orm/sql";
import { checkProfile } from "./profile-rules.js";
import { saveUser } from "./save-user.js";
import type { UpdateProfileInput } from "./update-profile-input.js";
import type { User } from "./user.js";

/**
 * Changes what the input names and nothing else.
 * @throws AppError `BAD_USER_INPUT` naming the field; `UNAUTHENTICATED` if the user was deleted meanwhile
 */
export async function updateProfile(
  { em, now }: { em: SqlEntityManager; now: () => Date },
  user: User,
  input: UpdateProfileInput,
): Promise<User> {
  const changes = checkProfile(input, now());
  if (Object.keys(changes).length === 0) return user;
  return saveUser(em, user.id, { ...changes, updatedAt: now() });
}
