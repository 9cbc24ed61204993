import { type EntityMetadata, type EntityProperty, ReferenceKind } from "@mikro-orm/sql";
import { holdsKey } from "../database/foreign-keys.js";
import type { OwnedRows } from "./own-data.js";
import { User } from "./user.js";

/** What would outlive a person, or be kept from them, of what an own back end holds. */
export function faultsOfEntities(metas: readonly EntityMetadata[], exported: readonly string[]): string[] {
  const personal = personalClasses(metas);
  const faults = metas.flatMap((meta) => [
    ...staying(referencesTo(personal, meta)).map(tooLong(meta)),
    ...manyTo(personal, meta).map(
      ({ name }) =>
        `${meta.className}.${name} is many-to-many, which nobody can erase or export: make an entity of the table between, that refers to both`,
    ),
    ...missingExport(meta, exported),
  ]);
  const taken = exported.filter((name) => ourExports.includes(name));
  return [...faults, ...taken.map((name) => `exportUser.${name} is a name of wxpass's own`)];
}

/** The own tables whose rows are a user's. */
export const rowsOfUsers = (metas: readonly EntityMetadata[]): OwnedRows[] =>
  metas.flatMap((meta) =>
    referencesTo([User], meta).map(({ name, deleteRule }) => ({
      entity: meta.class,
      property: name,
      isKept: deleteRule === "set null",
    })),
  );

/** What an export has of ours; see `exportUser`. */
const ourExports = ["exportedAt", "account", "profile", "identities", "unionids", "sessions", "avatarChecks"];

/** The user, and all that goes with one. */
function personalClasses(metas: readonly EntityMetadata[]): unknown[] {
  const personal: unknown[] = [User];
  for (let found = metas; found.length > 0; ) {
    found = metas.filter((meta) => !personal.includes(meta.class) && referencesTo(personal, meta).length > 0);
    personal.push(...found.map((meta) => meta.class));
  }
  return personal;
}

/** The references by which a row would outlive a user. One that goes with its user may lose another one. */
function staying(references: EntityProperty[]): EntityProperty[] {
  const goes = references.some(({ deleteRule }) => deleteRule === "cascade");
  return references.filter(
    ({ deleteRule, nullable }) => deleteRule !== "cascade" && !(goes && nullable && deleteRule === "set null"),
  );
}

const tooLong =
  ({ className }: EntityMetadata) =>
  ({ name }: EntityProperty) =>
    `${className}.${name} needs the deleteRule cascade, so that it goes with the user`;

const missingExport = (meta: EntityMetadata, exported: readonly string[]): string[] =>
  referencesTo([User], meta).length > 0 && !exported.includes(meta.tableName)
    ? [`${meta.className} needs exportUser.${meta.tableName}, so that its user can see it`]
    : [];

const isOf = (classes: readonly unknown[], { targetMeta }: EntityProperty) => classes.includes(targetMeta?.class);

/** The properties that hold the key of one of these classes. */
const referencesTo = (classes: readonly unknown[], { props }: EntityMetadata) =>
  props.filter((prop) => holdsKey(prop) && isOf(classes, prop));

/** The properties that refer to several of the user by a table between. */
const manyTo = (classes: readonly unknown[], { props }: EntityMetadata) =>
  props.filter((prop) => prop.kind === ReferenceKind.MANY_TO_MANY && isOf(classes, prop));
