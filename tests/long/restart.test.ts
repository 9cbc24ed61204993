import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { Agent as HttpAgent, request as plainRequest, type ServerResponse } from "node:http";
import { Agent, request } from "node:https";
import { join } from "node:path";
import { afterAll, expect, inject } from "vitest";
import { createAuthority } from "../support/certificates.js";
import { newDatabase } from "../support/database.js";
import { freePort } from "../support/free-port.js";
import { startScriptedWechat } from "../support/scripted-wechat.js";
import { type ListeningServer, newFolder, productionEnv, startServer } from "../support/server-process.js";
import { findProgram, testWith } from "../support/tools.js";

/*
 * What a restart does behind the proxies of deploy/, whose files are used as they are but for domain, certificate and ports, while
 * people ask without pause: what docs/operating.md and docs/several-processes.md say of it.
 */

const deploy = join(import.meta.dirname, "../../deploy");
const read = (file: string) => readFileSync(join(deploy, file), "utf8");

/** A WeChat that knows everybody, and lets the one whose code is `held` wait. */
const wechat = await startScriptedWechat();
let held = Promise.withResolvers<ServerResponse>();
wechat.answer((response, { url }) => {
  const code = new URL(url ?? "", "http://wechat.test").searchParams.get("js_code") ?? "";
  if (code === "held") return held.resolve(response);
  return response.end(JSON.stringify({ openid: `o${code.padEnd(27, "x")}` }));
});

const env = { ...productionEnv, ...wechat.env, TRUST_PROXY: "loopback", PUBLIC_URL: "https://account.example.com" };
const proxies: ChildProcess[] = [];
// Killed, nginx would leave its workers behind.
afterAll(() => {
  for (const proxy of proxies) proxy.kill("SIGTERM");
});

/** Starts a proxy, and waits until it answers. */
async function startProxy(program: string, args: string[], folder: string, more: Record<string, string>, ask: Ask) {
  const options = { cwd: folder, env: { PATH: process.env["PATH"], HOME: folder, ...more }, stdio: "ignore" } as const;
  proxies.push(spawn(findProgram(program) ?? program, args, options));
  await expect.poll(() => ask("{ __typename }"), { timeout: 15_000 }).toMatchObject({ status: 200 });
}

interface Answer {
  status: number;
  body: string;
}

/** Sends an operation; what isn't answered has status 0, and the fault as its body. */
type Ask = (query: string, token?: string) => Promise<Answer>;

/** Asks at an address as a phone does, on connections that stay open. */
function askAt(address: string): Ask {
  const isHttps = address.startsWith("https:");
  const agent = isHttps
    ? new Agent({ keepAlive: true, rejectUnauthorized: false })
    : new HttpAgent({ keepAlive: true });
  afterAll(() => agent.destroy());
  return (query, token) =>
    new Promise((resolve) => {
      const headers = { "content-type": "application/json", ...(token && { authorization: `Bearer ${token}` }) };
      const options = { method: "POST", agent, headers };
      const sent = (isHttps ? request : plainRequest)(`${address}/graphql`, options, async (response) => {
        const chunks = await response.toArray().catch(() => []);
        resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString() });
      });
      sent.on("error", ({ message }) => resolve({ status: 0, body: message }));
      sent.end(JSON.stringify({ query }));
    });
}

const signIn = (code: string) => `mutation { wxLogin(code: "${code}") { token } }`;

async function tokenOf(ask: Ask, code: string): Promise<string> {
  const { body } = await ask(signIn(code));
  return JSON.parse(body).data.wxLogin.token;
}

/** Has eight people ask without pause while something is done, and returns all answers. */
async function whileAsked(ask: Ask, work: () => Promise<void>): Promise<Answer[]> {
  const tokens = await Promise.all(Array.from({ length: 8 }, (_, person) => tokenOf(ask, `person${person}`)));
  const answers: Answer[] = [];
  let asking = true;
  const people = tokens.map(async (token) => {
    while (asking) answers.push(await ask("{ me { id } }", token));
  });
  await work();
  asking = false;
  await Promise.all(people);
  return answers;
}

const isServed = ({ status, body }: Answer) => status === 200 && /^\{"data":\{"me":\{"id":"[\w-]+"\}\}\}/.test(body);

