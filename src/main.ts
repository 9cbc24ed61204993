import "reflect-metadata";
import { existsSync } from "node:fs";
import { enableCompileCache } from "node:module";
import { type Logger, pino } from "pino";
import type { App } from "./app.js";
import { describeError } from "./log.js";
import { type Config, loadConfig } from "./settings/config.js";
import { ConfigError } from "./settings/config-error.js";

/** In which a connection to WeChat must stand: half of the time that a whole call has, so that one retry fits. */
const connectTimeoutMs = 2_000;

/** After which a stopping process ends in any case: ten seconds for requests in flight, one to close what is open. */
const stopTimeoutMs = 11_000;

async function createLogger(config: Config): Promise<Logger> {
  const options = { level: config.logLevel, base: null };
  if (config.production) return pino({ ...options, timestamp: pino.stdTimeFunctions.isoTime });
  const { default: pretty } = await import("pino-pretty");
  return pino(options, pretty({ translateTime: "SYS:HH:MM:ss.l", singleLine: true, sync: true }));
}

async function serve(config: Config, log: Logger): Promise<void> {
  let app: App | undefined;
  stopOnSignal(log, async () => app?.close());
  const [{ startApp }, { Agent, setGlobalDispatcher }] = await Promise.all([import("./app.js"), import("undici")]);
  setGlobalDispatcher(new Agent({ connect: { timeout: connectTimeoutMs } }));
  app = await startApp(config, { fetch, now: () => new Date(), log });
  if (config.production) log.info({ url: app.url }, "wxpass is listening");
  else process.stdout.write(greeting(config, app));
}

async function migrate(config: Config, log: Logger): Promise<void> {
  const [{ openDatabase }, { entities }] = await Promise.all([
    import("./database/database.js"),
    import("./entities.js"),
  ]);
  await (await openDatabase(config.database, entities, log)).close();
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

function greeting({ database, explorer, wechat }: Config, { url, simulatorUrl }: App): string {
  const code = simulatorUrl ? "alice" : "CODE";
  const query = `{"query":"mutation { wxLogin(code: \\"${code}\\") { token isNewUser user { id } } }"}`;
  return `
wxpass, the account server of a WeChat mini-program / 微信小程序账号服务

  API       ${url}/graphql${explorer === "off" ? "" : "  (open it in a browser / 用浏览器打开)"}
  Database  ${database.driver === "sqlite" ? database.file : "PostgreSQL"}
  WeChat    ${simulatorUrl ? `simulator at ${simulatorUrl} / 模拟器` : wechat.apiUrl}

Sign in / 登录:

  curl ${url}/graphql -H 'content-type: application/json' \\
    -d '${query}'

`;
}

function fail(log: Logger, message: string, error: unknown): never {
  log.fatal({ error: describeError(error) }, message);
  process.exit(1);
}

/** What the server is made of is loaded only after the settings are known to be good, and from Node's cache of compiled code. */
async function main(command: string | undefined): Promise<void> {
  enableCompileCache();
  if (existsSync(".env")) process.loadEnvFile();
  const config = loadConfig(process.env);
  const log = await createLogger(config);
  for (const event of ["uncaughtException", "unhandledRejection"] as const) {
    process.on(event, (error: unknown) => fail(log, "wxpass crashed", error));
  }
  try {
    await (command === "migrate" ? migrate(config, log) : serve(config, log));
  } catch (error) {
    fail(log, "wxpass can't start", error);
  }
}

main(process.argv[2]).catch((error: unknown) => {
  process.stderr.write(`${error instanceof ConfigError ? error.message : describeError(error).message}\n`);
  process.exitCode = 1;
});
