import { Entity, Index, ManyToOne, PrimaryKey, Property } from "@mikro-orm/decorators/legacy";
import { statement } from "../database/statement.js";
import { type Sweep, sweepBatch } from "../database/sweeper.js";

/** Somebody who may use the operator's page. Of the link to sign in with, only the hash of its key is here. */
@Entity({ tableName: "operators" })
export class Operator {
  @PrimaryKey({ type: "text" })
  name!: string;

  /** The key of the link that was made last, until it is used. */
  @Property({ type: "text", nullable: true, unique: true })
  linkHash!: string | null;

  @Property({ type: "datetime", length: 3, nullable: true })
  linkExpiresAt!: Date | null;

  @Property({ type: "datetime", length: 3 })
  createdAt!: Date;
}

/** A browser in which an operator is signed in. */
@Entity({ tableName: "operator_sessions" })
export class OperatorSession {
  /** Of the token in the browser's cookie. */
  @PrimaryKey({ type: "text" })
  tokenHash!: string;

  @ManyToOne(() => Operator, { deleteRule: "cascade", index: true })
  operator!: Operator;

  @Index()
  @Property({ type: "datetime", length: 3 })
  expiresAt!: Date;
}

const forgetOld = statement(`
  delete from operator_sessions where token_hash in (
    select token_hash from operator_sessions where expires_at <= ? limit ${sweepBatch})`);

/** Sessions of operators that are over. */
export const pastOperatorSessions: Sweep = {
  what: "sessions of operators",
  run: (em, now) => forgetOld.run(em, [now]),
};
