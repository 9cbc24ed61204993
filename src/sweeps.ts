import { oldActs } from "./audit/audit-entry.js";
import { deadSessions } from "./auth/sessions.js";
import { forgottenChecks } from "./avatar/avatar-check.js";
import { unusedFiles } from "./avatar/unused-file.js";
import { oldEvents } from "./database/outbox.js";
import { oldCopies } from "./database/sqlite-copy.js";
import type { Sweep } from "./database/sweeper.js";
import { deletedTraces } from "./database/wal.js";
import { oldCounts } from "./limits/shared-counter.js";
import { pastOperatorSessions } from "./operators/operator.js";
import { forgottenAddresses, forgottenPushes } from "./privacy/handled-push.js";
import type { FileStore } from "./storage/file-store.js";

interface SweepOptions {
  /** Whether several processes may share the database. */
  isShared: boolean;
  auditRetentionSeconds: number;
  avatarStore: FileStore;
}

/** What is cleared away by and by, in its order. */
export function sweepsOf({ isShared, auditRetentionSeconds, avatarStore }: SweepOptions): Sweep[] {
  const ours = [
    deadSessions,
    forgottenChecks,
    forgottenPushes,
    forgottenAddresses,
    pastOperatorSessions,
    oldActs(auditRetentionSeconds),
    oldEvents,
    unusedFiles(avatarStore),
  ];
  return isShared ? [...ours, oldCounts] : [oldCopies, ...ours, deletedTraces];
}
