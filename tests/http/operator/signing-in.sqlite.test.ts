import { describe, expect, test } from "vitest";
import { OperatorSession } from "../../../src/operators/operator.js";
import { admin } from "../../support/admin.js";
import { auditOf } from "../../support/audit.js";
import { newLink, openBrowser, signedInCookie, signInOperator } from "../../support/operator.js";
import { rawRequest, responseTo } from "../../support/raw-http.js";
import { sweep } from "../../support/sweep.js";
import { startTestApp } from "../../support/test-app.js";

const app = await startTestApp({ env: { OPERATOR_PAGE: "on" } });
const command = (...args: string[]) => admin(args, { env: { DATABASE_URL: app.databaseUrl } });
const stranger = openBrowser(app);

test("without OPERATOR_PAGE there is no page", async () => {
  const without = await startTestApp();
  for (const path of ["", "sign-in", "health"]) expect((await openBrowser(without).get(path)).status).toBe(404);
  expect((await openBrowser(without).post("sign-in", { key: "x" })).status).toBe(404);
});

test("nobody sees anything, or acts, without signing in", async () => {
  const { user } = await app.client.signedIn("alice");
  for (const path of ["", "acts", "health", `people/${user.id}/`]) {
    const { status, html } = await stranger.get(path);
    expect(status).toBe(401);
    expect(html).toContain("wxpass admin login-link");
    expect(html).not.toContain("alice");
  }
  for (const act of ["disable", "delete", "show", "export"]) {
    const fields = { seen: "none", version: user.updatedAt, confirm: user.id.slice(-8) };
    expect((await stranger.post(`people/${user.id}/${act}`, fields)).status).toBe(401);
  }
  const forged = openBrowser(app, `__Host-wxpass-operator=${"A".repeat(43)}`);
  expect((await forged.get("")).status).toBe(401);
  expect(await auditOf(app, "--user", user.id)).toEqual([]);
});

describe("a link", () => {
  test("is printed by the command, with the address of the server", async () => {
    const env = { DATABASE_URL: app.databaseUrl, PUBLIC_URL: "https://example.com/account", OPERATOR_PAGE: "on" };
    const { code, output, errors } = await admin(["login-link", "anna"], { env });
    expect({ code, errors }).toEqual({ code: 0, errors: "" });
    expect(output).toMatch(/^https:\/\/example\.com\/account\/operator\/sign-in\?key=[\w-]{43}\n$/);
    expect((await command("login-link", "anna")).errors).toContain("OPERATOR_PAGE=on");
    const plain = await admin(["login-link", "anna"], { env: { ...env, PUBLIC_URL: "http://10.0.0.5:4000" } });
    expect(plain.errors).toContain("no https");
  });

  test("signs in once, and opening it is not using it", async () => {
    const key = await newLink(app, "anna");
    for (const _ of ["a preview", "a person"]) {
      const { status, html } = await stranger.get(`sign-in?key=${key}`);
      expect(status).toBe(200);
      expect(html).toContain("Sign in as anna");
    }
    const { status, headers } = await stranger.post("sign-in", { key });
    expect({ status, location: headers.get("location") }).toEqual({ status: 303, location: "./" });
    expect(headers.get("set-cookie")).toMatch(
      /^__Host-wxpass-operator=[\w-]{43}; Max-Age=28800; Path=\/; HttpOnly; Secure; SameSite=Strict$/,
    );
    const again = await stranger.post("sign-in", { key });
    expect(again.status).toBe(401);
    expect(again.headers.get("set-cookie")).toBeNull();
    expect((await stranger.get(`sign-in?key=${key}`)).html).toContain("has been used");
  });

  test("is void after ten minutes, and when a newer one is made", async () => {
    const old = await newLink(app, "anna");
    const newer = await newLink(app, "anna");
    expect((await stranger.post("sign-in", { key: old })).status).toBe(401);
    app.advance(601_000);
    expect((await stranger.post("sign-in", { key: newer })).status).toBe(401);
  });

  test.each(["", "x", "a'; drop table operators", "A".repeat(43)])("that nobody made is refused: %j", async (key) => {
    expect((await stranger.post("sign-in", { key })).status).toBe(401);
  });

  test("and the key and the token are nowhere in the database", async () => {
    const key = await newLink(app, "berta");
    const token = (await signedInCookie(app, "anna")).split("=")[1] ?? "";
    const connection = app.database.em.fork().getConnection();
    const rows = [
      await connection.execute("select * from operators"),
      await connection.execute("select * from operator_sessions"),
    ];
    expect(JSON.stringify(rows)).toContain("berta");
    expect(JSON.stringify(rows)).not.toContain(key);
    expect(JSON.stringify(rows)).not.toContain(token);
  });
});

