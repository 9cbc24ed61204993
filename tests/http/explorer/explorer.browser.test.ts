import { availableParallelism, loadavg } from "node:os";
import type { FrameLocator, Page } from "playwright-core";
import { beforeAll, describe, expect, test } from "vitest";
import { chromiumPath } from "../../../miniprogram/runner/chromium.ts";
import { openWindow } from "../../support/browser.js";
import type { ErrorData, LoginData, UserData } from "../../support/client.js";
import { keepSecret } from "../../support/log-search.js";
import { startTestApp, type TestApp } from "../../support/test-app.js";

const embedScript = "https://embeddable-sandbox.cdn.apollographql.com/_latest/embeddable-sandbox.umd.production.min.js";
const sandboxFrame = "https://sandbox.embed.apollographql.com/**";

const getPage = (app: TestApp, path = "/graphql") =>
  fetch(`${app.url}${path}`, { headers: { accept: "text/html,application/xhtml+xml,*/*;q=0.8" } });

let app: TestApp;

beforeAll(async () => {
  app = await startTestApp();
});

describe("what is served", () => {
  test("a browser gets a page, and a page's policy is its own", async () => {
    const page = await getPage(app);

    expect(page.status).toBe(200);
    expect(page.headers.get("content-type")).toBe("text/html; charset=utf-8");
    expect(page.headers.get("cache-control")).toBe("no-store");
    expect(page.headers.get("content-security-policy")).toContain("frame-src 'self' https://sandbox.embed.");
    for (const path of ["/livez", "/graphql?query={__typename}"]) {
      const other = await getPage(app, path);
      expect(other.headers.get("content-security-policy")).toBe("default-src 'none';frame-ancestors 'none'");
    }
  });

  test("the server's own address leads to it, in a phone's width and in the dark as well", async () => {
    const { page } = await openWindow(app.url, { viewport: { width: 390, height: 800 }, colorScheme: "dark" });
    await page.goto(`${app.url}/`);
    expect(page.url()).toBe(`${app.url}/graphql`);
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(390);
    expect(await page.evaluate("getComputedStyle(document.querySelector('#bar')).backgroundColor")).toBe(
      "rgb(22, 27, 34)",
    );
  });

  test.each([
    ["with EXPLORER=off", { EXPLORER: "off" }],
    [
      "in production",
      { NODE_ENV: "production", EXPLORER: "sandbox", WECHAT_APPS: `wxlive:${"0123456789abcdef".repeat(2)}` },
    ],
  ])("there is no page %s", async (_, env) => {
    const silent = await startTestApp({ env });

    for (const path of ["/graphql", "/graphql?explorer=graphiql"]) {
      const answer = await getPage(silent, path);
      expect(answer.status).toBe(400);
      expect(answer.headers.get("content-type")).toContain("json");
    }
    expect((await getPage(silent, "/")).status).toBe(404);
  });
});

if (!chromiumPath) {
  process.stderr.write(
    "\nNOT TESTED: the explorer in a browser, because no Chromium was found (CHROMIUM=path names one).\n\n",
  );
}

