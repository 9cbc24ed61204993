import { serverAudits } from "graphql-http";
import { expect, test } from "vitest";
import { startTestApp } from "../../support/test-app.js";

/**
 * The recommendations of GraphQL over HTTP that wxpass doesn't follow, by the id of their audit. A 4xx answer tells what
 * is no valid GraphQL request, whichever media type the client reads; 200 is for operations that were executed.
 */
const notFollowed = {
  "572B": "a document that can't be parsed is no request, and is answered 400 as application/json too",
  FDE2: "a document that the schema refuses is no request, and is answered 400 as application/json too",
  "7B9B":
    "the variable that it fails to coerce is never used, so its document is refused before (see requests.test.ts)",
};

const app = await startTestApp();

/** The server refuses a GET that a page of another origin could cause. Audits send none of the headers that lift this. */
const withoutPreflight = (url: string, init?: RequestInit) =>
  fetch(url, { ...init, headers: { ...init?.headers, "apollo-require-preflight": "true" } });

const audits = serverAudits({ url: `${app.url}/graphql`, fetchFn: withoutPreflight });

async function failing(requirement: string): Promise<string[]> {
  const chosen = audits.filter(({ name }) => name.startsWith(requirement));
  expect(chosen).not.toHaveLength(0);
  const results = await Promise.all(chosen.map(({ fn }) => fn()));
  return results.filter(({ status }) => status !== "ok").map(({ id }) => id);
}

test("everything that GraphQL over HTTP requires is kept", async () => {
  expect(await failing("MUST")).toEqual([]);
});

test("what it recommends is followed, but for what is listed with its reason", async () => {
  expect((await failing("SHOULD")).sort()).toEqual(Object.keys(notFollowed).sort());
});

test("what it leaves open is taken up", async () => {
  expect(await failing("MAY")).toEqual([]);
});
