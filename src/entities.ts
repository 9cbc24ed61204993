import { AuditEntry } from "./audit/audit-entry.js";
import { Identity, Unionid } from "./auth/identity.js";
import { Session } from "./auth/session.js";
import { AvatarCheck } from "./avatar/avatar-check.js";
import { UnusedFile } from "./avatar/unused-file.js";
import { Operator, OperatorSession } from "./operators/operator.js";
import { HandledPush, UsedPushAddress } from "./privacy/handled-push.js";
import { User } from "./user/user.js";

/** The tables. */
export const entities = [
  User,
  Identity,
  Unionid,
  Session,
  AvatarCheck,
  UnusedFile,
  HandledPush,
  UsedPushAddress,
  AuditEntry,
  Operator,
  OperatorSession,
];