describe.runIf(chromiumPath)("GraphiQL in a browser", () => {
  test("shows within three seconds where Sandbox can't be reached", { retry: 2 }, async () => {
    const { page } = await openWindow(app.url);

    const start = performance.now();
    await page.goto(`${app.url}/graphql`, { waitUntil: "commit" });
    await shown(page);

    expect(performance.now() - start).toBeLessThan(3_000 * crowding());
  });

  test("takes over before Sandbox has hung for two and a half seconds", async () => {
    const { context, page } = await openWindow(app.url);
    await context.route(embedScript, () => {});
    await page.clock.install({ time: 0 });
    await page.clock.pauseAt(600_000);

    await page.goto(`${app.url}/graphql`, { waitUntil: "domcontentloaded" });
    await page.clock.runFor(2_000);
    expect(await page.locator("#graphiql").isVisible()).toBe(false);
    await page.clock.runFor(500);
    expect(await page.locator("#graphiql").isVisible()).toBe(true);

    await page.clock.resume();
    await shown(page);
  });

  test("signs in at a press of its button, stays signed in, and asks only for Sandbox elsewhere", async () => {
    const { page, foreign, violations } = await openWindow(app.url);

    await page.goto(`${app.url}/graphql`);
    const graphiql = await shown(page);
    const { wxLogin } = await run<{ wxLogin: LoginData }>(page, graphiql, "Login");
    keepSecret(wxLogin.token);
    await graphiql.locator(".graphiql-response").getByText(wxLogin.user.id).waitFor();
    const { me } = await run<{ me: UserData }>(page, graphiql, "Me");
    await graphiql.locator(".graphiql-response").getByText(me.createdAt).waitFor();
    const renewed = await run<{ refreshToken: LoginData }>(page, graphiql, "Refresh");
    keepSecret(wxLogin.refreshToken, renewed.refreshToken.token, renewed.refreshToken.refreshToken);
    await graphiql.locator(".graphiql-response").getByText(renewed.refreshToken.expiresAt).waitFor();
    const again = await run<{ refreshToken: LoginData }>(page, graphiql, "Refresh");
    keepSecret(again.refreshToken.token, again.refreshToken.refreshToken);

    expect(wxLogin.token.split(".")).toHaveLength(3);
    expect(me.id).toBe(wxLogin.user.id);
    const generations = [wxLogin, renewed.refreshToken, again.refreshToken].map(({ refreshToken }) => refreshToken);
    expect(new Set(generations).size).toBe(3);
    expect(foreign).toEqual([embedScript]);
    expect(violations).toEqual([]);
  });

  test("shows at once with EXPLORER=graphiql, asks no other host, and still shows when reloaded after typing", async () => {
    const { url } = await startTestApp({ env: { EXPLORER: "graphiql" } });
    const { page, foreign, violations } = await openWindow(url);

    await page.goto(`${url}/graphql`);
    await page.getByText("mutation Login").click();
    await page.keyboard.type("# hello");
    await expect.poll(() => page.evaluate("JSON.stringify(localStorage)")).toContain("# hello");
    await page.reload();
    await page.getByText("# hello").waitFor();

    expect(page.url()).toBe(`${url}/graphql`);
    expect(foreign).toEqual([]);
    expect(violations).toEqual([]);
  });
});

describe.runIf(chromiumPath)("Sandbox in a browser", { concurrent: true }, () => {
  test("stays once it has spoken, has the ready operations, and stays signed in", async () => {
    const { context, page, violations } = await openWindow(app.url);
    await context.route(embedScript, (route) => route.fulfill({ contentType: "text/javascript", body: fakeEmbed }));
    await context.route(sandboxFrame, (route) => route.fulfill({ contentType: "text/html", body: fakeSandbox }));
    await page.clock.install({ time: 0 });
    await page.clock.pauseAt(600_000);

    await page.goto(`${app.url}/graphql`);
    await page.frameLocator("#sandbox iframe").getByText("answered").waitFor();
    await page.clock.fastForward(10_000);
    const { wxLogin } = await send<{ wxLogin: LoginData }>(page, "Login");
    const { me } = await send<{ me: UserData }>(page, "Me");
    const { updateProfile } = await send<{ updateProfile: UserData }>(page, "UpdateProfile");

    const { refreshToken } = await send<{ refreshToken: LoginData }>(page, "Refresh");
    const renewed = await send<{ me: UserData }>(page, "Me");

    for (const tokens of [wxLogin, refreshToken]) keepSecret(tokens.token, tokens.refreshToken);
    expect(me.id).toBe(wxLogin.user.id);
    expect(refreshToken.refreshToken).not.toBe(wxLogin.refreshToken);
    expect(renewed.me.id).toBe(me.id);
    expect(updateProfile).toEqual({ id: me.id, nickname: "爱丽丝", birthday: "2000-02-29" });
    expect(await page.locator("#graphiql").count()).toBe(0);
    expect(violations).toEqual([]);
  });

  test("gives the tokens to no other endpoint, and prefers those that were typed in", async () => {
    const { context, page } = await openWindow(app.url);
    await context.route(embedScript, (route) => route.fulfill({ contentType: "text/javascript", body: fakeEmbed }));
    await page.goto(`${app.url}/graphql?explorer=sandbox`);
    const { wxLogin } = await send<{ wxLogin: LoginData }>(page, "Login");
    keepSecret(wxLogin.token, wxLogin.refreshToken);

    const elsewhere = page.waitForRequest(`${app.url}/elsewhere`);
    const body = JSON.stringify({ query: "{ me }", operationName: "Refresh" });
    const options = JSON.stringify({ method: "POST", headers: {}, body });
    await page.evaluate(`sandbox.handleRequest("/elsewhere", ${options}).then(() => {})`);

    expect((await elsewhere).headers()["authorization"]).toBeUndefined();
    expect((await elsewhere).postData()).toBe(body);
    const typed = { headers: { Authorization: "Bearer wrong" }, variables: { refreshToken: "wrong" } };
    await expect(send(page, "Me", typed)).rejects.toThrow("UNAUTHENTICATED");
    await expect(send(page, "Refresh", typed)).rejects.toThrow("REFRESH_TOKEN_INVALID");
  });

  test("asked for by name, is waited for", async () => {
    const { page } = await openWindow(app.url);
    await page.clock.install();

    await page.goto(`${app.url}/graphql?explorer=sandbox`);
    await page.clock.fastForward(10_000);
    await page.getByText("Apollo Sandbox hasn't loaded yet").waitFor();
    await page.getByText("works offline").click();
    await page.waitForURL(`${app.url}/graphql?explorer=graphiql`, { waitUntil: "commit" });
  });
});

