import { once } from "node:events";
import type { Socket } from "node:net";
import { expect, test } from "vitest";
import { openSocket } from "../support/raw-http.js";
import { startTestApp } from "../support/test-app.js";

const app = await startTestApp();
const { token } = await app.client.signedIn("alice");

/** A connection on which the head of an upload has been sent. */
async function sendHead(path: string, headers: Record<string, string | number>): Promise<Socket> {
  const socket = await openSocket(app.url);
  socket.on("error", () => {});
  const all = { host: "x", "content-type": "multipart/form-data; boundary=x", ...headers };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.write(`POST ${path} HTTP/1.1\r\n${lines.join("")}\r\n`);
  return socket;
}

const chunk = Buffer.alloc(50_000, "x");
const framed = Buffer.concat([Buffer.from(`${chunk.length.toString(16)}\r\n`), chunk, Buffer.from("\r\n")]);

/** Sends until everything is sent or the connection breaks, and returns how many bytes went out. */
async function send(socket: Socket, bytes: number, part = chunk): Promise<number> {
  let sent = 0;
  const closed = new Promise((resolve) => socket.once("close", resolve));
  while (sent < bytes && socket.writable) {
    await Promise.race([closed, new Promise((resolve) => socket.write(part, resolve))]);
    if (socket.writable) sent += part.length;
  }
  return sent;
}

/** The text of what has arrived when the connection closes. */
function readAll(socket: Socket): Promise<string> {
  let text = "";
  socket.on("data", (data) => {
    text += data;
  });
  return new Promise((resolve) => socket.once("close", () => resolve(text)));
}

const signedIn = { authorization: `Bearer ${token}` };

const announced = [{ "content-length": 100_000_000 }, chunk] as const;
const unannounced = [{ "transfer-encoding": "chunked" }, framed] as const;

test.concurrent.each<[string, string, Record<string, string>, RegExp]>([
  ["nobody's upload", "/avatar", {}, /^HTTP\/1.1 200 .*"UNAUTHENTICATED"/s],
  ["an upload that is too large", "/avatar", signedIn, /^HTTP\/1.1 413 /],
  ["a query that is too large", "/graphql", { "content-type": "application/json" }, /^HTTP\/1.1 413 /],
  ["a body that no route is for", "/nowhere", {}, /^HTTP\/1.1 404 /],
])("%s is answered and cut off, not read", async (_, path, headers, answer) => {
  const cutOff = async ([size, part]: typeof announced | typeof unannounced) => {
    const socket = await sendHead(path, { ...headers, ...size });
    const received = readAll(socket);
    expect(await send(socket, 100_000_000, part)).toBeLessThan(30_000_000);
    expect(await received).toMatch(answer);
    expect(await received).toMatch(/^connection: close\r$/im);
    socket.destroy();
  };
  await Promise.all([cutOff(announced), cutOff(unannounced)]);
});

test("a client that goes on sending and never reads is cut off all the same", async () => {
  const socket = await sendHead("/avatar", { "content-length": 100_000_000 });
  expect(await send(socket, 100_000_000)).toBeLessThan(30_000_000);
});

test("a client that reads the answer only after it has sent its whole file gets it", async () => {
  const socket = await sendHead("/avatar", { "content-length": 5_000_000 });
  socket.pause();
  expect(await send(socket, 5_000_000)).toBe(5_000_000);
  expect(await readAll(socket.resume())).toMatch(/connection: close.*"UNAUTHENTICATED"/s);
});

test("after a small body that nobody read the connection is used again", async () => {
  const socket = await sendHead("/avatar", { "content-length": 50_000 });
  const [answer] = await once(socket, "data");
  expect(String(answer)).toMatch(/^HTTP\/1.1 200 .*connection: keep-alive.*"UNAUTHENTICATED"/is);
  await send(socket, 50_000);
  socket.write("GET /livez HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
  expect(await readAll(socket)).toMatch(/^HTTP\/1.1 200 /);
});