describe("a session", () => {
  test("ends after eight hours, and its row goes", async () => {
    const anna = await signInOperator(app);
    expect((await anna.get("")).status).toBe(200);
    app.advance(8 * 3_600_000);
    expect((await anna.get("")).status).toBe(401);
    await sweep(app);
    expect(await app.database.em.fork().count(OperatorSession)).toBe(0);
  });

  test("ends by signing out, and no other one does", async () => {
    const [anna, elsewhere] = [await signInOperator(app), await signInOperator(app)];
    const { status, headers } = await anna.post("sign-out");
    expect(status).toBe(303);
    expect(headers.get("set-cookie")).toContain("__Host-wxpass-operator=; Max-Age=0");
    expect((await anna.get("")).status).toBe(401);
    expect((await elsewhere.get("")).status).toBe(200);
  });

  test("ends when the operator is removed, by name", async () => {
    const [berta, anna] = [await signInOperator(app, "berta"), await signInOperator(app)];
    const key = await newLink(app, "berta");
    expect((await command("operators")).output).toMatch(/anna\n.*berta\n/s);
    expect((await command("remove-operator", "berta")).output).toBe("Removed: berta.\n");
    expect((await berta.get("")).status).toBe(401);
    expect((await stranger.post("sign-in", { key })).status).toBe(401);
    expect((await anna.get("")).status).toBe(200);
    expect(await command("remove-operator", "berta")).toMatchObject({ code: 1 });
  });

  test("and each way to it is in the audit log, with the address of the browser", async () => {
    await signInOperator(app, "clara");
    const [signIn, link] = await auditOf(app);
    expect(signIn).toMatchObject({
      actor: "clara",
      origin: "page",
      address: "127.0.0.1",
      act: "sign-in",
      userId: null,
    });
    expect(link).toMatchObject({ origin: "command", address: null, act: "login-link", detail: "clara" });
  });
});

test.each(["", "a b", "13800138000", "ada@example.com", "x".repeat(41), "<b>"])(
  "no operator is called %j",
  async (name) => {
    expect(await command("login-link", name)).toMatchObject({ code: 2, output: "" });
  },
);

describe("a form", () => {
  test.each([
    ["another site's", "https://evil.example"],
    ["a page without an origin", "null"],
    ["another port of this machine", "http://127.0.0.1:1"],
  ])("of %s does nothing", async (_, origin) => {
    const { user } = await app.client.signedIn("alice");
    const anna = await signInOperator(app);
    const fields = await anna.formOf(user.id, "disable");
    expect((await anna.post(`people/${user.id}/disable`, fields, { origin })).status).toBe(403);
    const key = await newLink(app, "anna");
    expect((await anna.post("sign-in", { key }, { origin })).status).toBe(403);
    expect((await anna.post("sign-out", {}, { origin })).status).toBe(403);
    expect((await anna.get("")).status).toBe(200);
    expect((await anna.get(`people/${user.id}/`)).html).toContain("active");
  });

  test("that isn't one is refused", async () => {
    const anna = await signInOperator(app);
    const { user } = await app.client.signedIn("alice");
    expect((await anna.post(`people/${user.id}/disable`, {})).status).toBe(400);
    expect((await anna.post(`people/${user.id}/disable`, {}, { "content-type": "application/json" })).status).toBe(415);
    expect((await anna.post(`people/${user.id}/disable`, { reason: "x".repeat(200_000) })).status).toBe(413);
    expect((await anna.get(`people/${user.id}/`)).html).toContain("active");
  });
});

