import { createHash } from "node:crypto";
import { findUserByOpenid } from "../auth/identities.js";
import { applyAvatarVerdict } from "../avatar/apply-avatar-verdict.js";
import type { Context } from "../context.js";
import type { User } from "../user/user.js";
import type { ParsedPush, PushedEvent, PushedPerson } from "../wechat/push.js";
import { eraseFields } from "./erase-fields.js";
import { eraseUser } from "./erase-user.js";
import { HandledPush } from "./handled-push.js";
import { fieldsOf } from "./revoke-info.js";

/** With the apps of this server, the first being the default. */
type PushContext = Pick<Context, "em" | "avatarStore" | "now" | "log"> & { appIds: readonly string[] };

/** A message whose signature was checked. */
interface Push {
  event: Exclude<ParsedPush, { name: "unreadable" }>;
  body: string;
  /** The app that the address names. */
  appId: string | undefined;
}

/**
 * Does what a message of WeChat's asks. Everything that it does can be done again without harm, so a message that fails
 * half way is handled once more when WeChat repeats it; one that was handled is remembered, and a replay does nothing.
 */
export async function handlePush(context: PushContext, { event, body, appId }: Push): Promise<void> {
  const { em, now, log } = context;
  if (event.name === "other") return log.info({ event: event.type }, "a message of WeChat's asks nothing of us");
  const id = createHash("sha256").update(body).digest("base64url");
  if (await em.findOne(HandledPush, id)) return log.info({ event: event.name }, "a message of WeChat's came again");
  await obey(context, event, appId);
  await em.upsert(HandledPush, { id, handledAt: now() });
}

async function obey(context: PushContext, event: PushedEvent, appId: string | undefined): Promise<void> {
  if (event.name === "wxa_media_check") return applyAvatarVerdict(context, event.traceId, event.verdict);
  const user = await findPerson(context, event, appId);
  const details = { event: event.name, userId: user?.id };
  if (!user) return context.log.info(details, "a message of WeChat's is about nobody here");
  if (event.name === "user_authorization_cancellation") {
    await eraseUser(context, user.id);
    return context.log.info(details, "somebody has left WeChat: the user was erased");
  }
  const fields = event.name === "user_authorization_revoke" ? fieldsOf(event.items) : riskyFields;
  await eraseFields(context, user, fields);
  context.log.info({ ...details, fields }, "fields were erased, as WeChat asked");
}

/** What WeChat may have found risky; it doesn't say which. */
const riskyFields = ["nickname", "avatar"] as const;

/** An openid means somebody in one app only: the one that the event names, else the address, else the first that knows it. */
async function findPerson(
  { em, appIds }: PushContext,
  { openid, appId: named }: PushedPerson,
  appId: string | undefined,
): Promise<User | undefined> {
  const app = named ?? appId;
  for (const candidate of app === undefined ? appIds : appIds.filter((known) => known === app)) {
    const user = await findUserByOpenid(em, candidate, openid);
    if (user) return user;
  }
  return undefined;
}
