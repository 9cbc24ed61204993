import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdirSync, readdirSync } from "node:fs";
import { request } from "node:http";
import { createServer, type Server } from "node:https";
import { createServer as createTcpServer } from "node:net";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, expect, inject, test } from "vitest";
import { startSimulator } from "../../src/wechat/simulator/simulator.js";
import { adminProcess } from "../support/admin.js";
import { type Certificate, createAuthority } from "../support/certificates.js";
import { startCuttableProxy } from "../support/cuttable-proxy.js";
import { newDatabase } from "../support/database.js";
import { type Report, startOther } from "../support/doctor.js";
import { freePort } from "../support/free-port.js";
import { keepLog, keepSecret } from "../support/log-search.js";
import { newFolder, productionEnv, startServer } from "../support/server-process.js";

/*
 * `admin doctor` as a process, beside a server in production behind a proxy with a certificate of an authority of our own.
 */

const authority = createAuthority(join(inject("folder"), "doctor-authority"));
const [port, tlsPort] = [await freePort(), await freePort()];
const [, app = "", secret = ""] = /^(\w+):(\w+)$/.exec(productionEnv.WECHAT_APPS) ?? [];
const simulator = await startSimulator({
  apps: [{ appId: app, secret }],
  now: () => new Date(),
  port: 0,
  pushToken: undefined,
  pushAesKeys: [],
});
const pushToken = "hk3x8wq0z7m2v5pd";
keepSecret(secret, pushToken);
const folder = newFolder();
const env = {
  ...productionEnv,
  PORT: String(port),
  PUBLIC_URL: `https://localhost:${tlsPort}`,
  WECHAT_API_URL: simulator.url,
  WECHAT_PUSH_TOKEN: pushToken,
  METRICS: "on",
  NODE_EXTRA_CA_CERTS: authority.root,
};
await startServer(env, folder);
afterAll(() => simulator.close());

/** Runs the command, and returns what it says by check. */
async function examined(more: Record<string, string> = {}, user: { uid?: number } = {}) {
  const { code, output, errors } = await adminProcess(["doctor", "--json"], { ...env, ...more }, folder, user);
  keepLog(output + errors);
  const { findings }: Report = JSON.parse(output);
  const about = (check: string) =>
    findings.filter((finding) => finding.check === check).map(({ state, what }) => `${state}: ${what}`);
  return { code, about, faults: findings.filter(({ state }) => state === "fault").map(({ check }) => check) };
}

/** A proxy with a certificate in front of the server, while something is done. */
async function behind<Result>(key: string, cert: string, work: () => Promise<Result>): Promise<Result> {
  const proxy: Server = createServer({ key, cert }, (incoming, response) => {
    const { method, url: path, headers } = incoming;
    const outgoing = request({ host: "127.0.0.1", port, method, path, headers });
    outgoing.on("response", (answer) => answer.pipe(response.writeHead(answer.statusCode ?? 0, answer.headers)));
    incoming.pipe(outgoing);
  });
  await new Promise<void>((resolve) => proxy.listen(tlsPort, "127.0.0.1", resolve));
  try {
    return await work();
  } finally {
    proxy.close();
    proxy.closeAllConnections();
  }
}

const whole = ({ key, withChain }: Certificate, work: () => Promise<void>) => behind(key, withChain, work);

test("behind a good certificate all is well, but for what production can't have", async () => {
  await whole(authority.certify("localhost"), async () => {
    const { about, faults } = await examined();
    expect(about("certificate")).toEqual(["ok: good for localhost and for 89 more days, sent with the whole chain"]);
    expect(about("storage")).toEqual([expect.stringMatching(/^ok: .*read at https:\/\/localhost/)]);
    expect(about("push").at(-1)).toMatch(/^ok: /);
    expect(about("push")[0]).toMatch(/^warning: the address has port/);
    expect(about("version")).toEqual([expect.stringMatching(/^ok: /)]);
    expect(faults).toEqual(["address"]);
    expect(about("address")).toEqual([expect.stringMatching(/only calls domains$/), expect.stringMatching(/^ok: /)]);
    expect(readdirSync(join(folder, "data/avatars"))).toEqual([]);
  });
});

test.each([
  ["expired yesterday", "localhost", [-90, -1], /^fault: the certificate expired on 20\d\d-/],
  ["isn't good before tomorrow", "localhost", [1, 90], /^fault: the certificate is only good from 20\d\d-/],
  [
    "is for another name",
    "www.example.com",
    [-1, 90],
    /^fault: the certificate isn't for localhost, but for www\.example\.com/,
  ],
  ["ends in five days", "localhost", [-1, 5.5], /^warning: .* for 5 more days/],
] as const)("a certificate that %s is told", async (_, name, days, words) => {
  await whole(authority.certify(name, days), async () => {
    const { about, code } = await examined();
    expect(about("certificate")).toEqual([expect.stringMatching(words)]);
    expect(code).toBe(1);
  });
});

