import type { SqlEntityManager } from "@mikro-orm/sql";
import { type Act, recordAct } from "../../audit/record-act.js";
import type { ActContext } from "../act-context.js";
import type { Outcome } from "./plan.js";

/** Who imports what. */
export interface Recording extends ActContext {
  /** What the audit log calls the file. */
  name: string;
}

type Counts = Pick<Outcome, "imported" | "joined" | "filled">;

/**
 * Writes an import into the audit log. A short one is a transaction, which has the line with the counts. A longer one begins with a
 * line in its first transaction, so that nothing is imported without a trace, and has the one with the counts at its end.
 */
export interface ImportRecord {
  /** Whether the rows in hand are all. */
  isShort: boolean;
  /** Writes, in the transaction of some rows, that they are imported. */
  write(transaction: SqlEntityManager, counts: Counts): Promise<void>;
  /** Says that this transaction is committed. */
  committed(): void;
  /** Takes in what became of some rows. */
  add(counts: Counts): void;
  /** Writes what is still to be written. */
  end(): Promise<void>;
}

/** Starts the record of an import. One that writes nothing leaves no line. */
export function createImportRecord({ em, now, by, name }: Recording): ImportRecord {
  const sums: Counts = { imported: 0, joined: 0, filled: 0 };
  const record = (on: SqlEntityManager, act: Act, detail: string) => recordAct(on, now(), { by, act, detail });
  const inWords = ({ imported, joined, filled }: Counts) =>
    `${name}: imported ${imported}, joined ${joined}, filled ${filled}`;
  let isBegun = false;

  return {
    isShort: true,
    async write(transaction, counts) {
      if (this.isShort) return record(transaction, "import", inWords(counts));
      if (!isBegun) await record(transaction, "begin-import", name);
    },
    committed() {
      isBegun ||= !this.isShort;
    },
    add(counts) {
      for (const key of ["imported", "joined", "filled"] as const) sums[key] += counts[key];
    },
    async end() {
      if (isBegun) await record(em, "import", inWords(sums));
    },
  };
}
