import { createServer } from "node:net";
import { startTestApp, type TestApp } from "../../support/test-app.js";

/** Starts a server whose address stays the same when it is started again with the settings that come with it. */
export async function startExampleServer(): Promise<{ app: TestApp; env: Record<string, string> }> {
  const port = await freePort();
  const fixed = { PORT: String(port), PUBLIC_URL: `http://127.0.0.1:${port}` };
  const app = await startTestApp({ env: fixed });
  return { app, env: { ...fixed, DATABASE_URL: app.databaseUrl } };
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() =>
        typeof address === "object" && address ? resolve(address.port) : reject(new Error("no port")),
      );
    });
  });
}
