import { AuditEntry } from "./audit/audit-entry.js";
import { Identity, Unionid } from "./auth/identity.js";
import { Session } from "./auth/session.js";
import { AvatarCheck } from "./avatar/avatar-check.js";
import { UnusedFile } from "./avatar/unused-file.js";
import { adoptOwnData, type BackEnd } from "./back-end.js";
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

/**
 * The tables: ours, and those of an own back end, whose rows go with their users.
 * @throws Error if two migrations have one name: the second would never run
 */
export function tablesWith(own: BackEnd = {}): Tables {
  return {
    entities: [...entities, ...(own.entities ?? [])],
    adopt: (database) => adoptOwnData(database, own, entities),
    migrations: {
      sqlite: withOwn(migrations.sqlite, own.migrations?.sqlite),
      postgresql: withOwn(migrations.postgresql, own.migrations?.postgresql),
    },
  };
}

function withOwn<Named extends { name: string }>(ours: readonly Named[], own: readonly Named[] = []): Named[] {
  const all = [...ours, ...own];
  const names = all.map(({ name }) => name);
  const repeated = names.find((name, at) => names.indexOf(name) < at);
  if (repeated !== undefined) throw new Error(`migrations: there are two of the name ${repeated}`);
  return all;
}
