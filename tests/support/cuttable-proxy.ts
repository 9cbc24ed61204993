import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";

/** A way to a server that can fall silent, as a network does when a cable is pulled: nothing arrives, nothing is closed. */
export interface CuttableProxy {
  port: number;
  /** Falls silent. The promise resolves when a client has sent something into the silence. */
  cut(): { spokenTo: Promise<void> };
  close(): void;
}

/** Starts a proxy on loopback in front of a port. */
export async function startCuttableProxy(target: number): Promise<CuttableProxy> {
  const clients = new Set<Socket>();
  const targets = new Set<Socket>();
  const server = createServer((incoming) => {
    const outgoing = connect(target, "127.0.0.1");
    clients.add(incoming.on("error", () => {}));
    targets.add(outgoing.on("error", () => {}));
    incoming.pipe(outgoing).pipe(incoming);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new TypeError("no port");
  return {
    port: address.port,
    cut() {
      const { promise: spokenTo, resolve } = Promise.withResolvers<void>();
      for (const socket of targets) socket.unpipe().resume();
      for (const socket of clients)
        socket
          .unpipe()
          .on("data", () => resolve())
          .resume();
      return { spokenTo };
    },
    close() {
      server.close();
      for (const socket of [...clients, ...targets]) socket.destroy();
    },
  };
}