/** Plays the script that embeds Sandbox, and keeps what the page gives it. */
const fakeEmbed = `
  window.EmbeddedSandbox = class {
    constructor(options) {
      window.sandbox = options;
      const frame = document.createElement("iframe");
      frame.src = "https://sandbox.embed.apollographql.com/sandbox/explorer";
      document.querySelector(options.target).append(frame);
      addEventListener("message", () => frame.contentWindow.postMessage("handshake", "*"));
    }
  };
`;

/** Plays the page in Sandbox's frame, whose first message asks for a handshake. */
const fakeSandbox = `<script>
  addEventListener("message", () => { document.body.textContent = "answered"; });
  parent.postMessage({ name: "ExplorerListeningForHandshake" }, "*");
</script>`;

/** How many times longer things take because the machine has more to do than it can. */
const crowding = () => Math.max(1, (loadavg()[0] ?? 0) / availableParallelism());

/** Waits until GraphiQL has taken the place of Sandbox. */
async function shown(page: Page): Promise<FrameLocator> {
  const graphiql = page.frameLocator("#graphiql");
  await graphiql.getByText("mutation Login").waitFor();
  await page.locator("#graphiql").waitFor({ state: "visible" });
  return graphiql;
}

/** Runs one of the ready operations in GraphiQL with the mouse, and waits until the answer shows. */
async function run<Data>(page: Page, graphiql: FrameLocator, operation: string): Promise<Data> {
  const answered = page.waitForResponse((response) => response.request().postData()?.includes(operation) ?? false);
  await graphiql.getByRole("button", { name: /^Execute query/ }).click();
  await graphiql.getByRole("menuitem", { name: operation, exact: true }).click();
  const { data } = await (await answered).json();
  return data;
}

interface Typed {
  headers?: Record<string, string>;
  variables?: Record<string, string>;
}

/** Sends one of the ready operations as Sandbox does, with what was typed into its panes. */
async function send<Data>(page: Page, operationName: string, { headers, variables }: Typed = {}): Promise<Data> {
  const { data, errors } = await page.evaluate<{ data: Data; errors?: ErrorData[] }>(`(async () => {
    const { initialEndpoint, initialState, handleRequest } = sandbox;
    const variables = ${JSON.stringify(variables)} ?? initialState.variables;
    const response = await handleRequest(initialEndpoint, {
      method: "POST",
      headers: { "content-type": "application/json", ...${JSON.stringify(headers)} },
      body: JSON.stringify({ query: initialState.document, operationName: "${operationName}", variables }),
      credentials: "omit",
    });
    return response.json();
  })()`);
  if (errors) throw new Error(errors[0]?.extensions.code);
  return data;
}
