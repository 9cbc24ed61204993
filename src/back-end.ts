import { type EntityClass, type EntityMetadata, ReferenceKind, type SqlMikroORM } from "@mikro-orm/sql";
import type { NonEmptyArray } from "type-graphql";
import type { Migrations } from "./database/options.js";
import type { ErrorKind, Retry } from "./errors.js";
import type { OwnSettings } from "./settings/own-settings.js";
import { keepOwnData, type OwnData, type UserHook } from "./user/own-data.js";
import { User } from "./user/user.js";

/** What an own back end adds to wxpass. All of it is optional. */
export interface BackEnd {
  /** Classes of TypeGraphQL's, whose fields stand beside ours. They get the {@link Context}. */
  resolvers?: NonEmptyArray<NewableFunction>;
  /** Classes of MikroORM's, in the same database. One that refers to {@link User} goes with the user, and is exported. */
  entities?: EntityClass<object>[];
  /** What makes and changes their tables, for both databases; they run after ours, in order. A name is never changed. */
  migrations?: Migrations;
  /** What `exportMyData` shows of own tables, by the tables' names. */
  exportUser?: OwnData["exportUser"];
  on?: {
    /** After a user was made, by signing in or by an import, in the same transaction. */
    userCreated?: UserHook;
    /** Before a user is erased, in whatever way, in the same transaction. */
    userErasing?: UserHook;
  };
  /** Error codes of one's own, for `context.error`. */
  errors?: Record<string, OwnErrorKind>;
  /** Rate limits of one's own, for `context.limit`, such as `10/1m,600/1m`: of a user, and of an address. */
  limits?: Record<string, string>;
  /** Settings of one's own, checked with ours at the start; `context.settings` has them. */
  settings?: OwnSettings;
}

/** What a code of one's own tells a client to do, and its messages for people. */
export interface OwnErrorKind {
  retry: Retry;
  zh: string;
  en: string;
}

/** The error codes of an own back end. */
export const errorKindsOf = ({ errors = {} }: Pick<BackEnd, "errors">): Record<string, ErrorKind> =>
  Object.fromEntries(
    Object.entries(errors).map(([code, { retry, zh, en }]) => [code, { retry, text: { zh, en } }] as const),
  );

/**
 * Has the data of an own back end erased and exported with the people whose it is.
 * @throws Error that names every entity which doesn't say how
 */
export function adoptOwnData(database: SqlMikroORM, own: BackEnd): void {
  const { entities = [], exportUser = {}, on } = own;
  const metas = entities.map((entity) => database.getMetadata().getByClassName(entity.name));
  const faults = faultsOf(metas, Object.keys(exportUser));
  if (faults.length > 0) throw new Error(`entities: ${faults.join("; ")}`);
  const owned = metas.flatMap((meta) =>
    referencesTo([User], meta).map(({ name }) => ({ entity: meta.class, property: name })),
  );
  keepOwnData(database.em, { exportUser, owned, userCreated: on?.userCreated, userErasing: on?.userErasing });
}

/** What would outlive a person, or be kept from them. */
function faultsOf(metas: EntityMetadata[], exported: string[]): string[] {
  const personal: unknown[] = [User];
  const faults: string[] = [];
  for (let found = metas; found.length > 0; ) {
    found = metas.filter((meta) => !personal.includes(meta.class) && referencesTo(personal, meta).length > 0);
    personal.push(...found.map((meta) => meta.class));
  }
  for (const meta of metas) {
    for (const { name, deleteRule } of referencesTo(personal, meta)) {
      if (deleteRule !== "cascade") {
        faults.push(`${meta.className}.${name} needs deleteRule: "cascade", so that it goes with the user`);
      }
    }
    if (referencesTo([User], meta).length > 0 && !exported.includes(meta.tableName)) {
      faults.push(`${meta.className} needs exportUser.${meta.tableName}, so that its user can see it`);
    }
  }
  const taken = exported.filter((name) => ourExports.includes(name));
  return [...faults, ...taken.map((name) => `exportUser.${name} is a name of wxpass's own`)];
}

/** What an export has of ours; see `exportUser`. */
const ourExports = ["exportedAt", "account", "profile", "identities", "unionids", "sessions", "avatarChecks"];

/** The properties that hold the key of one of these classes. */
const referencesTo = (classes: readonly unknown[], { props }: EntityMetadata) =>
  props.filter(
    ({ kind, owner, targetMeta }) =>
      (kind === ReferenceKind.MANY_TO_ONE || (kind === ReferenceKind.ONE_TO_ONE && owner)) &&
      classes.includes(targetMeta?.class),
  );
