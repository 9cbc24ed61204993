import { createHash } from "node:crypto";
import { UniqueConstraintViolationException } from "@mikro-orm/core";
import type { Context } from "../context.js";
import { UsedPushAddress } from "./handled-push.js";

/**
 * Binds a signed address to the first body that comes with it, since the signature doesn't cover the body. False if this is
 * another body. The address is known by the bytes of its signature, which can be spelled in several ways.
 */
export async function bindPushAddress(
  { em, now }: Pick<Context, "em" | "now">,
  signature: string,
  body: string,
): Promise<boolean> {
  const row = { id: hash(Buffer.from(signature, "hex")), body: hash(body), usedAt: now() };
  try {
    await em.insert(UsedPushAddress, row);
    return true;
  } catch (error) {
    if (!(error instanceof UniqueConstraintViolationException)) throw error;
    return (await em.fork().findOne(UsedPushAddress, row.id))?.body === row.body;
  }
}

const hash = (value: string | Buffer) => createHash("sha256").update(value).digest("base64url");
