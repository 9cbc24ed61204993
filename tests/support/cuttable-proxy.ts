import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";

/** A way to a server that can fall silent, as a network does when a cable is pulled: nothing arrives, nothing is closed. */
export interface CuttableProxy {
  port: number;
  cut(): void;
  close(): void;
}

/** Starts a proxy on loopback in front of a port. */
export async function startCuttableProxy(target: number): Promise<CuttableProxy> {
  const sockets = new Set<Socket>();
  const server = createServer((incoming) => {
    const outgoing = connect(target, "127.0.0.1");
    for (const socket of [incoming, outgoing]) sockets.add(socket.on("error", () => {}));
    incoming.pipe(outgoing).pipe(incoming);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new TypeError("no port");
  return {
    port: address.port,
    cut() {
      for (const socket of sockets) socket.unpipe().resume();
    },
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
