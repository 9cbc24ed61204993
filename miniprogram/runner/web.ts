import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import { type BridgeOptions, createBridge, type PhoneBridge } from "./bridge/bridge.ts";
import { phonePage, phoneScript } from "./phone-page.ts";

interface WebOptions extends Omit<BridgeOptions, "person" | "phoneNumber"> {
  port: number;
  /** Compiles the program, anew for each time that it is opened. */
  compile(): Promise<string>;
}

/** Serves phones to any browser on this machine: one phone for each person, with a frame around it. */
export async function serveInBrowser({ port, compile, ...options }: WebOptions) {
  const phones = new Map<string, PhoneBridge>();

  function phoneOf(person: string): PhoneBridge {
    const phone =
      phones.get(person) ??
      createBridge({ ...options, ...holder(person), appId: person ? options.appId : "touristappid" });
    phones.set(person, phone);
    return phone;
  }

  const origins = () => ["127.0.0.1", "localhost"].map((host) => `http://${host}:${portOf(server)}`);

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "/", "http://localhost");
    const phone = phoneOf(url.searchParams.get("person") ?? "");
    if (request.method === "POST" && url.pathname.startsWith("/bridge/")) {
      // Other sites that this browser shows can send requests here, too.
      if (!origins().includes(request.headers.origin ?? "")) return void response.writeHead(403).end();
      const name = url.pathname.slice("/bridge/".length);
      const input = await text(request);
      if (name === "fault") process.stderr.write(`${JSON.parse(input).text}\n`);
      return send(response, "application/json", await phone.call(name, input));
    }
    if (url.pathname === "/") return send(response, "text/html", framePage);
    if (url.pathname === "/phone") return send(response, "text/html", phonePage(await scripts(phone)));
    response.writeHead(404).end();
  }

  async function scripts(phone: PhoneBridge): Promise<string> {
    const program = await compile();
    return [bootScript(phone), await phoneScript(), program]
      .map((script) => `<script>${script.replaceAll("</script", "<\\/script")}</script>`)
      .join("\n");
  }

  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      const message = error instanceof Error ? error.message : String(error);
      process.stderr.write(`${message}\n`);
      response.writeHead(500, { "content-type": "text/plain; charset=utf-8" }).end(message);
    });
  });
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${portOf(server)}/`,
    async close() {
      server.close();
      server.closeAllConnections();
      await Promise.all([...phones.values()].map((phone) => phone.close()));
    },
  };
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === "string") throw new TypeError("the phone listens on no port");
  return address.port;
}

/** A person, and a number made of the name. */
function holder(person: string) {
  const sum = [...person].reduce((so, letter) => (so * 31 + (letter.codePointAt(0) ?? 0)) % 100_000_000, 0);
  return { person, phoneNumber: `199${String(sum).padStart(8, "0")}` };
}

function send(response: ServerResponse, type: string, body: string): void {
  response.writeHead(200, { "content-type": `${type}; charset=utf-8`, "cache-control": "no-store" }).end(body);
}

const bootScript = (phone: PhoneBridge) => `
window.phoneBoot = ${JSON.stringify(phone.boot()).replaceAll("<", "\\u003c")};
window.phoneBridge = async (name, input) => {
  const response = await fetch("/bridge/" + name + location.search, { method: "POST", body: input });
  return response.text();
};`;

/** A phone in the middle, and beside it who holds it. */
const framePage = `<!doctype html>
<html lang="zh-CN">
<head><meta charset="utf-8"><link rel="icon" href="data:,"><title>小程序</title><style>
  body { margin: 0; min-height: 100vh; display: flex; gap: 32px; align-items: center; justify-content: center; background: #e9ebee; font: 15px sans-serif; color: #333; }
  iframe { width: 375px; height: min(812px, calc(100vh - 48px)); border: 8px solid #111; border-radius: 36px; background: #fff; }
  form { display: grid; gap: 12px; width: 200px; }
  input, button { padding: 8px; font: inherit; }
  small { color: #777; line-height: 1.5; }
</style></head>
<body>
<iframe title="手机"></iframe>
<form>
  <label for="person">谁在用这部手机？ Who holds the phone?</label>
  <input id="person" value="alice" pattern="\\p{L}[\\p{L}\\p{N}_\\-]{0,27}">
  <button>打开小程序 / open</button>
  <small>每个名字是一个微信用户，各有一部手机；留空则与没有 AppID 的开发者工具一样。<br>Each name is a person with a phone of their own; no name is DevTools without an AppID.</small>
</form>
<script>
  const frame = document.querySelector("iframe");
  const open = () => { frame.src = "/phone?person=" + encodeURIComponent(document.querySelector("#person").value); };
  document.querySelector("form").addEventListener("submit", (event) => { event.preventDefault(); open(); });
  open();
</script>
</body>
</html>`;
