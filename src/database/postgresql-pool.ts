import { once } from "node:events";
import { connect } from "node:net";
import type { Pool, PoolClient, PoolConfig } from "pg";
import { codeOf } from "../log.js";
import { within } from "../within.js";

/** What PostgreSQL gives up after: less than an operation may take, so that what is answered as failed has failed. */
const statementTimeoutMs = 8_000;

/** Over which a connection that fell silent in a transaction holds its locks no longer. */
const idleInTransactionTimeoutMs = 10_000;

/** For which somebody may have a connection. Whoever has one longer gets no answer any more. */
const useTimeoutMs = 8_500;

/** In which a connection to PostgreSQL must stand, or one of the pool be free. */
const connectTimeoutMs = 5_000;

/** For a request to cancel to arrive. */
const cancelTimeoutMs = 500;

/** How old a connection grows: the address may lead to another server by then. */
const maxLifetimeSeconds = 60;

/** The options of a pool of so many connections, beyond where they lead. */
export const poolOptions = (max: number): PoolConfig & { onPoolCreated: (pool: Pool) => void } => ({
  max,
  maxLifetimeSeconds,
  keepAlive: true,
  pipeline: true,
  connectionTimeoutMillis: connectTimeoutMs,
  statement_timeout: statementTimeoutMs,
  idle_in_transaction_session_timeout: idleInTransactionTimeoutMs,
  onPoolCreated(pool) {
    leaveReadOnlyServers(pool);
    turnAwayLateConnections(pool);
  },
});

/** Lets no connection stand that was begun before the pool was closed: whoever asked for it is gone and would not give it back. */
function turnAwayLateConnections(pool: Pool): void {
  const onConnect = () => {
    if (pool.ending) throw new Error("the connections to PostgreSQL are being closed");
  };
  Object.assign(pool.options, { onConnect });
}

/** SQLSTATE of a write that a standby, or a primary set to read only, refuses. */
const readOnlyTransaction = "25006";

/** Ends a connection that can't write when it is given back: the next one may lead to a server that can. */
function leaveReadOnlyServers(pool: Pool): void {
  const readOnly = new WeakSet<PoolClient>();
  pool.on("connect", (client) => {
    client.connection.on("errorMessage", (error: unknown) => {
      if (codeOf(error) === readOnlyTransaction) readOnly.add(client);
    });
  });
  pool.on("release", (_, client) => {
    if (readOnly.has(client)) client.end().catch(() => {});
  });
}

/**
 * Gives up, from now on, every connection that somebody has had for {@link useTimeoutMs}: cables are pulled and firewalls
 * forget without a word to either side. PostgreSQL is asked to cancel what it is doing for it.
 */
export function giveUpSilentConnections(pool: Pool): void {
  const timers = new WeakMap<PoolClient, NodeJS.Timeout>();
  pool.on("acquire", (client) => timers.set(client, setTimeout(giveUp, useTimeoutMs, client)));
  pool.on("release", (_, client) => clearTimeout(timers.get(client)));
}

async function giveUp(client: PoolClient): Promise<void> {
  await within(cancelTimeoutMs, cancel(client), () => {});
  client.connection.stream.destroy(new Error(`no answer from PostgreSQL within ${useTimeoutMs} ms`));
}

/**
 * Asks PostgreSQL on a connection of its own to cancel what another one does. It closes that connection when it has done so.
 * @see https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-CANCELING-REQUESTS
 */
async function cancel(client: PoolClient): Promise<void> {
  const { host, port } = client;
  const socket = connect(host.startsWith("/") ? { path: `${host}/.s.PGSQL.${port}` } : { host, port });
  socket.on("error", () => {}).resume();
  socket.write(cancelRequest(client));
  socket.setTimeout(cancelTimeoutMs, () => socket.destroy());
  await once(socket, "close");
}

const cancelRequestCode = 80_877_102;

function cancelRequest(client: PoolClient): Buffer {
  const message = Buffer.alloc(16);
  const words = [message.length, cancelRequestCode, Reflect.get(client, "processID"), Reflect.get(client, "secretKey")];
  for (const [index, word] of words.entries()) message.writeInt32BE(Number(word), index * 4);
  return message;
}

/** Whether a pooler on the way lets no client set timeouts when a connection begins, as PgBouncer does. */
export const refusesTimeouts = (error: unknown) =>
  error instanceof Error && error.message.includes("unsupported startup parameter");

/** Lets the pool open connections without the timeouts that PostgreSQL would keep. Then only ours hold. */
export function dropServerTimeouts(pool: Pool): void {
  Object.assign(pool.options, { statement_timeout: false, idle_in_transaction_session_timeout: false });
}
