import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";

/*
 * SQLite's locks belong to a process, which loses them when it closes the file. So whatever looks at a file that an app of the
 * tests has open does it in a process of its own.
 */

/** Which of these texts are in the database's file or in its log. */
export function textsIn(file: string, texts: readonly string[]): string[] {
  const files = [file, `${file}-wal`].filter((name) => existsSync(name));
  const bytes = execFileSync("cat", files, { maxBuffer: 1_000_000_000 });
  return texts.filter((text) => bytes.includes(text));
}

/** Somebody who reads the database as of one moment. */
export interface Reader {
  close(): Promise<void>;
}

const reading = `
  const database = new (require("node:sqlite").DatabaseSync)(process.argv[1]);
  database.exec("begin");
  database.prepare("select count(*) from users").get();
  console.log("reading");
  process.stdin.resume().on("end", () => database.close());`;

/** Begins to read. */
export async function startReading(file: string): Promise<Reader> {
  const child = spawn(process.execPath, ["-e", reading, file], { stdio: ["pipe", "pipe", "ignore"] });
  await once(child.stdout, "data");
  return {
    async close() {
      child.stdin.end();
      await once(child, "exit");
    },
  };
}
