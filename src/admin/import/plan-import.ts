import { v7 as uuidv7 } from "uuid";
import type { NewUser } from "../../auth/identities.js";
import type { Text } from "../../errors.js";
import { claimUnionid, giveUnionid, wouldBeOwned } from "./claim-unionid.js";
import {
  type FillableField,
  fillableFields,
  identityName,
  type Known,
  type KnownUser,
  placeName,
} from "./find-known.js";
import type { Person } from "./person-of-row.js";
import { claimPhone, createDraft, type Draft, leaveOut, type Plan, type PlanOptions } from "./plan.js";

/**
 * Decides what becomes of each person, in the file's order; what is planned for one is known to the next. As in signing in,
 * an identity that is there keeps its user, one whose unionid is known joins that user, and any other gets a user of its own.
 */
export function planImport(people: readonly Person[], known: Known, options: PlanOptions): Plan {
  const draft = createDraft(known, options);
  for (const person of people) place(draft, person);
  return draft;
}

const isRepeatedRow: Text = { zh: "与前面某一行的 openid 相同", en: "has the openid of a row further up" };

function place(draft: Draft, person: Person): void {
  const { users, names, seen, dryRun, outcome } = draft;
  const name = identityName(person);
  const user = users.get(name);
  const isRepeated = names.has(name) || (seen.has(name) && (user !== undefined || dryRun));
  names.add(name);
  if (isRepeated) outcome.problems.push({ line: person.line, reason: isRepeatedRow });
  else if (user) keep(draft, person, user);
  else add(draft, person);
}

/** Somebody who is there. */
function keep(draft: Draft, person: Person, user: KnownUser): void {
  draft.outcome.alreadyThere++;
  const unionid = claimUnionid(draft, person, user);
  if (unionid !== undefined && !draft.owners.has(unionid) && !wouldBeOwned(draft, unionid)) {
    giveUnionid(draft, unionid, user);
  }
  compare(draft, person, user);
}

/** Somebody who isn't there: an identity for the user who has the unionid, else with a user of its own. */
function add(draft: Draft, person: Person): void {
  const unionid = claimUnionid(draft, person, undefined);
  const owner = draft.owners.get(unionid ?? "");
  if (owner) join(draft, person, owner);
  else if (wouldBeOwned(draft, unionid)) draft.outcome.joined++;
  else make(draft, person, unionid);
}

function join(draft: Draft, person: Person, owner: KnownUser): void {
  draft.outcome.joined++;
  addIdentity(draft, person, owner);
  compare(draft, person, owner);
}

function make(draft: Draft, person: Person, unionid: string | undefined): void {
  const user = newUser(draft, person);
  draft.outcome.imported++;
  draft.made.add(user);
  draft.people.users.push(user);
  addIdentity(draft, person, user);
  if (unionid !== undefined) giveUnionid(draft, unionid, user);
}

function newUser(draft: Draft, person: Person): NewUser & KnownUser {
  const { profile, createdAt, isActive } = person;
  const now = draft.now();
  return {
    // Ids tell the order in which people joined, here as well.
    id: uuidv7({ msecs: createdAt.getTime() }),
    nickname: profile.nickname ?? null,
    email: profile.email ?? null,
    birthday: profile.birthday ?? null,
    gender: profile.gender ?? null,
    address: profile.address ?? null,
    signature: profile.signature ?? null,
    phone: claimPhone(draft, person) ?? null,
    disabledAt: isActive ? null : now,
    createdAt,
    updatedAt: now,
  };
}

function addIdentity({ people, places, names }: Draft, { appId, openid, createdAt }: Person, user: KnownUser): void {
  people.identities.push({ appId, openid, user: user.id, createdAt });
  const place = placeName(user.id, appId);
  places.add(place);
  names.add(place);
}

const staysActive: Text = {
  zh: "为否，但这个用户已在这里，状态保持不变",
  en: "is false, but the user is here and stays active",
};

/** What a row says about a user who isn't made from it. */
function compare(draft: Draft, person: Person, user: KnownUser): void {
  if (!person.isActive && !user.disabledAt) {
    leaveOut(draft, person, "isActive", staysActive);
  }
  if (!draft.fill) return;
  const values = { ...person.profile, phone: user.phone === null ? claimPhone(draft, person) : undefined };
  const empty = fillableFields.filter((field) => user[field] === null && values[field]);
  for (const field of empty) fillIn(draft, user, field, values[field] ?? "");
  if (empty.length > 0 && !draft.made.has(user)) draft.outcome.filled++;
}

function fillIn({ made, fills }: Draft, user: KnownUser, field: FillableField, value: string): void {
  Object.assign(user, { [field]: value });
  if (!made.has(user)) fills.push({ id: user.id, field, value });
}
