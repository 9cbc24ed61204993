import { AuditEntry } from "./audit/audit-entry.js";
import { Identity, Unionid } from "./auth/identity.js";
import { Session } from "./auth/session.js";
import { AvatarCheck } from "./avatar/avatar-check.js";
import { UnusedFile } from "./avatar/unused-file.js";
import type { BackEnd } from "./back-end.js";
import { migrations } from "./database/migrations/migrations.js";
import type { Tables } from "./database/options.js";
import { OutboxEvent } from "./database/outbox.js";
import { Operator, OperatorSession } from "./operators/operator.js";
import { HandledPush, UsedPushAddress } from "./privacy/handled-push.js";
import { User } from "./user/user.js";

/** Our tables. */
const entities = [
  User,
  Identity,
  Unionid,
  Session,
  AvatarCheck,
  UnusedFile,
  HandledPush,
  UsedPushAddress,
  AuditEntry,
  OutboxEvent,
  Operator,
  OperatorSession,
];

/** The tables: ours, and those of an own back end. */
export const tablesWith = (own: Pick<BackEnd, "entities" | "migrations"> = {}): Tables => ({
  entities: [...entities, ...(own.entities ?? [])],
  migrations: {
    sqlite: [...migrations.sqlite, ...(own.migrations?.sqlite ?? [])],
    postgresql: [...migrations.postgresql, ...(own.migrations?.postgresql ?? [])],
  },
});
