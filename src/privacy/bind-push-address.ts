import { createHash } from "node:crypto";
import { UniqueConstraintViolationException } from "@mikro-orm/core";
import type { SqlEntityManager } from "@mikro-orm/sql";
import { pushRetentionMs, UsedPushAddress } from "./handled-push.js";

interface Dependencies {
  em: SqlEntityManager;
  now: () => Date;
}

/**
 * Binds a signed address to the first body that comes with it, since the signature doesn't cover the body. False if this is
 * another body. The address is known by the bytes of its signature, which can be spelled in several ways.
 */
export async function bindPushAddress({ em, now }: Dependencies, signature: string, body: string): Promise<boolean> {
  const row = { id: hash(Buffer.from(signature, "hex")), body: hash(body), usedAt: now() };
  try {
    await em.insert(UsedPushAddress, row);
  } catch (error) {
    if (!(error instanceof UniqueConstraintViolationException)) throw error;
    return (await em.fork().findOne(UsedPushAddress, row.id))?.body === row.body;
  }
  await em.nativeDelete(UsedPushAddress, { usedAt: { $lt: new Date(now().getTime() - pushRetentionMs) } });
  return true;
}

const hash = (value: string | Buffer) => createHash("sha256").update(value).digest("base64url");
