import { saveUser } from "../auth/save-user.js";
import type { Context, Viewer } from "../context.js";
import { checkTexts } from "../moderation/check-texts.js";
import type { User } from "../user/user.js";
import { fields, isField, type ProfileChanges, validateProfile } from "./profile-rules.js";
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

/** The texts among the changes that others would get to see. */
function shownTexts(changes: ProfileChanges) {
  return Object.entries(changes).flatMap(([field, text]) =>
    isField(field) && fields[field].isShown && typeof text === "string"
      ? { field, label: fields[field].label, text }
      : [],
  );
}
