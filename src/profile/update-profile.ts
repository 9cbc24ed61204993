import type { SqlEntityManager } from "@mikro-orm/sql";
import type { Logger } from "pino";
import type { RateLimits } from "../limits/rate-limits.js";
import { checkTexts } from "../moderation/check-texts.js";
import { saveUser } from "../user/save-user.js";
import type { User } from "../user/user.js";
import type { Verdict } from "../wechat/verdict.js";
import { checkProfile } from "./profile-rules.js";
import type { UpdateProfileInput } from "./update-profile-input.js";

interface Dependencies {
  em: SqlEntityManager;
  rateLimits: RateLimits;
  /** Asks WeChat about a text of the caller's; undefined if the content check is off. */
  judgeText: ((text: string) => Promise<Verdict>) | undefined;
  now: () => Date;
  log: Logger;
  clientAddress: string;
}

/**
 * Changes what the input names and nothing else.
 * @throws AppError `BAD_USER_INPUT` or `CONTENT_REJECTED` naming the field; a `WX_…` code if a text can't be checked;
 *   `RATE_LIMITED`; `UNAUTHENTICATED` if the user was deleted meanwhile
 */
export async function updateProfile(
  { em, rateLimits, judgeText, now, log, clientAddress }: Dependencies,
  user: User,
  input: UpdateProfileInput,
): Promise<User> {
  await rateLimits.consume("updateProfile", { user: user.id, address: clientAddress, log });
  const changes = checkProfile(input, now());
  if (Object.keys(changes).length === 0) return user;
  if (judgeText) await checkTexts({ judgeText, log }, user, changes);
  return saveUser(em, user.id, { ...changes, updatedAt: now() });
}
