import "./check-node.js";
import "reflect-metadata";
import { pino } from "pino";
import { startApp } from "../app.js";
import type { BackEnd } from "../back-end.js";
import { main } from "../command/server.js";
import type { Context } from "../context.js";
import { loadConfig } from "../settings/config.js";
import type { OwnSettings, ValuesOf } from "../settings/own-settings.js";

export type { BackEnd, OwnErrorKind } from "../back-end.js";
export type { Context, Viewer } from "../context.js";
export { AppError, ClientError } from "../errors.js";
export type { OwnSetting, OwnSettings } from "../settings/own-settings.js";
export type { UserHook } from "../user/own-data.js";
export { DateTime, EmailAddress, JSONObject, LocalDate, PhoneNumber } from "../user/scalars.js";
export { User } from "../user/user.js";

/** The context of a back end that has these settings. */
export type ContextWith<Own extends OwnSettings> = Context & { settings: Readonly<ValuesOf<Own>> };

/**
 * Runs wxpass with an own back end beside it, by the words of the command line: without any it serves, with `migrate` it only
 * makes the tables, with `admin …` it is the operator's command. What can't start ends the process with the exit code 1.
 */
export const serve = (own: BackEnd = {}): Promise<void> => main(process.argv.slice(2), own);

/** A server that runs in this process. */
export interface RunningServer {
  /** Where it listens, such as `http://127.0.0.1:4000`. */
  url: string;
  close(): Promise<void>;
}

/**
 * Starts a server in this process, for tests: with these settings and no others, and without a log.
 * @throws ConfigError that names every fault of the settings
 */
export async function startServer(own: BackEnd, env: Record<string, string>): Promise<RunningServer> {
  const config = loadConfig(env, undefined, own);
  const log = pino({ level: "silent" });
  const { url, close } = await startApp(config, { fetch: globalThis.fetch, now: () => new Date(), log }, own);
  return { url, close };
}
