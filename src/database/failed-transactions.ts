interface QueryRunner {
  executeQuery(query: { sql: string }, ...options: unknown[]): Promise<unknown>;
}

const isQueryRunner = (connection: unknown): connection is QueryRunner =>
  typeof connection === "object" && connection !== null && "executeQuery" in connection;

const nothing = { rows: [] };

/**
 * Sees to it that a transaction gives its connection back, however it fails. Kysely keeps the connection for ever when a
 * begin or a rollback fails, so that PostgreSQL's pool would shrink with every cut. So a begin that fails is told by what
 * follows it; and where a rollback fails there is nothing left to roll back, because the connection is gone.
 */
export async function releaseFailedTransactions(connection: unknown): Promise<void> {
  if (!isQueryRunner(connection)) throw new TypeError("the database driver has changed its connections");
  const execute = connection.executeQuery.bind(connection);
  let notBegun: unknown;

  async function begin(query: { sql: string }, options: unknown[]): Promise<unknown> {
    try {
      notBegun = undefined;
      return await execute(query, ...options);
    } catch (error) {
      notBegun = error;
      return nothing;
    }
  }

  async function rollback(query: { sql: string }, options: unknown[]): Promise<unknown> {
    const begun = notBegun === undefined;
    notBegun = undefined;
    return begun ? execute(query, ...options).catch(() => nothing) : nothing;
  }

  connection.executeQuery = async (query, ...options) => {
    if (/^(begin|start transaction)\b/.test(query.sql)) return begin(query, options);
    if (query.sql === "rollback") return rollback(query, options);
    if (notBegun !== undefined) throw notBegun;
    return execute(query, ...options);
  };
}
