import { request } from "node:http";
import { describe, expect, test } from "vitest";
import { pushToken } from "../support/push.js";
import { startTestApp } from "../support/test-app.js";

const app = await startTestApp({ env: { WECHAT_PUSH_TOKEN: pushToken } });
const { port } = new URL(app.simulatorUrl ?? "");

/** Asks the simulator to erase a person, as whoever sends these headers; fetch wouldn't send all of them. */
function erase(person: string, headers: Record<string, string>): Promise<number | undefined> {
  const path = `/simulator/push?event=user_authorization_cancellation&person=${person}`;
  return new Promise((resolve, reject) => {
    request({ host: "127.0.0.1", port, path, headers }, (response) => {
      response.resume().on("end", () => resolve(response.statusCode));
    })
      .on("error", reject)
      .end();
  });
}

const here = `127.0.0.1:${port}`;

describe("a web page can't play WeChat", () => {
  test.each([
    ["a page elsewhere", { host: here, origin: "https://evil.example" }],
    ["a page without an origin of its own", { host: here, origin: "null" }],
    [
      "a page whose name was bent to this machine",
      { host: `evil.example:${port}`, origin: `http://evil.example:${port}` },
    ],
    ["such a page asking for its own", { host: `evil.example:${port}` }],
    ["a name that only begins like this machine's", { host: `127.0.0.1.evil.example:${port}` }],
    ["an image in a page", { host: here, "sec-fetch-site": "cross-site" }],
    ["an image in an old browser", { host: here, referer: "https://evil.example/page" }],
  ])("%s", async (_, headers) => {
    const { token } = await app.client.signedIn("alice");
    expect(await erase("alice", headers)).toBe(403);
    expect((await app.client.me(token)).outcome).toBe("ok");
  });
});

// A person each, since a message about the same one in the same second is a repeat.
test.each([
  ["curl", { host: here }],
  ["curl by name", { host: `localhost:${port}` }],
  ["the address bar of a browser", { host: here, "sec-fetch-site": "none" }],
  ["a page of this machine", { host: here, origin: "http://localhost:3000", "sec-fetch-site": "cross-site" }],
])("%s can", async (who, headers) => {
  const person = who.replaceAll(" ", "-");
  const { token } = await app.client.signedIn(person);
  expect(await erase(person, headers)).toBe(200);
  expect((await app.client.me(token)).outcome).toBe("UNAUTHENTICATED");
});
