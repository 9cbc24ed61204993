import { connect, type Socket } from "node:net";
import { text } from "node:stream/consumers";
import { type Answer, readAnswer } from "./client.js";

/** Opens a connection on which a test writes what no HTTP library would. */
export async function openSocket(url: string): Promise<Socket> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  await new Promise((resolve, reject) => socket.once("connect", resolve).once("error", reject));
  return socket;
}

/** Sends these bytes and reads the answer until the server closes the connection. */
export async function sendRaw(url: string, request: string | Buffer): Promise<Answer> {
  return readAnswer(await responseTo(url, request));
}

/** The same, for an answer of any kind. */
export async function responseTo(url: string, request: string | Buffer): Promise<Response> {
  const socket = await openSocket(url);
  socket.write(request);
  return parse(await text(socket));
}

/** The bytes of a request, which asks for the connection to be closed after it. */
export function rawRequest(line: string, headers: Record<string, string> = {}, body = ""): string {
  const all = { host: "wxpass.test", connection: "close", ...headers };
  return `${line}\r\n${Object.entries(all)
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join("")}\r\n${body}`;
}

function parse(answer: string): Response {
  const end = answer.indexOf("\r\n\r\n");
  const [status = "", ...headers] = answer.slice(0, end).split("\r\n");
  const pairs = headers.map((line): [string, string] => {
    const colon = line.indexOf(":");
    return [line.slice(0, colon), line.slice(colon + 1).trim()];
  });
  return new Response(answer.slice(end + 4), { status: Number(status.split(" ")[1]), headers: pairs });
}
