import { Entity, ManyToOne, PrimaryKey } from "@mikro-orm/decorators/legacy";
import { Migration } from "@mikro-orm/migrations";
import type { BackEnd } from "../../src/back-end.js";
import { User } from "../../src/user/user.js";
import { driver } from "./database.js";

/** What a user has noted: a small table of an own back end's. */
@Entity({ tableName: "notes" })
export class Note {
  @PrimaryKey({ type: "text" })
  id!: string;

  @ManyToOne(() => User, { deleteRule: "cascade", index: true })
  user!: User;
}

/** A migration of these statements, for both databases. */
export function migrationsOf(name: string, ...statements: string[]) {
  class Statements extends Migration {
    override up(): void {
      for (const text of statements) this.addSql(text);
    }
  }
  return { sqlite: [{ name, class: Statements }], postgresql: [{ name, class: Statements }] };
}

const keyType = driver === "sqlite" ? "text" : "uuid";

export const notesTable = (reference = "references users (id) on delete cascade") =>
  `create table notes (id text not null primary key, user_id ${keyType} not null ${reference})`;

/** An own back end that keeps notes. */
export const notes = {
  entities: [Note],
  migrations: migrationsOf("notes", notesTable(), "create index notes_user_id_index on notes (user_id)"),
  exportUser: { notes: (em, user) => em.find(Note, { user }, { fields: ["id"] }) },
} satisfies BackEnd;
