import type { EntityClass, SqlMikroORM } from "@mikro-orm/sql";
import type { NonEmptyArray } from "type-graphql";
import type { OwnRules } from "./context.js";
import type { Migrations } from "./database/options.js";
import type { Retry } from "./errors.js";
import type { RateLimits } from "./limits/rate-limits.js";
import type { OwnSettings } from "./settings/own-settings.js";
import { keepOwnData, type OwnData, type UserHook } from "./user/own-data.js";
import { faultsOfEntities, rowsOfUsers } from "./user/personal-entities.js";
import type { User } from "./user/user.js";

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

/** What an own back end declares, for the context. */
export function rulesOf({ errors = {}, limits = {} }: BackEnd, rateLimits: RateLimits<string>): OwnRules {
  const kinds = Object.entries(errors).map(([code, { retry, zh, en }]) => [code, { retry, text: { zh, en } }] as const);
  return { errorKinds: Object.fromEntries(kinds), limits: Object.keys(limits), rateLimits };
}

/**
 * Has the data of an own back end erased and exported with the people whose it is; `ours` are our entities.
 * @throws Error that names every entity which doesn't say how
 */
export function adoptOwnData(database: SqlMikroORM, own: BackEnd, ours: readonly unknown[]): void {
  const { exportUser = {}, on } = own;
  // The ORM finds entities by references, too.
  const metas = [...database.getMetadata().getAll().values()].filter((meta) => !ours.includes(meta.class));
  const faults = faultsOfEntities(metas, Object.keys(exportUser));
  if (faults.length > 0) throw new Error(`entities: ${faults.join("; ")}`);
  const owned = rowsOfUsers(metas);
  keepOwnData(database.em, { exportUser, owned, userCreated: on?.userCreated, userErasing: on?.userErasing });
}
