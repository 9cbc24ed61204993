import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readAnswer } from "../support/client.js";
import { newFolder, productionEnv, spawnServer, startServer } from "../support/server-process.js";

const folder = newFolder();
const first = await startServer({}, folder);

test("in an empty folder and without a setting it says what it is, where, and how to sign in", async () => {
  const { url, simulatorUrl, client, output } = first;
  expect(output()).toContain("wxpass, the account server of a WeChat mini-program");
  expect(output()).toContain(`${url}/graphql`);
  expect(output()).toContain("./data/wxpass.db");
  expect(simulatorUrl).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);

  const { data } = await runCurlLine(curlLine(output()));
  const again = await client.signedIn("alice");
  expect(data?.wxLogin?.isNewUser).toBe(true);
  expect(again.isNewUser).toBe(false);
  expect(again.user.id).toBe(data?.wxLogin?.user.id);
});

test("tokens and users survive a restart, because secret and database are kept under data/", async () => {
  const { token, user } = await first.client.signedIn("alice");
  first.child.kill("SIGTERM");
  expect(await first.exited).toBe(0);
  expect(statSync(join(folder, "data/jwt-secret")).mode & 0o777).toBe(0o600);
  expect(existsSync(join(folder, "data/wxpass.db"))).toBe(true);

  const second = await startServer({}, folder);
  expect((await second.client.me(token)).data?.me?.id).toBe(user.id);
  expect((await second.client.signedIn("alice")).user.id).toBe(user.id);
});

test("three processes starting at once in one folder share a secret and a database", async () => {
  const shared = newFolder();
  const servers = await Promise.all(Array.from({ length: 3 }, () => startServer({}, shared)));
  const logins = await Promise.all(servers.map(({ client }) => client.signedIn("alice")));
  expect(new Set(logins.map(({ user }) => user.id)).size).toBe(1);
  expect(logins.filter(({ isNewUser }) => isNewUser)).toHaveLength(1);
  for (const { client } of servers) {
    const answers = await Promise.all(logins.map(({ token }) => client.me(token)));
    expect(answers.map(({ outcome }) => outcome)).toEqual(Array(3).fill("ok"));
  }
});

test("a .env file is read, and the environment goes before it", async () => {
  const configured = newFolder();
  const settings = [
    "PORT=1",
    'DATABASE_URL="sqlite:./elsewhere/users.db"',
    "EXPLORER=off",
    "HOST=0.0.0.0",
    "NODE_ENV=development",
  ];
  writeFileSync(join(configured, ".env"), `${settings.join("\n")}\n`);
  const { output, url } = await startServer({}, configured);
  expect(existsSync(join(configured, "elsewhere/users.db"))).toBe(true);
  expect(output()).not.toContain("open it in a browser");
  expect(url).not.toMatch(/:1$/);
  expect(url, "an address that can be opened, though it listens on all").toContain("http://127.0.0.1:");
});

test("a port that is taken ends the start with a message that names it", async () => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
  const address = other.address();
  const port = address !== null && typeof address === "object" ? String(address.port) : "";
  const server = spawnServer({ PORT: port }, newFolder());
  expect(await server.exited).toBe(1);
  expect(server.output()).toContain(`address already in use 127.0.0.1:${port}`);
  other.close();
});

test("a folder that can't keep a secret ends the start with a message that says so", async () => {
  const blocked = newFolder();
  writeFileSync(join(blocked, "data"), "");
  const server = spawnServer({}, blocked);
  expect(await server.exited).toBe(1);
  expect(server.output()).toContain("none can be kept in data/jwt-secret");
});

test("an error in the log shows the places in the sources, and the kinds and names that they give", async () => {
  const blocked = newFolder();
  writeFileSync(join(blocked, "file"), "");
  const server = spawnServer({ ...productionEnv, DATABASE_URL: "sqlite:file/users.db" }, blocked);
  expect(await server.exited).toBe(1);
  const { error } = JSON.parse(
    server
      .output()
      .split("\n")
      .findLast((line) => line.includes("can't start")) ?? "{}",
  );
  expect(error.stack).toContainEqual(placeOf("src/database/sqlite-file.ts", "mkdirSync(", "prepareSqliteFile"));
  expect(error.stack).toContainEqual(placeOf("src/command/server.ts", "startApp(config", "serve"));
  expect(error).toMatchObject({ type: "Error", code: "EEXIST" });
});

/** The line of a stack trace for a call in a file. */
function placeOf(file: string, call: string, inFunction: string): string {
  const lines = readFileSync(join(import.meta.dirname, "../..", file), "utf8").split("\n");
  const line = lines.findIndex((text) => text.includes(call)) + 1;
  return expect.stringContaining(`${inFunction} (${file}:${line}:`);
}

/** The command that the server printed, from `curl` to the next empty line. */
function curlLine(output: string): string {
  const line = /^ +(curl [\s\S]+?)\n\n/m.exec(output)?.[1];
  if (!line) throw new Error(`no curl line in:\n${output}`);
  return line;
}

/** Runs the command in a shell, or does what it says where there is no curl. */
async function runCurlLine(line: string) {
  if (hasCurl()) return readAnswer(new Response(execFileSync("sh", ["-c", `${line} --silent`])));
  const [, url = "", header = "", body = ""] = /^curl (\S+) -H 'content-type: (.+?)' \\\s+-d '(.+)'$/.exec(line) ?? [];
  return readAnswer(await fetch(url, { method: "POST", headers: { "content-type": header }, body }));
}

function hasCurl(): boolean {
  try {
    return execFileSync("curl", ["--version"]).length > 0;
  } catch {
    return false;
  }
}