describe("where it is opened", () => {
  const ask = (host: string, at = app) =>
    sendPage(at.url, rawRequest("GET /operator/sign-in HTTP/1.1", { host, "accept-language": "en" }));

  test("without https it serves this machine alone, and says so", async () => {
    expect(await ask("localhost:4000")).toMatchObject({ status: 200 });
    expect(await ask("[::1]")).toMatchObject({ status: 200 });
    for (const host of ["wxpass.test", "192.168.1.4:4000", "127.0.0.1.evil.example"]) {
      const { status, html } = await ask(host);
      expect({ host, status }).toEqual({ host, status: 403 });
      expect(html).toContain("needs https");
    }
  });

  test("behind https it takes the forms of its own address, a path before it or not", async () => {
    const behind = await startTestApp({ env: { OPERATOR_PAGE: "on", PUBLIC_URL: "https://example.com/account" } });
    const key = await newLink(behind, "anna");
    const body = `key=${key}`;
    const post = (origin: string) =>
      sendPage(
        behind.url,
        rawRequest(
          "POST /operator/sign-in HTTP/1.1",
          {
            host: "example.com",
            origin,
            "content-type": "application/x-www-form-urlencoded",
            "content-length": `${body.length}`,
          },
          body,
        ),
      );
    expect((await post("https://example.org")).status).toBe(403);
    expect((await post("http://example.com")).status).toBe(403);
    const { status, headers } = await post("https://example.com");
    expect({ status, location: headers.get("location") }).toEqual({ status: 303, location: "./" });
  });

  async function sendPage(url: string, request: string) {
    const answer = await responseTo(url, request);
    return { status: answer.status, headers: answer.headers, html: await answer.text() };
  }
});

test("nothing of it is reachable through GraphQL", async () => {
  const { text } = await app.client.request("{ __schema { types { name fields { name } } queryType { name } } }");
  expect(text).not.toMatch(/operator/i);
});

test("every page refuses to run scripts, to be framed and to be kept", async () => {
  const anna = await signInOperator(app);
  for (const path of ["", "acts", "health", "sign-in", "people/01900000-0000-7000-8000-000000000000/"]) {
    const { headers, html } = await anna.get(path);
    const policy = headers.get("content-security-policy");
    expect(policy).toMatch(
      /^default-src 'none';style-src 'sha256-[\w+/=]+';img-src 'self' http:\/\/wxpass\.test data:;form-action 'self';base-uri 'none';frame-ancestors 'none'$/,
    );
    expect(headers.get("cache-control")).toBe("no-store");
    expect(headers.get("referrer-policy")).toBe("same-origin");
    expect(html).not.toMatch(/<script|style="|https?:\/\//);
  }
});

test("pictures may come from where the avatars are, and from nowhere else", async () => {
  const bucket = "s3://KEY:SECRET@s3.oss-cn-hangzhou.aliyuncs.com/avatars?region=cn-hangzhou";
  for (const [storage, origin] of [
    [bucket, "https://avatars.s3.oss-cn-hangzhou.aliyuncs.com"],
    [`${bucket}&public=https://cdn.example.com/a`, "https://cdn.example.com"],
  ] as const) {
    const elsewhere = await startTestApp({ env: { OPERATOR_PAGE: "on", STORAGE_URL: storage } });
    const { headers } = await openBrowser(elsewhere).get("sign-in");
    expect(headers.get("content-security-policy")).toContain(`img-src 'self' ${origin} data:;`);
  }
});

test("PUBLIC_URL may be written in capitals", async () => {
  const other = await startTestApp({ env: { OPERATOR_PAGE: "on", PUBLIC_URL: "HTTPS://example.com" } });
  const request = rawRequest("GET /operator/sign-in HTTP/1.1", { host: "example.com" });
  expect((await responseTo(other.url, request)).status).toBe(200);
});
