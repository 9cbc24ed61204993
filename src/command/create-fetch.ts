/** In which a connection to WeChat must stand: half of the time that a whole call has, so that one retry fits. */
const connectTimeoutMs = 2_000;

/** Makes a `fetch` that gives up connections in time. The library for that is loaded with the first call, not at the start. */
export function createFetch(): typeof fetch {
  let ready: Promise<void> | undefined;

  async function limitConnections(): Promise<void> {
    const { Agent, setGlobalDispatcher } = await import("undici");
    setGlobalDispatcher(new Agent({ connect: { timeout: connectTimeoutMs } }));
  }

  return async (input, init) => {
    ready ??= limitConnections();
    await ready;
    return fetch(input, init);
  };
}
