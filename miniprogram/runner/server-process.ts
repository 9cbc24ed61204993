import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

/** A wxpass server that runs beside the phone. */
export interface ServerProcess {
  url: string;
  simulatorUrl: string;
  close(): Promise<void>;
}

const root = fileURLToPath(new URL("../../", import.meta.url));

/** Starts the server that was built, with the simulator and further settings, and waits until it says where it is. */
export async function startServer(
  settings: Record<string, string>,
  say: (text: string) => void,
): Promise<ServerProcess> {
  const server = spawn(process.execPath, ["dist/main.js"], {
    cwd: root,
    env: { ...process.env, WECHAT_APPS: "", WECHAT_SIMULATOR: "on", ...settings },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = once(server, "exit");
  const greeting = await new Promise<string>((resolve, reject) => {
    let said = "";
    server.stdout.on("data", (chunk) => {
      say(String(chunk));
      said += chunk;
      if (/simulator at \S+/.test(said)) resolve(said);
    });
    ended.then(() => reject(new Error("the wxpass server didn't start")));
  });
  return {
    url: /API +(\S+)\/graphql/.exec(greeting)?.[1] ?? "",
    simulatorUrl: /simulator at (\S+)/.exec(greeting)?.[1] ?? "",
    async close() {
      server.kill("SIGTERM");
      await ended;
    },
  };
}