test("a chain that isn't complete is told, though browsers may do with it", async () => {
  const { key, alone } = authority.certify("localhost");
  await behind(key, alone, async () => {
    const { about } = await examined();
    expect(about("certificate")).toEqual([expect.stringMatching(/^fault: the chain isn't complete: .*LEAF_SIGNATURE/)]);
    expect(about("address").at(-1)).toMatch(/^fault: .*its certificate is wrong/);
  });
});

test("a certificate that nobody vouches for is told, whether it is its own or of an authority that nobody knows", async () => {
  await whole(authority.certify("localhost"), async () => {
    const { about } = await examined({ NODE_EXTRA_CA_CERTS: "" });
    expect(about("certificate")).toEqual([expect.stringMatching(/^fault: no public authority vouches/)]);
  });
  const { key, cert } = selfSigned();
  await behind(key, cert, async () => {
    const { about } = await examined();
    expect(about("certificate")).toEqual([expect.stringMatching(/^fault: no public authority vouches .*SELF_SIGNED/)]);
  });
});

function selfSigned(): { key: string; cert: string } {
  const subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"];
  const args = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", ...subject, "-keyout", "-"];
  const pem = execFileSync("openssl", args, { stdio: "pipe" }).toString();
  return { key: pem, cert: pem };
}

test("a port that speaks no TLS is told", async () => {
  const plain = await startOther((_, response) => response.end("hello"));
  const { about } = await examined({ PUBLIC_URL: plain.replace("http:", "https:").replace("127.0.0.1", "localhost") });
  expect(about("certificate")).toEqual([expect.stringMatching(/^fault: no TLS with localhost:\d+: \w+/)]);
});

test("an address, a PostgreSQL and a WeChat that never answer hold nobody for more than half a minute", async () => {
  const silent = createTcpServer((socket) => socket.on("error", () => {})).listen(0, "127.0.0.1");
  await once(silent, "listening");
  afterAll(() => silent.close());
  const address = silent.address();
  if (address === null || typeof address === "string") throw new TypeError("no port");
  const startedAt = performance.now();
  const { code, about } = await examined({
    PUBLIC_URL: `https://localhost:${address.port}`,
    WECHAT_API_URL: `http://127.0.0.1:${address.port}`,
    DATABASE_URL: `postgresql://wxpass:secret-of-nobody@127.0.0.1:${address.port}/wxpass`,
  });
  expect(performance.now() - startedAt).toBeLessThan(30_000);
  expect(code).toBe(1);
  for (const check of ["database", "certificate", "address"]) {
    expect(about(check).at(-1), check).toMatch(/^fault: /);
  }
  expect(about("wechat")).toEqual([expect.stringMatching(/^fault: .*no usable answer: no answer within 5000 ms/)]);
  expect(about("disk")).toEqual([expect.stringMatching(/^(ok|warning)/)]);
});

test("a PostgreSQL that falls silent in the middle is given up", async () => {
  const url = new URL(await newDatabase("postgresql"));
  const proxy = await startCuttableProxy(Number(url.port));
  afterAll(() => proxy.close());
  url.port = String(proxy.port);
  proxy.loseAnswerTo(/mikro_orm_migrations|to_regclass/);
  const startedAt = performance.now();
  const { about } = await examined({ DATABASE_URL: url.href });
  expect(about("database")).toEqual([expect.stringMatching(/^fault: PostgreSQL can't be opened/)]);
  expect(performance.now() - startedAt).toBeLessThan(15_000);
});

test("where nothing runs nothing is made, in development either", async () => {
  const empty = newFolder();
  const { code, output } = await adminProcess(["doctor"], {}, empty);
  expect(code).toBe(1);
  expect(output).toMatch(/WRONG +wechat +no server runs here/);
  expect(readdirSync(empty)).toEqual([]);
});

/** Root may write everywhere. */
const nobody = process.getuid?.() === 0 ? { uid: 65_534 } : {};

test("what the server's user can't write to is told, and that the command isn't run as that user", async () => {
  const closed = newFolder();
  const [avatars, file] = [join(closed, "avatars"), join(closed, "wxpass.db")];
  mkdirSync(avatars);
  new DatabaseSync(file).exec("vacuum");
  for (const path of [avatars, closed]) chmodSync(path, 0o555);
  const { about } = await examined({ STORAGE_URL: `file:${avatars}`, DATABASE_URL: `sqlite:${file}` }, nobody);
  expect(about("storage")).toEqual([expect.stringMatching(/^fault: no file can be written \(EACCES\)/)]);
  expect(about("database")).toEqual([
    expect.stringMatching(/^fault: .* can't be opened \(SQLITE_(READONLY|CANTOPEN)\w*\)/),
  ]);
  expect(about("user")).toHaveLength(nobody.uid === undefined ? 0 : 2);
});

test.runIf(process.platform === "linux" && process.getuid?.() === 0).each([
  ["has little room", "size=40m", "42 MB free, and 100 MB are needed"],
  ["has no inode", "size=2g,nr_inodes=2", "2.1 GB free, but no inode"],
])("a disk that %s is told", async (_, options, words) => {
  const small = newFolder();
  execFileSync("mount", ["-t", "tmpfs", "-o", options, "tmpfs", small]);
  try {
    mkdirSync(join(small, "avatars"));
    const { about } = await examined({ STORAGE_URL: `file:${small}/avatars` });
    expect(about("disk")).toContain(`fault: ${small}/avatars: ${words}`);
  } finally {
    execFileSync("umount", [small]);
  }
});
