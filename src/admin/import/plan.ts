import type { NewPeople } from "../../auth/identities.js";
import type { Text } from "../../errors.js";
import type { ImportField } from "./fields.js";
import type { FillableField, Known, KnownUser } from "./find-known.js";
import type { Person } from "./person-of-row.js";
import type { Problem } from "./row-reader.js";
import type { Seen } from "./seen.js";

/** What became of some people. */
export interface Outcome {
  /** Users made. */
  imported: number;
  /** Identities given to a user who had the unionid already. */
  joined: number;
  /** Identities that were there before. */
  alreadyThere: number;
  /** Users who were there and got what they had left empty. */
  filled: number;
  problems: Problem[];
}

/** A value for what a user has left empty. */
export interface Fill {
  id: string;
  field: FillableField;
  value: string;
}

/** What to write for a batch of people, and what to tell of it. */
export interface Plan {
  people: NewPeople;
  fills: Fill[];
  outcome: Outcome;
  /** What the batch has named. */
  names: Set<string>;
  /** The unionids, each with its app, for which rows of the batch have not got what they claim. */
  disputed: Set<string>;
}

/** How people are placed. */
export interface PlanOptions {
  now: () => Date;
  /** Whom the file has named in earlier batches. */
  seen: Seen;
  /** What has been disputed in earlier batches. */
  disputedBefore: ReadonlySet<string>;
  /** Whether what users who are there have left empty is filled in. */
  fill: boolean;
  /** Whether nothing is written. */
  dryRun: boolean;
}

/** A plan that is being made. */
export interface Draft extends Known, Plan, PlanOptions {
  /** The users that the plan makes. */
  made: Set<KnownUser>;
}

/** A plan in which nobody has a place yet. */
export function createDraft(known: Known, options: PlanOptions): Draft {
  return {
    ...known,
    ...options,
    people: { users: [], unionids: [], identities: [] },
    fills: [],
    outcome: { imported: 0, joined: 0, alreadyThere: 0, filled: 0, problems: [] },
    names: new Set(),
    disputed: new Set(),
    made: new Set(),
  };
}

/** Tells that a field of somebody's is left out. */
export function leaveOut({ outcome }: Draft, { line }: Person, field: ImportField, reason: Text): void {
  outcome.problems.push({ line, field, reason });
}

/** Whether an earlier batch of a dry run would have written this. */
export const wouldBeThere = ({ dryRun, seen }: Draft, name: string): boolean => dryRun && seen.has(name);

/** What is wrong with a phone number or a unionid that somebody else has. */
export const isAnotherUsers: Text = { zh: "属于另一个用户", en: "belongs to another user" };

/** The phone number for a user who has none, unless somebody else has it. */
export function claimPhone(draft: Draft, person: Person): string | undefined {
  const { phone } = person;
  if (phone === undefined) return undefined;
  const name = `phone ${phone}`;
  if (draft.phones.has(phone) || wouldBeThere(draft, name)) {
    leaveOut(draft, person, "phone", isAnotherUsers);
    return undefined;
  }
  draft.phones.add(phone);
  draft.names.add(name);
  return phone;
}
