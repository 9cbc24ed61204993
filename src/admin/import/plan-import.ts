import { v7 as uuidv7 } from "uuid";
import type { NewPeople } from "../../auth/identities.js";
import type { ImportField } from "./columns.js";
import { type FillableField, fillableFields, identityName, type Known, type KnownUser } from "./find-known.js";
import type { ImportOptions, Outcome } from "./import-people.js";
import type { Person } from "./person-of-row.js";

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
}

type PlanOptions = Pick<ImportOptions, "now" | "seen" | "fill" | "dryRun">;

/**
 * Decides what becomes of each person, in the file's order; what is planned for one is known to the next. As in signing in,
 * an identity that is there keeps its user, one whose unionid is known joins that user, and any other gets a user of its own.
 */
export function planImport(
  people: readonly Person[],
  { users, owners, phones }: Known,
  { now, seen, fill, dryRun }: PlanOptions,
): Plan {
  const outcome: Outcome = { imported: 0, joined: 0, there: 0, filled: 0, problems: [] };
  const plan: Plan = { people: { users: [], unionids: [], identities: [] }, fills: [], outcome, names: new Set() };
  const made = new Set<KnownUser>();

  const report = ({ line }: Person, field: ImportField, reason: string) =>
    outcome.problems.push({ line, field, reason });

  /** What earlier batches of a dry run would have written. */
  const wouldBeThere = (name: string) => dryRun && seen.has(name);

  function place(person: Person): void {
    const name = identityName(person);
    const user = users.get(name);
    const isRepeated = plan.names.has(name) || (seen.has(name) && (user !== undefined || dryRun));
    plan.names.add(name);
    if (isRepeated) outcome.problems.push({ line: person.line, reason: "has the openid of a row further up" });
    else if (user) meet(person, user);
    else if (!join(person)) make(person);
  }

  /** Somebody who is there. */
  function meet(person: Person, user: KnownUser): void {
    outcome.there++;
    const owner = owners.get(person.unionid ?? "");
    if (owner && owner.id !== user.id) report(person, "unionid", "belongs to another user");
    compare(person, user);
  }

  /** Somebody whose unionid is known; false for anybody else. */
  function join(person: Person): boolean {
    const { unionid } = person;
    const owner = unionid === undefined ? undefined : owners.get(unionid);
    if (!owner && !wouldBeThere(`unionid ${unionid}`)) return false;
    outcome.joined++;
    if (!owner) return true;
    addIdentity(person, owner);
    compare(person, owner);
    return true;
  }

  function make(person: Person): void {
    const { unionid, profile, createdAt, isActive } = person;
    const user = {
      // Ids tell the order in which people joined, here as well.
      id: uuidv7({ msecs: createdAt.getTime() }),
      nickname: profile.nickname ?? null,
      email: profile.email ?? null,
      birthday: profile.birthday ?? null,
      gender: profile.gender ?? null,
      address: profile.address ?? null,
      signature: profile.signature ?? null,
      phone: claimPhone(person) ?? null,
      disabledAt: isActive ? null : now(),
      createdAt,
      updatedAt: now(),
    };
    outcome.imported++;
    made.add(user);
    plan.people.users.push(user);
    addIdentity(person, user);
    if (unionid === undefined) return;
    plan.people.unionids.push({ unionid, user: user.id });
    plan.names.add(`unionid ${unionid}`);
    owners.set(unionid, user);
  }

  function addIdentity({ appId, openid, createdAt }: Person, user: KnownUser): void {
    plan.people.identities.push({ appId, openid, user: user.id, createdAt });
  }

  /** What a row says about a user who isn't made from it. */
  function compare(person: Person, user: KnownUser): void {
    if (!person.isActive && !user.disabledAt)
      report(person, "isActive", "is false, but the user is here and stays active");
    if (!fill) return;
    const values = { ...person.profile, phone: user.phone === null ? claimPhone(person) : undefined };
    const empty = fillableFields.filter((field) => user[field] === null && values[field]);
    for (const field of empty) fillIn(user, field, values[field] ?? "");
    if (empty.length > 0 && !made.has(user)) outcome.filled++;
  }

  function fillIn(user: KnownUser, field: FillableField, value: string): void {
    Object.assign(user, { [field]: value });
    if (!made.has(user)) plan.fills.push({ id: user.id, field, value });
  }

  function claimPhone(person: Person): string | undefined {
    const { phone } = person;
    if (phone === undefined) return undefined;
    const name = `phone ${phone}`;
    if (phones.has(phone) || wouldBeThere(name)) {
      report(person, "phone", "belongs to another user");
      return undefined;
    }
    phones.add(phone);
    plan.names.add(name);
    return phone;
  }

  for (const person of people) place(person);
  return plan;
}
