import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";

/** A way to a server on which things go wrong as they do on networks. */
export interface CuttableProxy {
  port: number;
  /** All connections fall silent, as when a cable is pulled: nothing arrives any more, nothing is closed. New ones are sound. */
  cut(): void;
  /** New connections are accepted and fall silent at once, until they are let through again. */
  swallow(newOnes: boolean): void;
  /** The next text like this still arrives. Its answer, and all else on its connection, doesn't. */
  loseAnswerTo(text: RegExp): void;
  /** At the next text like this its connection is closed on both sides, before it arrives. */
  breakAt(text: RegExp): void;
  /** From now on the way leads to another port; connections that are open are closed. */
  leadTo(target: number): void;
  close(): void;
}

type Fault = "silent" | "deaf" | "broken";

/** Starts a proxy on loopback in front of a port. */
export async function startCuttableProxy(firstTarget: number): Promise<CuttableProxy> {
  const connections = new Set<{ sockets: Socket[]; fault: Fault | undefined }>();
  let target = firstTarget;
  let swallowing = false;
  let next: { text: RegExp; fault: Fault } | undefined;

  const server = createServer((incoming) => {
    const outgoing = connect(target, "127.0.0.1");
    const connection = { sockets: [incoming, outgoing], fault: swallowing ? ("silent" as Fault) : undefined };
    connections.add(connection);
    for (const socket of connection.sockets) socket.on("error", () => {});
    const end = () => connection.sockets.map((socket) => socket.destroy());

    incoming.on("data", (chunk) => {
      if (connection.fault) return;
      if (next?.text.test(chunk.toString("latin1"))) {
        connection.fault = next.fault;
        next = undefined;
      }
      if (connection.fault === "broken") end();
      else outgoing.write(chunk);
    });
    outgoing.on("data", (chunk) => connection.fault ?? incoming.write(chunk));
    for (const socket of connection.sockets) socket.on("close", () => connection.fault === "silent" || end());
    incoming.on("close", () => connections.delete(connection));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new TypeError("no port");

  const endAll = () => {
    for (const { sockets } of connections) for (const socket of sockets) socket.destroy();
  };
  return {
    port: address.port,
    cut() {
      for (const connection of connections) connection.fault = "silent";
    },
    swallow(newOnes) {
      swallowing = newOnes;
    },
    loseAnswerTo(text) {
      next = { text, fault: "deaf" };
    },
    breakAt(text) {
      next = { text, fault: "broken" };
    },
    leadTo(port) {
      target = port;
      endAll();
    },
    close() {
      server.close();
      endAll();
    },
  };
}
