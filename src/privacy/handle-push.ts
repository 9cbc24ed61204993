import { createHash } from "node:crypto";
import { UniqueConstraintViolationException } from "@mikro-orm/core";
import type { SqlEntityManager } from "@mikro-orm/sql";
import { wechat } from "../audit/record-act.js";
import { findUserByOpenid } from "../auth/identities.js";
import { applyAvatarVerdict } from "../avatar/apply-avatar-verdict.js";
import type { Context } from "../context.js";
import type { User } from "../user/user.js";
import type { ParsedPush, PushedEvent, PushedPerson } from "../wechat/push/event.js";
import { eraseFields } from "./erase-fields.js";
import { eraseWhoLeft } from "./erase-who-left.js";
import { HandledPush } from "./handled-push.js";
import { fieldsOf } from "./revoke-info.js";

type PushContext = Pick<Context, "em" | "avatarStore" | "now" | "log">;

/** A message that is WeChat's. */
interface Push {
  event: Exclude<ParsedPush, { name: "unreadable" }>;
  /** What came, decrypted. */
  text: string;
  /** The apps that it may be about, the first being the default. */
  appIds: readonly string[];
  /** The one of them that it is about unless the event names another. */
  appId: string | undefined;
}

/** Writes, in the transaction of what a message asks, that it was handled. */
type Remember = (transaction: SqlEntityManager) => Promise<unknown>;

/**
 * Does what a message of WeChat's asks, once. That it was handled is written in the same transaction, by which of several
 * deliveries at once one does it and the others wait for that; if it fails, nothing is written, and the repetition is
 * handled. A file is removed after that: where it can't be, the sweep of unused files tries again.
 */
export async function handlePush(context: PushContext, push: Push): Promise<void> {
  const { em, now, log } = context;
  const { event, text } = push;
  if (event.name === "other") return log.info({ event: event.type }, "a message of WeChat's asks nothing of us");
  const id = createHash("sha256").update(text).digest("base64url");
  const user = "openid" in event ? await findPerson(em, event, push) : undefined;
  const again = () => log.info({ event: event.name }, "a message of WeChat's came again");
  if (await em.findOne(HandledPush, id)) return again();
  try {
    await obey(context, event, user, (transaction) => transaction.insert(HandledPush, { id, handledAt: now() }));
  } catch (error) {
    if (!(error instanceof UniqueConstraintViolationException)) throw error;
    return again();
  }
}

async function obey(
  context: PushContext,
  event: PushedEvent,
  user: User | undefined,
  remember: Remember,
): Promise<void> {
  const { em, log } = context;
  if (event.name === "wxa_media_check") {
    return applyAvatarVerdict(context, event.traceId, event.verdict, remember);
  }
  const details = { event: event.name, userId: user?.id };
  if (!user) {
    await remember(em);
    return log.info(details, "a message of WeChat's is about nobody here");
  }
  if (event.name === "user_authorization_cancellation") {
    const outcome = await eraseWhoLeft(context, user.id, remember);
    return log.info(details, `somebody has left WeChat: ${outcomes[outcome]}`);
  }
  const fields = event.name === "user_authorization_revoke" ? fieldsOf(event.items) : riskyFields;
  await eraseFields({ ...context, by: wechat }, user, fields, remember);
  log.info({ ...details, fields }, "fields were erased, as WeChat asked");
}

const outcomes = {
  erased: "the user was erased",
  "kept out": "the user is disabled, so the data were erased, and the user stays out",
};

/** What WeChat may have found risky; it doesn't say which. */
const riskyFields = ["nickname", "avatar"] as const;

/** An openid means somebody in one app only: the one that the event names, else the address, else the first that knows it. */
async function findPerson(
  em: SqlEntityManager,
  { openid, appId: named }: PushedPerson,
  { appIds, appId }: Pick<Push, "appIds" | "appId">,
): Promise<User | undefined> {
  const app = named ?? appId;
  for (const candidate of app === undefined ? appIds : appIds.filter((known) => known === app)) {
    const user = await findUserByOpenid(em, candidate, openid);
    if (user) return user;
  }
  return undefined;
}
