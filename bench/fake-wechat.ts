import { createHash } from "node:crypto";
import { createServer } from "node:http";

/*
 * A WeChat that answers at once, in a process of its own: every code stands for the person of its name.
 */

createServer((request, response) => {
  const code = new URL(request.url ?? "", "http://wechat").searchParams.get("js_code");
  const openid = `o${createHash("sha256").update(String(code)).digest("base64url").slice(0, 27)}`;
  response.writeHead(200, { "content-type": "text/plain" });
  response.end(JSON.stringify({ openid, session_key: "AAAAAAAAAAAAAAAAAAAAAA==" }));
}).listen(Number(process.env["PORT"]), "127.0.0.1");
