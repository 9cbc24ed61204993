import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { compileProgram } from "./program/compile.ts";
import { startServer } from "./server-process.ts";
import { serveInBrowser } from "./web.ts";

const usage = `Shows a mini-program in a browser, without WeChat DevTools. 在浏览器里运行小程序，不需要微信开发者工具。

  npm run example                                       the example, with the server that is running, or one of its own
  npm run example -- --server URL --simulator URL       with a server that is running
  npm run example -- --folder ../my-mini-program        another mini-program
`;

/** The address in the example's `config.ts`. */
const configured = "http://127.0.0.1:4000";

/** The first app of a simulator that no apps were configured for. */
const appId = "wx0000000000000001";

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      server: { type: "string" },
      simulator: { type: "string", default: "http://127.0.0.1:4001" },
      folder: { type: "string", default: fileURLToPath(new URL("../example", import.meta.url)) },
      port: { type: "string", default: "4080" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return void process.stdout.write(usage);
  const folder = resolve(values.folder);
  const server = values.server ?? ((await answers(`${configured}/livez`)) ? configured : undefined);
  const started = server === undefined ? await startServer({}, (text) => process.stdout.write(text)) : undefined;
  const web = await serveInBrowser({
    appId,
    simulatorUrl: started?.simulatorUrl ?? values.simulator,
    servers: { [configured]: started?.url ?? server ?? configured },
    port: Number(values.port),
    compile: () => compileProgram(folder),
  });
  process.stdout.write(`The mini-program is at / 小程序在  ${web.url}\n\n`);
  const stop = async () => {
    await Promise.all([web.close(), started?.close()]);
    process.exit(0);
  };
  process.once("SIGINT", stop).once("SIGTERM", stop);
  process.on("SIGINT", () => {});
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(url)).ok;
  } catch {
    return false;
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
  process.exit(1);
});
