/** How far this machine's clock is ahead of another's. */
export interface Clock {
  host: string;
  skewMs: number;
}

/** A `fetch` that notes what time it is where the answers come from; one out of a cache is as old as that. */
export function listenToClocks(
  fetch: typeof globalThis.fetch,
  now: () => Date,
): { fetch: typeof globalThis.fetch; clocks: Clock[] } {
  const clocks: Clock[] = [];
  return {
    clocks,
    async fetch(input, init) {
      const startedAt = now().getTime();
      const response = await fetch(input, init);
      const told = Date.parse(response.headers.get("date") ?? "");
      if (!Number.isNaN(told) && !response.headers.has("age")) {
        const middle = (startedAt + now().getTime()) / 2;
        // The header has whole seconds.
        clocks.push({ host: new URL(response.url).host, skewMs: middle - (told + 500) });
      }
      return response;
    },
  };
}
