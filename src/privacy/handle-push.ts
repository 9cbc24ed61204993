import { createHash } from "node:crypto";
import type { SqlEntityManager } from "@mikro-orm/sql";
import type { Logger } from "pino";
import { findUserByOpenid } from "../auth/find-user-by-openid.js";
import { applyAvatarVerdict } from "../avatar/apply-avatar-verdict.js";
import type { AvatarStore } from "../storage/file-store.js";
import type { User } from "../user/user.js";
import type { ParsedPush, PushedEvent, PushedPerson } from "../wechat/push.js";
import { eraseFields } from "./erase-fields.js";
import { eraseUser } from "./erase-user.js";
import { HandledPush } from "./handled-push.js";
import { fieldsOf } from "./revoke-info.js";

interface Dependencies {
  em: SqlEntityManager;
  avatarStore: AvatarStore;
  /** The apps of this server, the first being the default. */
  appIds: readonly string[];
  now: () => Date;
  log: Logger;
}

/** A message whose signature was checked. */
interface Push {
  event: Exclude<ParsedPush, { name: "unreadable" }>;
  body: string;
  /** The app that the address names. */
  appId: string | undefined;
}

/** Milliseconds for which a handled message is remembered: longer than its signed address is good. */
const memory = 3_600_000;

/**
 * Does what a message of WeChat's asks. Everything that it does can be done again without harm, so a message that fails
 * half way is handled once more when WeChat repeats it; one that was handled is remembered, and a replay does nothing.
 */
export async function handlePush(dependencies: Dependencies, { event, body, appId }: Push): Promise<void> {
  const { em, now, log } = dependencies;
  if (event.name === "other") return log.info({ event: event.type }, "a message of WeChat's asks nothing of us");
  const id = createHash("sha256").update(body).digest("base64url");
  if (await em.findOne(HandledPush, id)) return log.info({ event: event.name }, "a message of WeChat's came again");
  await obey(dependencies, event, appId);
  await em.upsert(HandledPush, { id, handledAt: now() });
  await em.nativeDelete(HandledPush, { handledAt: { $lt: new Date(now().getTime() - memory) } });
}

async function obey(dependencies: Dependencies, event: PushedEvent, appId: string | undefined): Promise<void> {
  if (event.name === "wxa_media_check") return applyAvatarVerdict(dependencies, event.traceId, event.verdict);
  const user = await findPerson(dependencies, event, appId);
  const details = { event: event.name, userId: user?.id };
  if (!user) return dependencies.log.info(details, "a message of WeChat's is about nobody here");
  if (event.name === "user_authorization_cancellation") {
    await eraseUser(dependencies, user.id);
    return dependencies.log.info(details, "somebody has left WeChat: the user was erased");
  }
  const fields = event.name === "user_authorization_revoke" ? fieldsOf(event.items) : riskyFields;
  await eraseFields(dependencies, user, fields);
  dependencies.log.info({ ...details, fields }, "fields were erased, as WeChat asked");
}

/** What WeChat may have found risky; it doesn't say which. */
const riskyFields = ["nickname", "avatar"] as const;

/** An openid means somebody in one app only: the one that the event names, else the address, else the first that knows it. */
async function findPerson(
  { em, appIds }: Dependencies,
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
