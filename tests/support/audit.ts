import { admin } from "./admin.js";

/** A line of the audit log, as the operator's command shows it to programs. */
export interface AuditLine {
  id: string;
  actedAt: string;
  actor: string;
  origin: string;
  address: string | null;
  act: string;
  userId: string | null;
  detail: string | null;
}

/** The audit log of an app's database, the newest line first. */
export async function auditOf({ databaseUrl }: { databaseUrl: string }, ...args: string[]): Promise<AuditLine[]> {
  const env = { DATABASE_URL: databaseUrl };
  const { code, output, errors } = await admin(["audit", "--json", "--limit", "9999", ...args], { env });
  if (code !== 0) throw new Error(errors);
  return JSON.parse(output).acts;
}
