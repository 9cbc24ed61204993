import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseEnv } from "node:util";
import { expect, test } from "vitest";
import { z } from "zod";
import { loadConfig } from "../../src/settings/config.js";
import { settingNames } from "../../src/settings/settings.js";
import { newFolder, productionEnv } from "../support/server-process.js";
import { startTestApp } from "../support/test-app.js";
import { run, testWith } from "../support/tools.js";

const deploy = join(import.meta.dirname, "../../deploy");
const read = (file: string) => readFileSync(join(deploy, file), "utf8");

/** What a file of settings says after its blanks are filled in. */
function filledIn(file: string): Record<string, string> {
  const { JWT_SECRET, WECHAT_APPS } = productionEnv;
  const blanks: Record<string, string> = { JWT_SECRET, WECHAT_APPS, POSTGRES_PASSWORD: "0123abcd" };
  return Object.fromEntries(
    Object.entries(parseEnv(read(file))).map(([name, value = ""]) => [name, value || (blanks[name] ?? "")]),
  );
}

/** The settings that compose.yaml gives to wxpass besides those of the file. */
const composeEnv = (compose: string) =>
  parseEnv(
    (/^ {2}wxpass:\n(?: {4}.*\n)*? {4}environment:\n((?: {6}.*\n)+)/m.exec(compose)?.[1] ?? "")
      .replace(/^ +/gm, "")
      .replace(/^(\w+): /gm, "$1="),
  );