/** Restarts a process in place while a sign-in is on its way to it, and sees that this ends well. */
async function restart(server: ListeningServer, start: () => Promise<ListeningServer>): Promise<ListeningServer> {
  held = Promise.withResolvers();
  const inFlight = askAt(server.url)(signIn("held"));
  const answer = await held.promise;
  server.child.kill("SIGTERM");
  setTimeout(() => answer.end(JSON.stringify({ openid: "oHeldHeldHeldHeldHeldHeldHeld" })), 300);
  expect(await inFlight).toMatchObject({ status: 200, body: expect.stringContaining('"token"') });
  expect(await server.exited).toBe(0);
  return start();
}

testWith(
  "nginx",
  "nginx",
  "behind nginx, two processes are restarted one after the other, and nobody notices",
  async () => {
    const [httpPort, httpsPort, ...ports] = [await freePort(), await freePort(), await freePort(), await freePort()];
    const folder = newFolder();
    const { key, withChain } = createAuthority(join(inject("folder"), "nginx-authority")).certify(
      "account.example.com",
    );
    writeFileSync(join(folder, "own.pem"), withChain);
    writeFileSync(join(folder, "own.key"), key);
    const site = read("nginx.conf")
      .replace("/etc/ssl/account.example.com.pem", join(folder, "own.pem"))
      .replace("/etc/ssl/account.example.com.key", join(folder, "own.key"))
      .replace("listen 80;", `listen 127.0.0.1:${httpPort};`)
      .replace("listen 443 ssl;", `listen 127.0.0.1:${httpsPort} ssl;`)
      .replace("server 127.0.0.1:4000", `server 127.0.0.1:${ports[0]}`)
      .replace("# server 127.0.0.1:4001", `server 127.0.0.1:${ports[1]}`);
    writeFileSync(join(folder, "site.conf"), site);
    const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(
      (kind) => `${kind}_temp_path ${folder};`,
    );
    const main = `daemon off; pid ${folder}/pid; error_log /dev/null; events {} http { access_log off; ${temporary.join(" ")} include site.conf; }`;
    writeFileSync(join(folder, "nginx.conf"), main);

    const database = { DATABASE_URL: await newDatabase("postgresql") };
    const start = (port: number) => startServer({ ...env, ...database, PORT: String(port) }, newFolder());
    const servers = [await start(ports[0] ?? 0), await start(ports[1] ?? 0)];
    const ask = askAt(`https://127.0.0.1:${httpsPort}`);
    await startProxy("nginx", ["-p", folder, "-c", join(folder, "nginx.conf")], folder, {}, ask);

    const answers = await whileAsked(ask, async () => {
      for (const [index, server] of servers.entries()) {
        servers[index] = await restart(server, () => start(ports[index] ?? 0));
      }
    });
    expect(answers.filter((answer) => !isServed(answer))).toEqual([]);
    expect(answers.length).toBeGreaterThan(200);
  },
);

/** People who ask at once, and so requests that are on their way at one moment. */
const maxCaught = 8;

for (const count of [1, 2]) {
  const title = `behind Caddy, ${count === 1 ? "one process is" : "two processes are"} restarted in place: requests wait, but for those on their way at that moment`;
  testWith("caddy", "caddy", title, async () => {
    const folder = newFolder();
    const kind = count === 1 ? "sqlite" : "postgresql";
    const database = { DATABASE_URL: await newDatabase(kind) };
    const ports = await Promise.all(Array.from({ length: count }, freePort));
    const start = (port: number) => startServer({ ...env, ...database, PORT: String(port) }, folder);
    const servers = await Promise.all(ports.map(start));
    const address = `http://127.0.0.1:${await freePort()}`;
    const settings = {
      DOMAIN: address,
      UPSTREAM: ports.map((port) => `127.0.0.1:${port}`).join(" "),
      CADDY_ADMIN: `127.0.0.1:${await freePort()}`,
    };
    const ask = askAt(address);
    const args = ["run", "--adapter", "caddyfile", "--config", join(deploy, "Caddyfile")];
    await startProxy("caddy", args, folder, settings, ask);

    const token = await tokenOf(ask, "waiting");
    let waiting: Promise<Answer[]> = Promise.resolve([]);
    const answers = await whileAsked(ask, async () => {
      for (const [index, server] of servers.entries()) {
        await restart(server, () => {
          waiting = Promise.all(Array.from({ length: 20 }, () => ask("{ me { id } }", token)));
          return start(ports[index] ?? 0);
        });
        expect((await waiting).filter((answer) => !isServed(answer))).toEqual([]);
      }
    });
    const caught = answers.filter((answer) => !isServed(answer));
    expect(caught.length).toBeLessThanOrEqual(maxCaught * count);
    expect(caught.filter(({ status }) => status !== 502 && status !== 503)).toEqual([]);
    expect(answers.length).toBeGreaterThan(50);
  });
}
