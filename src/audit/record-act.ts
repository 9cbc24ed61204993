import type { SqlEntityManager } from "@mikro-orm/sql";
import { v7 as uuidv7 } from "uuid";
import { statement } from "../database/statement.js";

/** What is written down. A new act is added here. */
export const acts = [
  "disable",
  "enable",
  "end-sessions",
  "delete",
  "erase-fields",
  "begin-import",
  "import",
  "backup",
  "export",
  "show",
  "login-link",
  "remove-operator",
  "replay-event",
  "sign-in",
] as const;

export type Act = (typeof acts)[number];

/** Who acts, and from where: the operator's command, the operator's page, or a message of WeChat's. */
export interface Actor {
  name: string;
  origin: "command" | "page" | "push";
  /** The address of the operator's browser. */
  address?: string;
}

/** What WeChat's messages make us do. */
export const wechat: Actor = { name: "WeChat", origin: "push" };

interface Recorded {
  by: Actor;
  act: Act;
  /** On whom; absent if it isn't about one user. */
  userId?: string;
  /** A few words: a count, names of fields, a file, the reason. Nothing about the person. */
  detail?: string | undefined;
}

const write = statement(`
  insert into audit_entries (id, acted_at, actor, origin, address, act, user_id, detail)
  values (?, ?, ?, ?, ?, ?, ?, ?)`);

/** Writes an act into the audit log, in the transaction of the act: so neither is there without the other. */
export async function recordAct(transaction: SqlEntityManager, now: Date, recorded: Recorded): Promise<void> {
  const { by, act, userId = null, detail } = recorded;
  const id = uuidv7({ msecs: now.getTime() });
  const words = detail ? withoutPersonalData(detail.slice(0, maxDetailCharacters)) : null;
  await write.run(transaction, [id, now, by.name, by.origin, by.address ?? null, act, userId, words]);
}

const maxDetailCharacters = 300;

/** A phone number, an e-mail address, an openid or a unionid, or what looks like one. */
const personal =
  /(?<!\w)(?:\+\d{7,15}|(?:\+?86[ -]?)?1[3-9]\d(?:[ -]?\d{4}){2})(?!\w)|[^\s@/]+@[^\s@/]+\.[^\s@/]+|(?<![\w-])o[\w-]{27}(?![\w-])/g;

/** The same words without what would outlive the erasure of the person. A nickname can't be told from other words. */
export const withoutPersonalData = (text: string): string => text.replace(personal, "[cut]");
