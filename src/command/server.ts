import "reflect-metadata";
import { type Logger, pino } from "pino";
import type { App } from "../app.js";
import type { BackEnd } from "../back-end.js";
import { isAbsence } from "../database/wait-for-database.js";
import { describeError } from "../log.js";
import { type Config, databasePlace, loadConfig } from "../settings/config.js";
import { ConfigError, startingWith } from "../settings/config-error.js";
import { readEnvFile } from "../settings/env-file.js";
import { version } from "../version.js";
import { createFetch } from "./create-fetch.js";

/** After which a stopping process ends in any case: ten seconds for requests in flight, one to close what is open. */
const stopTimeoutMs = 11_000;

async function createLogger(config: Config): Promise<Logger> {
  const options = { level: config.logLevel, base: null };
  if (config.production) return pino({ ...options, timestamp: pino.stdTimeFunctions.isoTime });
  const { default: pretty } = await import("pino-pretty");
  return pino(options, pretty({ translateTime: "SYS:HH:MM:ss.l", singleLine: true, sync: true }));
}

/** What to do with good settings. */
type Command = (config: Config, log: Logger, given: Given) => Promise<void>;

/** What comes beside the settings. */
interface Given {
  /** The file from which some of the settings came. */
  envPath: string | undefined;
  own: BackEnd;
}

const commands = new Map<string, Command>([
  ["", serve],
  ["migrate", migrate],
]);

const usage = `wxpass, the account server of a WeChat mini-program / 微信小程序账号服务

  wxpass             serves / 启动服务
  wxpass migrate     makes or changes the tables, and ends / 只创建、升级数据表
  wxpass admin       lists the operator's commands / 列出运维命令
  wxpass --version   prints the version / 显示版本
  wxpass --help      prints this / 显示本说明

Without the command installed: node dist/main.js / 未安装命令时用 node dist/main.js

The settings come from the environment and from .env / 配置来自环境变量和 .env 文件
`;

async function serve(config: Config, log: Logger, { envPath, own }: Given): Promise<void> {
  let app: App | undefined;
  stopOnSignal(log, async () => app?.close());
  const { startApp } = await import("../app.js");
  app = await startApp(config, { fetch: createFetch(), now: () => new Date(), log }, own);
  if (config.production) return log.info({ url: app.url, settings: envPath }, "wxpass is listening");
  process.stdout.write(greeting(config, app, envPath));
  void tellOfMissingMigration(app, own, log);
}

async function migrate(config: Config, log: Logger, { own }: Given): Promise<void> {
  const [{ openDatabase }, { tablesWith }, { createSchema }] = await Promise.all([
    import("../database/database.js"),
    import("../entities.js"),
    import("../schema.js"),
  ]);
  createSchema(own);
  const database = await startingWith(databasePlace(config), () => openDatabase(config.database, tablesWith(own), log));
  await database.close();
}

/** Ends the process at the first signal. Further ones change nothing: Ctrl-C in `npm start` arrives from the terminal and from npm. */
function stopOnSignal(log: Logger, close: () => Promise<void>): void {
  let stopping = false;
  const stop = (signal: NodeJS.Signals) => {
    if (stopping) return;
    stopping = true;
    log.info({ signal }, "stopping");
    setTimeout(() => {
      log.warn("something could not be closed in time");
      process.exit(0);
    }, stopTimeoutMs);
    close().then(
      () => process.exit(0),
      (error) => fail(log, "stopping failed", error),
    );
  };
  process.on("SIGTERM", stop).on("SIGINT", stop);
}

/** Tells a developer who has changed an entity. It keeps nobody waiting, and a database that fails is no matter here. */
async function tellOfMissingMigration({ database }: App, own: BackEnd, log: Logger): Promise<void> {
  const { differsFromEntities } = await import("../database/migrate.js");
  if (await differsFromEntities(database).catch(() => false)) {
    const isOurs = Object.keys(own).length === 0;
    const help = isOurs ? "npm run migrate:create -- NAME drafts a migration" : "write a migration";
    log.warn(`the tables are other than the entities say: ${help}`);
  }
}

function greeting(
  { database, explorer, wechat }: Config,
  { url, simulatorUrl }: App,
  envPath: string | undefined,
): string {
  const code = simulatorUrl ? "alice" : "CODE";
  const query = `{"query":"mutation { wxLogin(code: \\"${code}\\") { token isNewUser user { id } } }"}`;
  return `
wxpass, the account server of a WeChat mini-program / 微信小程序账号服务

  API       ${url}/graphql${explorer === "off" ? "" : "  (open it in a browser / 用浏览器打开)"}
  Database  ${database.driver === "sqlite" ? database.file : "PostgreSQL"}
  WeChat    ${simulatorUrl ? `simulator at ${simulatorUrl} / 模拟器` : wechat.apiUrl}
  Settings  ${envPath ?? "no .env here / 这里没有 .env 文件"}

Sign in / 登录:

  curl ${url}/graphql -H 'content-type: application/json' \\
    -d '${query}'

`;
}

function fail(log: Logger, message: string, error: unknown): never {
  if (error instanceof ConfigError) log.fatal({ faults: error.faults, ...causeOf(error) }, message);
  else log.fatal({ error: describeError(error) }, message);
  process.exit(1);
}

/** That the database isn't there is said by the fault; the places in the code tell nothing more. */
const causeOf = ({ cause }: ConfigError) => (isAbsence(cause) ? {} : { error: describeError(cause) });

function print(text: string): void {
  process.stdout.write(text);
}

/** What the server is made of is loaded only after the settings are known to be good. */
async function run(command: Command, own: BackEnd): Promise<void> {
  const file = readEnvFile();
  Object.assign(process.env, { ...file?.values, ...process.env });
  const config = loadConfig(process.env, undefined, own);
  const log = await createLogger(config);
  log.info({ version, node: process.versions.node }, "wxpass starts");
  for (const event of ["uncaughtException", "unhandledRejection"] as const) {
    process.on(event, (error: unknown) => fail(log, "wxpass crashed", error));
  }
  try {
    await command(config, log, { envPath: file?.path, own });
  } catch (error) {
    fail(log, "wxpass can't start", error);
  }
}

/** Does what the words of the command line say. */
export async function main(words: readonly string[], own: BackEnd = {}): Promise<void> {
  if (words[0] === "admin") return administer(words.slice(1), own);
  const word = words.join(" ");
  if (word === "--version") return print(`${version}\n`);
  if (word === "--help") return print(usage);
  const command = commands.get(word);
  if (!command) return refuse(2, `wxpass has no command ${JSON.stringify(word)} / 没有这个命令\n\n${usage}`);
  await run(command, own).catch((error: unknown) =>
    refuse(1, `${error instanceof ConfigError ? error.message : describeError(error).message}\n`),
  );
}

async function administer(words: readonly string[], own: BackEnd): Promise<void> {
  const operator = await import("./operator.js");
  await operator.main(words, own);
}

function refuse(exitCode: number, text: string): void {
  process.stderr.write(text);
  process.exitCode = exitCode;
}
