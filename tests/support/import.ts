import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { inject } from "vitest";
import { openidOf } from "../../src/wechat/simulator/people.js";
import { type AdminResult, admin } from "./admin.js";
import { firstApp } from "./client.js";
import { driver } from "./database.js";
import { keepSecret } from "./log-search.js";
import type { TestApp } from "./test-app.js";

let files = 0;

const profile = ["nickname", "email", "phone", "birthday", "gender", "address", "signature"] as const;

/** Imports files into an app's database, and looks at what people find then. */
export function createImport({ databaseUrl, client }: Pick<TestApp, "databaseUrl" | "client">) {
  const env = { DATABASE_URL: databaseUrl };

  /** A file's path that nobody has used. */
  const newPath = (extension: string) =>
    join(inject("folder"), `import-${driver}-${process.pid}-${++files}.${extension}`);

  function fileOf(content: string | Buffer, extension = "csv"): string {
    const path = newPath(extension);
    writeFileSync(path, content);
    return path;
  }

  const importFile = (file: string, ...args: string[]): Promise<AdminResult> =>
    admin(["import", file, "--app-id", firstApp, ...args], { env });

  return {
    env,
    newPath,
    fileOf,
    importFile,

    /** Imports CSV with this header and these rows. */
    importRows: (header: string, rows: string[], ...args: string[]) =>
      importFile(fileOf([header, ...rows, ""].join("\n")), ...args),

    /** The openid of a person of the simulator's in an app. */
    openid(person: string, appId = firstApp): string {
      keepSecret(openidOf(appId, person));
      return openidOf(appId, person);
    },

    /** What somebody finds who signs in. */
    async found(person: string) {
      const { user, isNewUser } = await client.signedIn(person);
      keepSecret(user.phone ?? undefined);
      const fields = profile.map((field) => [field, Reflect.get(user, field)]);
      return { isNewUser, createdAt: user.createdAt, ...Object.fromEntries(fields) };
    },
  };
}

/** How many rows had which outcome or problem, as the command prints. */
export const sums = (output: string): Record<string, number> =>
  Object.fromEntries([...output.matchAll(/^(\d+) +(.+)$/gm)].map(([, count, what]) => [what, Number(count)]));
