/** MikroORM as wxpass has it, with the decorators of entities and the class of migrations: a process must have one copy of it. */
import "./check-node.js";
import "reflect-metadata";

export * from "@mikro-orm/decorators/legacy";
export { Migration } from "@mikro-orm/migrations";
export * from "@mikro-orm/sql";
