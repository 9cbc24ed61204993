import type { Actor } from "../audit/record-act.js";
import type { Context } from "../context.js";

/** What an act of an operator's needs: the data, the time, and who acts. */
export type ActContext = Pick<Context, "em" | "now"> & { by: Actor };

/** The parts of a detail that there are, for the audit log. */
export const inWords = (...parts: (string | undefined)[]): string => parts.filter(Boolean).join("; ");

export const sessionsEnded = (count: number): string => `sessions ended: ${count}`;
