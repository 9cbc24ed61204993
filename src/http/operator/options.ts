import type { Activity } from "../../activity.js";
import type { Services } from "../../context.js";

/** What the operator's page shows and works on. */
export interface OperatorPageOptions {
  services: Pick<Services, "em" | "avatarStore" | "now" | "log">;
  publicUrl: string;
  appIds: readonly string[];
  activity: Activity;
  /** Whether events are told by webhooks. */
  hasWebhooks: boolean;
}
