import type { SqlEntityManager } from "@mikro-orm/sql";
import { recordAct, wechat } from "../audit/record-act.js";
import type { Context } from "../context.js";
import { statement } from "../database/statement.js";
import { User } from "../user/user.js";
import type { Verdict } from "../wechat/verdict.js";
import { AvatarCheck } from "./avatar-check.js";
import { type ImageVerdict, imageVerdictOf, tellVerdict } from "./tell-verdict.js";
import { removeErasedFile } from "./unused-file.js";

type VerdictContext = Pick<Context, "em" | "avatarStore" | "now" | "log">;

/** Writes something in the transaction in which a verdict is obeyed. */
type Alongside = (transaction: SqlEntityManager) => Promise<unknown>;

/**
 * Removes an avatar that WeChat calls risky, unless the user has replaced it, and forgets the check; what is given is
 * written alongside, in one transaction. If the file can't be removed, the sweep of unused files tries again. A verdict on an
 * image that nobody here waits for is kept for an hour, since the upload may be just about to write that it waits.
 */
export async function applyAvatarVerdict(
  context: VerdictContext,
  traceId: string,
  verdict: Verdict | undefined,
  alongside: Alongside,
): Promise<void> {
  const check = await context.em.fork().findOne(AvatarCheck, { traceId });
  const given = imageVerdictOf(verdict);
  if (check) return obey(context, check, given, alongside);
  if (await keepVerdict(context, traceId, given, alongside)) {
    return context.log.info("a verdict of WeChat's is on an image that nobody here waits for: it is kept for an hour");
  }
  return applyAvatarVerdict(context, traceId, verdict, alongside);
}

const keepEarly = statement(`
  insert into avatar_checks (trace_id, suggest, label, created_at) values (?, ?, ?, ?)
  on conflict (trace_id) do nothing`);

/** False if an upload has just written that it waits for the verdict; then nothing is written. */
async function keepVerdict(
  { em, now }: VerdictContext,
  traceId: string,
  { suggest, label }: ImageVerdict,
  alongside: Alongside,
): Promise<boolean> {
  return em.fork().transactional(async (transaction) => {
    const kept = await keepEarly.run(transaction, [traceId, suggest, label ?? null, now()]);
    if (kept > 0) await alongside(transaction);
    return kept > 0;
  });
}

async function obey(
  context: VerdictContext,
  { traceId, user, avatar }: AvatarCheck,
  verdict: ImageVerdict,
  alongside: Alongside,
): Promise<void> {
  const { em, now, log } = context;
  if (!user || avatar === null) {
    await alongside(em);
    return log.info("a verdict of WeChat's has come before");
  }
  const isRisky = verdict.suggest === "risky";
  await em.fork().transactional(async (transaction) => {
    await alongside(transaction);
    if (isRisky) await takeAvatar(transaction, user.id, avatar, now());
    await transaction.nativeDelete(AvatarCheck, { traceId });
  });
  if (isRisky) await removeErasedFile(context, avatar);
  tellVerdict(log, user.id, verdict);
}

/** Takes an avatar from its user, if it still has it, and writes that into the audit log. */
async function takeAvatar(transaction: SqlEntityManager, userId: string, avatar: string, now: Date): Promise<void> {
  const taken = await transaction.nativeUpdate(User, { id: userId, avatar }, { avatar: null, updatedAt: now });
  if (taken === 0) return;
  await recordAct(transaction, now, { by: wechat, act: "erase-fields", userId, detail: "avatar, which is risky" });
}