test("a server starts with each example of settings, once its blanks are filled in, and warns of nothing", () => {
  const systemd = filledIn("wxpass.env.example");
  expect(Object.keys(systemd).filter((name) => !settingNames.includes(name))).toEqual([]);
  expect(loadConfig(systemd).warnings).toEqual([]);

  const compose = filledIn("compose.env.example");
  const used = [...read("compose.yaml").matchAll(/\$\{(\w+)/g)].map(([, name = ""]) => name);
  const own = [...used, "COMPOSE_PROJECT_NAME"];
  expect(Object.keys(compose).filter((name) => !settingNames.includes(name) && !own.includes(name))).toEqual([]);
  expect(used.filter((name) => !compose[name])).toEqual([]);
  const set = composeEnv(read("compose.yaml").replace(/\$\{(\w+):\?\}/g, (_, name: string) => compose[name] ?? ""));
  expect(Object.keys(set)).toEqual(["DATABASE_URL", "PUBLIC_URL", "TRUST_PROXY"]);
  const config = loadConfig({ NODE_ENV: "production", HOST: "0.0.0.0", ...compose, ...set });
  expect(config.warnings).toEqual([]);
  expect(config.database).toMatchObject({ driver: "postgresql" });
});

test("the health check of compose.yaml tells whether the server is ready", async () => {
  const app = await startTestApp();
  const [, script = ""] = /^ +- '(fetch.+)'$/m.exec(read("compose.yaml")) ?? [];
  const check = (url: string) =>
    run(process.execPath, ["-e", script.replace("http://127.0.0.1:4000", url)], { cwd: newFolder() });
  expect(script).toContain("http://127.0.0.1:4000/readyz");
  expect(await check(app.url)).toEqual({ status: 0, output: "" });
  expect(await check("http://127.0.0.1:1")).toEqual({ status: 1, output: "" });
});

/** @see https://developers.weixin.qq.com/miniprogram/dev/wxcloudrun/src/basic/config.html */
const cloudRun = z.strictObject({
  containerPort: z.int().min(1).max(61_000),
  dockerfilePath: z.literal("Dockerfile"),
  buildDir: z.literal(""),
  minNum: z.int().min(0),
  maxNum: z.int().max(50),
  cpu: z.number(),
  mem: z.number(),
  policyType: z.literal("cpu"),
  policyThreshold: z.int().min(1).max(100),
  envParams: z.record(z.string(), z.string()),
  customLogs: z.literal("stdout"),
  initialDelaySeconds: z.int().min(0),
});

test("container.config.json says what WeChat Cloud Run takes, and what the Dockerfile listens to", () => {
  const config = cloudRun.parse(JSON.parse(read("container.config.json")));
  expect(config.mem).toBe(config.cpu * 2);
  expect(config.minNum).toBeLessThanOrEqual(config.maxNum);
  expect(readFileSync(join(deploy, "../Dockerfile"), "utf8")).toContain(`EXPOSE ${config.containerPort}\n`);
  expect(Object.keys(config.envParams).filter((name) => !settingNames.includes(name))).toEqual([]);
  const database = { DATABASE_URL: "postgresql://wxpass:0123abcd@10.0.0.5:5432/wxpass" };
  const storage = { STORAGE_URL: "s3://KEY:SECRET@cos.ap-shanghai.myqcloud.com/avatars?region=ap-shanghai" };
  const env = { ...productionEnv, HOST: "0.0.0.0", ...database, ...storage, ...config.envParams };
  expect(loadConfig(env).warnings).toEqual([]);
});

testWith(
  "docker-compose",
  "docker-compose",
  "docker-compose accepts compose.yaml with its file of settings",
  async () => {
    const folder = join(newFolder(), "deploy");
    mkdirSync(folder);
    copyFileSync(join(deploy, "compose.yaml"), join(folder, "compose.yaml"));
    const lines = Object.entries(filledIn("compose.env.example")).map(([name, value]) => `${name}=${value}`);
    writeFileSync(join(folder, ".env"), lines.join("\n"));
    const { status, output } = await run("docker-compose", ["config"], { cwd: folder });
    expect({ status, output }).toMatchObject({ status: 0, output: expect.stringContaining(productionEnv.JWT_SECRET) });

    writeFileSync(join(folder, ".env"), lines.filter((line) => !line.startsWith("POSTGRES_PASSWORD")).join("\n"));
    expect((await run("docker-compose", ["config"], { cwd: folder })).output).toContain("POSTGRES_PASSWORD");
  },
);

testWith("systemd-analyze", "systemd", "systemd accepts the unit, and finds it shut off from the machine", async () => {
  const folder = newFolder();
  const unit = read("wxpass@.service").replace("ExecStart=node ", `ExecStart=${process.execPath} `);
  writeFileSync(join(folder, "wxpass@.service"), unit);
  // A key that it doesn't know it only prints.
  expect(await run("systemd-analyze", ["verify", "./wxpass@.service"], { cwd: folder })).toEqual({
    status: 0,
    output: "",
  });
  const args = ["security", "--offline=true", "--no-pager", "--threshold=15", "./wxpass@.service"];
  expect(await run("systemd-analyze", args, { cwd: folder })).toMatchObject({ status: 0 });
});

testWith("nginx", "nginx", "nginx accepts nginx.conf, with one process and with two", async () => {
  const folder = newFolder();
  const [key, certificate] = [join(folder, "key.pem"), join(folder, "certificate.pem")];
  const subject = ["-subj", "/CN=account.example.com", "-days", "1"];
  const files = ["-keyout", key, "-out", certificate];
  await run("openssl", ["req", "-x509", "-newkey", "rsa:2048", "-nodes", ...subject, ...files], { cwd: folder });
  const site = read("nginx.conf")
    .replace("/etc/ssl/account.example.com.pem", certificate)
    .replace("/etc/ssl/account.example.com.key", key)
    .replace("listen 80;", `listen unix:${folder}/80.sock;`)
    .replace("listen 443 ssl;", `listen unix:${folder}/443.sock ssl;`);
  const main = `pid ${folder}/pid; error_log stderr; events {} http { access_log off; include ${folder}/site.conf; }`;
  writeFileSync(join(folder, "nginx.conf"), main);
  for (const text of [site, site.replace("# server 127.0.0.1:4001", "server 127.0.0.1:4001")]) {
    writeFileSync(join(folder, "site.conf"), text);
    const { status, output } = await run("nginx", ["-t", "-p", folder, "-c", join(folder, "nginx.conf")], {
      cwd: folder,
    });
    expect({ status, output }).toMatchObject({ status: 0, output: expect.not.stringMatching(/\[(warn|emerg)\]/) });
  }
  expect(site).toContain("# server 127.0.0.1:4001 max_fails=0;");
});

testWith(
  "caddy",
  "caddy",
  "Caddy accepts the Caddyfile, for one process and for two, and has nothing to format",
  async () => {
    const folder = newFolder();
    for (const env of [{}, { DOMAIN: "a.example.com", UPSTREAM: "127.0.0.1:4000 127.0.0.1:4001" }]) {
      const args = ["validate", "--adapter", "caddyfile", "--config", join(deploy, "Caddyfile")];
      const { status, output } = await run("caddy", args, { cwd: folder, env });
      expect({ status, output }).toMatchObject({ status: 0, output: expect.not.stringContaining('"warn"') });
    }
  },
);

testWith(
  "promtool",
  "prometheus",
  "promtool accepts prometheus.yml with the alerts, and the alerts do what they should",
  async () => {
    const folder = newFolder();
    const checked = await run("promtool", ["check", "config", join(deploy, "prometheus.yml")], { cwd: folder });
    expect(checked).toMatchObject({ status: 0, output: expect.stringContaining("1 rule files found") });
    const tried = await run("promtool", ["test", "rules", join(import.meta.dirname, "alerts.yml")], { cwd: folder });
    expect(tried).toMatchObject({ status: 0, output: expect.stringContaining("SUCCESS") });
  },
);
