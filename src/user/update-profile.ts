import type { SqlEntityManager } from "@mikro-orm/sql";
import type { RateLimits } from "../limits/rate-limits.js";
import { checkProfile } from "./profile-rules.js";
import { saveUser } from "./save-user.js";
import type { UpdateProfileInput } from "./update-profile-input.js";
import type { User } from "./user.js";

interface Dependencies {
  em: SqlEntityManager;
  rateLimits: RateLimits;
  now: () => Date;
  clientAddress: string;
}

/**
 * Changes what the input names and nothing else.
 * @throws AppError `BAD_USER_INPUT` naming the field; `RATE_LIMITED`; `UNAUTHENTICATED` if the user was deleted meanwhile
 */
export async function updateProfile(
  { em, rateLimits, now, clientAddress }: Dependencies,
  user: User,
  input: UpdateProfileInput,
): Promise<User> {
  await rateLimits.consume("updateProfile", { user: user.id, address: clientAddress });
  const changes = checkProfile(input, now());
  if (Object.keys(changes).length === 0) return user;
  return saveUser(em, user.id, { ...changes, updatedAt: now() });
}
