import { saveUser } from "../auth/save-user.js";
import type { Context, Viewer } from "../context.js";
import { checkTexts } from "../moderation/check-texts.js";
import type { User } from "../user/user.js";
import { labels, type ProfileChanges, validateProfile } from "./profile-rules.js";
import type { UpdateProfileInput } from "./update-profile-input.js";

type UpdateContext = Pick<Context, "em" | "wechat" | "contentCheck" | "rateLimits" | "clientAddress" | "now" | "log">;

/**
 * Changes what the input names and nothing else.
 * @throws AppError `BAD_USER_INPUT` or `CONTENT_REJECTED` naming the field; a `WX_…` code if a text can't be checked;
 *   `RATE_LIMITED`; `UNAUTHENTICATED` or `USER_DISABLED` if the session has ended meanwhile
 */
export async function updateProfile(context: UpdateContext, viewer: Viewer, input: UpdateProfileInput): Promise<User> {
  const { rateLimits, now, clientAddress, log } = context;
  const { user } = viewer;
  await rateLimits.consume("updateProfile", { user: user.id, address: clientAddress, log });
  const changes = differing(user, validateProfile(input, now()));
  if (Object.keys(changes).length === 0) return user;
  await checkTexts(context, viewer, shownTexts(changes));
  return Object.assign(user, await saveUser(context, viewer, changes));
}

/** What of these changes would really change something: no more is written. */
function differing(user: User, changes: ProfileChanges): ProfileChanges {
  return Object.fromEntries(Object.entries(changes).filter(([field, value]) => value !== Reflect.get(user, field)));
}

/** The fields whose text others may get to see. */
const shownFields = ["nickname", "signature", "address"] as const;

/** The texts among the changes that others would get to see. */
function shownTexts(changes: ProfileChanges) {
  return shownFields.flatMap((field) => {
    const text = changes[field];
    return typeof text === "string" ? { field, label: labels[field], text } : [];
  });
}
