import { once } from "node:events";
import { request as httpRequest } from "node:http";
import { describe, expect, test } from "vitest";
import { type Answer, readAnswer } from "../support/client.js";
import { openSocket, rawRequest, sendRaw } from "../support/raw-http.js";
import { startScriptedWechat } from "../support/scripted-wechat.js";
import { startTestApp } from "../support/test-app.js";

const app = await startTestApp();
const graphql = `${app.url}/graphql`;
const json = { "content-type": "application/json" };
const query = JSON.stringify({ query: "{ __typename }" });
const preflight = { "apollo-require-preflight": "true" };

const send = async (init: RequestInit, url = graphql) => readAnswer(await fetch(url, init));
const post = (body: string | Buffer<ArrayBuffer>, headers: Record<string, string> = json) =>
  send({ method: "POST", headers, body });
const get = (search: string, headers: Record<string, string> = preflight) => send({ headers }, `${graphql}?${search}`);

/** Checks that a request was refused as every one is: with this status, as JSON, with our codes and the request's id. */
function expectRefused(answer: Answer, status: number, code = "BAD_REQUEST"): void {
  expect(answer.status, answer.text).toBe(status);
  expect(answer.headers.get("content-type")).toMatch(/^application\/json/);
  expect(answer.errors).not.toHaveLength(0);
  for (const { message, extensions } of answer.errors) {
    expect(message).not.toBe("");
    expect(extensions).toEqual({ code, retry: "NEVER", requestId: answer.headers.get("x-request-id") });
  }
  expect(answer.data).toBeUndefined();
  expect(answer.text).not.toMatch(/node_modules|\.js:|stack/);
}

describe("a body", () => {
  test.each([
    ["cut off", '{"query":"{ __typename }"'],
    ["no JSON", "query { me { id } }"],
    ["empty", ""],
    ["null", "null"],
    ["an array", "[]"],
    ["a number", "5"],
    ["a text", '"{ __typename }"'],
    ["true", "true"],
    ["an empty object", "{}"],
    ["a batch", `[${query},${query}]`],
    ["without a query", '{"variables":{}}'],
    ["with an empty query", '{"query":""}'],
    ["with a number as query", '{"query":5}'],
    ["with an object as query", '{"query":{"kind":"Document","definitions":[]}}'],
    ["with a list as variables", '{"query":"{ __typename }","variables":[1]}'],
    ["with text as variables", '{"query":"{ __typename }","variables":"{}"}'],
    ["with a number as operation name", '{"query":"{ __typename }","operationName":1}'],
    ["with a list as extensions", '{"query":"{ __typename }","extensions":[]}'],
    ["with __proto__", '{"query":"{ __typename }","__proto__":{"query":"{ me { id } }"}}'],
    ["with __proto__ in the variables", '{"query":"{ __typename }","variables":{"a":{"__proto__":{}}}}'],
    ["with a prototype", '{"query":"{ __typename }","constructor":{"prototype":{}}}'],
    ["made of brackets", "[".repeat(90_000)],
    ["nested deeply", `{"query":"{ __typename }","variables":${'{"a":'.repeat(15_000)}`],
  ])("%s is refused", async (_, body) => {
    expectRefused(await post(body), 400);
  });

  test("that is no UTF-8 is refused, and not stored as another text", async () => {
    const [before = "", after = ""] = query.split("__typename");
    const body = Buffer.concat([Buffer.from(before), Buffer.from([0xff, 0xfe]), Buffer.from(after)]);
    expectRefused(await post(body), 400);
  });

  test("may start with a byte order mark", async () => {
    expect((await post(`\ufeff${query}`)).outcome).toBe("ok");
  });

  test("of 100 kB is taken, a larger one refused", async () => {
    const padded = (size: number) => query.padEnd(size);
    expect((await post(padded(100_000))).outcome).toBe("ok");
    expectRefused(await post(padded(100_001)), 413);
  });

  test("that grows over 100 kB without having said so is refused", async () => {
    const body = new Blob([query.padEnd(200_000)]).stream();
    const unannounced = { duplex: "half" };
    const answer = await send({ method: "POST", headers: json, body, ...unannounced });
    expectRefused(answer, 413);
  });

  test.each([
    "text/plain",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "application/graphql",
    "application/jsonp",
    "text/plain;application/json",
    "nonsense",
    "",
  ])("of the type %j is refused", async (type) => {
    expectRefused(await post(query, { "content-type": type }), 415);
  });

  test.each([
    "application/json",
    "application/json;charset=utf-8",
    "application/json; charset=UTF-8",
    "application/json; charset=utf8",
    'application/json ; charset="UTF-8"',
    "Application/JSON; Charset=utf-8; x=y",
    "application/json; charset=utf-8; charset=utf-8",
  ])("of the type %j is taken", async (type) => {
    expect((await post(query, { "content-type": type })).outcome).toBe("ok");
  });

  test.each([
    "application/json; charset=shift_jis",
    "application/json;charset=gb2312",
    "application/json; charset=GBK",
    'application/json; charset="utf-16"',
    "application/json; charset=utf-16le",
    "application/json; charset=iso-8859-1",
    "application/json; charset=",
    "application/json; charset=utf-7",
    "application/json; charset=utf-8; charset=gbk",
    'application/json; x=y; CHARSET = "shift_jis"',
  ])("of the type %j is refused", async (type) => {
    expectRefused(await post(query, { "content-type": type }), 415);
  });

  test("without a type is refused", async () => {
    const headers = { "content-length": String(query.length) };
    expectRefused(await sendRaw(app.url, rawRequest("POST /graphql HTTP/1.1", headers, query)), 415);
  });

  test("that is missing is refused", async () => {
    expectRefused(await send({ method: "POST" }), 400);
    expectRefused(await send({ method: "POST", headers: json }), 400);
  });
});

describe("a document", () => {
  test.each([
    ["cut off", "{", "GRAPHQL_PARSE_FAILED"],
    ["made of a comment", "# nothing", "GRAPHQL_PARSE_FAILED"],
    ["with an unknown field", "{ secret }", "GRAPHQL_VALIDATION_FAILED"],
    ["with a value of the wrong type", "mutation { wxLogin(code: 5) { token } }", "GRAPHQL_VALIDATION_FAILED"],
    ["with a fragment only", "fragment F on Query { __typename }", "GRAPHQL_VALIDATION_FAILED"],
    ["with a subscription", "subscription { __typename }", "GRAPHQL_VALIDATION_FAILED"],
    [
      "with two operations and no choice",
      "query A { __typename } query B { __typename }",
      "OPERATION_RESOLUTION_FAILURE",
    ],
  ])("%s is refused", async (_, document, code) => {
    const answer = await post(JSON.stringify({ query: document }));
    expectRefused(answer, 400, code);
  });

  test("without the operation that is asked for is refused", async () => {
    const body = { query: "query A { __typename }", operationName: "B" };
    expectRefused(await post(JSON.stringify(body)), 400, "OPERATION_RESOLUTION_FAILURE");
  });

  test("whose variables have the wrong type is answered 200, or 400 where the client knows what that means", async () => {
    const body = JSON.stringify({
      query: "mutation ($c: String!) { wxLogin(code: $c) { token } }",
      variables: { c: 5 },
    });
    const statusFor = async (accept: string) => {
      const answer = await post(body, { ...json, accept });
      expect(answer.errors[0]?.extensions).toMatchObject({ code: "BAD_USER_INPUT", retry: "NEVER", field: "c" });
      return [answer.status, answer.headers.get("content-type")?.split(";")[0]];
    };
    expect(await statusFor("*/*")).toEqual([200, "application/json"]);
    expect(await statusFor("application/json")).toEqual([200, "application/json"]);
    expect(await statusFor("application/graphql-response+json")).toEqual([400, "application/graphql-response+json"]);
    expect(await statusFor("application/json, application/graphql-response+json;q=0.9")).toEqual([
      200,
      "application/json",
    ]);
  });
});

describe("a method", () => {
  test.each(["PUT", "DELETE", "PATCH", "OPTIONS", "PROPFIND", "TRACE", "QUERY"])("%s is refused", async (method) => {
    const headers = { ...json, "content-length": "2" };
    const answer = await sendRaw(app.url, rawRequest(`${method} /graphql HTTP/1.1`, headers, "{}"));
    expectRefused(answer, 405);
    expect(answer.headers.get("allow")).toBe("GET, POST");
  });

  test("is looked at before the body's type", async () => {
    const headers = { "content-type": "text/xml", "content-length": "4" };
    expectRefused(await sendRaw(app.url, rawRequest("PUT /graphql HTTP/1.1", headers, "<a/>")), 405);
  });

  test("HEAD is refused without a body", async () => {
    const response = await fetch(graphql, { method: "HEAD" });
    expect([response.status, response.headers.get("allow")]).toEqual([405, "GET, POST"]);
  });

  test("POST is refused where there is nothing to post to", async () => {
    const answer = await send({ method: "POST", headers: json, body: "{}" }, `${app.url}/livez`);
    expectRefused(answer, 405);
    expect(answer.headers.get("allow")).toBe("GET, HEAD");
  });
});

describe("an address", () => {
  test.each(["/graphql/", "//graphql", "/GRAPHQL", "/graphql/x", "/.env", "/graphql%2f", `/${"a".repeat(9_000)}`])(
    "%.20s is refused",
    async (path) => {
      expectRefused(await send({ method: "POST", headers: json, body: query }, `${app.url}${path}`), 404);
    },
  );

  test.each(["/%zz", "/%", "/%ff", "/graphql%"])("with broken escapes (%s) is refused", async (path) => {
    expectRefused(await sendRaw(app.url, rawRequest(`GET ${path} HTTP/1.1`)), 400);
  });

  test.each(["*", "//["])("that is none (%s) is refused", async (target) => {
    const answer = await sendRaw(app.url, rawRequest(`OPTIONS ${target} HTTP/1.1`));
    expectRefused(answer, 404);
  });

  test("in full, as a proxy is asked, is answered", async () => {
    const answer = await sendRaw(app.url, rawRequest("GET http://wxpass.test/livez HTTP/1.1"));
    expect(answer.status).toBe(200);
  });

  test.each(["ftp://wxpass.test/livez", "http://wxpass.test/nowhere", "//wxpass.test/livez"])(
    "in full that leads nowhere (%s) is refused",
    async (target) => expectRefused(await sendRaw(app.url, rawRequest(`GET ${target} HTTP/1.1`)), 404),
  );
});

describe("a host", () => {
  const asked = (host: string) =>
    sendRaw(
      app.url,
      rawRequest("POST /graphql HTTP/1.1", { ...json, host, "content-length": String(query.length) }, query),
    );

  test.each([
    "wxpass.test",
    "wxpass.test:80",
    "WXPASS.test.",
    "my_server:4000",
    "127.0.0.1:65535",
    "[::1]:4000",
    "xn--fsqu00a.cn",
  ])("%s is taken", async (host) => expect((await asked(host)).outcome).toBe("ok"));

  test.each([
    ...["", " ", "a b", "a, b", "a,b", "][", "[", "[]", "[::1", "::1", "[::g]", "[127.0.0.1]", "%", "a%zz"],
    ...[
      ":4000",
      "a:",
      "a:b",
      "a:65536",
      "a:99999999",
      "a:-1",
      "a:1:2",
      "a/../b?c#d",
      "http://a",
      "u@a",
      "a\\b",
      "\u00e9",
      "a\tb",
    ],
  ])("that is none (%j) is refused", async (host) => expectRefused(await asked(host), 400));

  test("that is missing is refused, but not of a client that knows none", async () => {
    expectRefused(await sendRaw(app.url, "GET /livez HTTP/1.1\r\nconnection: close\r\n\r\n"), 400);
    expect((await sendRaw(app.url, "GET /livez HTTP/1.0\r\n\r\n")).status).toBe(200);
  });
});

describe("a header that decides and comes twice", () => {
  const raw = (...headers: string[]) =>
    `POST /graphql HTTP/1.1\r\n${["connection: close", `content-length: ${query.length}`, ...headers].join("\r\n")}\r\n\r\n${query}`;
  const whole = ["host: a", "content-type: application/json"];

  test.each([
    ["two hosts", [...whole, "host: b"]],
    ["a host twice", [...whole, "Host: a"]],
    ["two types", [...whole, "Content-Type: text/plain"]],
    ["two charsets", [...whole, "content-type: application/json; charset=gbk"]],
    ["two tokens", [...whole, "authorization: Bearer a", "Authorization: Bearer b"]],
    ["two lengths", [...whole, `content-length: ${query.length + 1}`]],
    ["one length twice", [...whole, `content-length: ${query.length}`]],
  ])("%s: is refused", async (_, headers) => expectRefused(await sendRaw(app.url, raw(...headers)), 400));

  test("is taken if it says the same", async () => {
    const twice = ["content-type: application/json", "authorization: Bearer a", "Authorization: Bearer a"];
    expect((await sendRaw(app.url, raw(...whole, ...twice))).outcome).toBe("ok");
  });

  test("is refused wherever it asks", async () => {
    for (const line of ["GET /livez", "GET /readyz", "GET /nothing", "POST /avatar", "GET /avatars/a.jpg"]) {
      const answer = await sendRaw(app.url, `${line} HTTP/1.1\r\nhost: a\r\nhost: b\r\nconnection: close\r\n\r\n`);
      expectRefused(answer, 400);
    }
  });
});

describe("a query in the address", () => {
  test("is answered, for a client that no foreign page can be", async () => {
    const answer = await get(`query=${encodeURIComponent("{ __typename }")}`);
    expect([answer.status, answer.outcome]).toEqual([200, "ok"]);
    expect(answer.headers.get("cache-control")).toBe("no-store");
  });

  test("can't be a mutation", async () => {
    const login = 'mutation { wxLogin(code: "get") { token } }';
    const answer = await get(`query=${encodeURIComponent(login)}`);
    expectRefused(answer, 405);
    expect(answer.headers.get("allow")).toBe("POST");
    expect((await app.client.signedIn("get")).isNewUser).toBe(true);
  });

  test.each(["", "query=", "query=%zz", "query={&variables={", "query={a}&query={b}", "variables[]=1", "query[a]=b"])(
    "%j is refused",
    async (search) => {
      const answer = await get(search);
      expectRefused(answer, 400, answer.outcome);
      expect(["BAD_REQUEST", "GRAPHQL_PARSE_FAILED"]).toContain(answer.outcome);
    },
  );
});

describe("a request that a foreign page could send", () => {
  test("by a link or an image is refused", async () => {
    const answer = await get(`query=${encodeURIComponent("{ __typename }")}`, {});
    expectRefused(answer, 400);
    expect(answer.errors[0]?.message).toContain("CSRF");
  });

  test.each(["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"])(
    "as a form of the type %s is refused, also as a query in the address",
    async (type) => {
      expectRefused(await post(query, { "content-type": type }), 415);
      expectRefused(await get(`query=${encodeURIComponent("{ __typename }")}`, { "content-type": type }), 400);
    },
  );
});

test("an answer that the client doesn't take is refused before the code is spent", async () => {
  const login = JSON.stringify({ query: 'mutation { wxLogin(code: "picky") { token } }' });
  expectRefused(await post(login, { ...json, accept: "text/html" }), 406);
  expectRefused(await post(login, { ...json, accept: "multipart/mixed" }), 406);
  expect((await app.client.signedIn("picky")).isNewUser).toBe(true);
});

describe("what is no HTTP", () => {
  test.each([
    ["garbage", "GARBAGE\r\n\r\n"],
    ["an unknown method", rawRequest("FOO /graphql HTTP/1.1")],
    ["an unknown version", rawRequest("GET /livez HTTP/9.9")],
    ["an address that is none", rawRequest("POST graphql HTTP/1.1")],
    ["an address cut off", rawRequest("POST http://[ HTTP/1.1")],
    ["a header without a name", "GET /livez HTTP/1.1\r\nhost: a\r\n: x\r\n\r\n"],
    ["a line feed in a header", "GET /livez HTTP/1.1\r\nhost: a\r\nx: a\nb\r\n\r\n"],
    ["a length that is none", rawRequest("POST /graphql HTTP/1.1", { ...json, "content-length": "ten" })],
    ["two lengths", rawRequest("POST /graphql HTTP/1.1", { ...json, "content-length": "2", "Content-Length": "3" })],
    [
      "a length and chunks",
      rawRequest("POST /graphql HTTP/1.1", { ...json, "content-length": "2", "transfer-encoding": "chunked" }, "{}"),
    ],
    [
      "chunks that are none",
      rawRequest("POST /graphql HTTP/1.1", { ...json, "transfer-encoding": "chunked" }, "zz\r\n"),
    ],
    ["TLS", Buffer.from("16030100c8010000c40303", "hex")],
  ])("%s is refused", async (_, bytes) => {
    expectRefused(await sendRaw(app.url, bytes), 400);
  });

  test("no host is refused", async () => {
    expectRefused(await sendRaw(app.url, "GET /graphql HTTP/1.1\r\nconnection: close\r\n\r\n"), 400);
  });

  test("headers of 20 kB are refused", async () => {
    expectRefused(await sendRaw(app.url, rawRequest("GET /livez HTTP/1.1", { x: "a".repeat(20_000) })), 431);
  });

  test("an expectation that is none is ignored", async () => {
    const headers = { ...json, expect: "a miracle", "content-length": String(query.length) };
    const answer = await sendRaw(app.url, rawRequest("POST /graphql HTTP/1.1", headers, query));
    expect([answer.status, answer.outcome]).toEqual([200, "ok"]);
  });

  test("an upgrade that nobody offers is ignored", async () => {
    const headers = { ...json, connection: "upgrade", upgrade: "websocket", "content-length": String(query.length) };
    const socket = await openSocket(app.url);
    socket.write(rawRequest("POST /graphql HTTP/1.1", headers, query));
    const [answer] = await once(socket, "data");
    expect(String(answer)).toMatch(/^HTTP\/1\.1 200/);
    socket.destroy();
  });
});

describe("a client that leaves", () => {
  /** Starts a login against a WeChat that never answers. */
  const waiting = async () => {
    const wechat = await startScriptedWechat();
    const server = await startTestApp({ env: wechat.env });
    const called = new Promise<void>((resolve) => wechat.answer(() => resolve()));
    const request = httpRequest(`${server.url}/graphql`, { method: "POST", headers: json, agent: false });
    request.on("error", () => {});
    return { server, request, called };
  };
  const ended = (lines: { msg: string }[]) => lines.filter(({ msg }) => msg === "request");

  test("in the middle of the body is forgotten: stopping doesn't wait for it", async () => {
    const { server, request } = await waiting();
    request.setHeader("content-length", "1000").flushHeaders();
    const [socket] = await once(request, "socket");
    await once(socket, "connect");
    request.write('{"query":');
    await expect.poll(() => server.client.request("{ __typename }").then(({ outcome }) => outcome)).toBe("ok");
    request.destroy();
    await expect.poll(() => ended(server.logged)).toContainEqual(expect.objectContaining({ outcome: "ABORTED" }));
    const before = performance.now();
    await server.close();
    expect(performance.now() - before).toBeLessThan(5_000);
  });

  test("before the answer is forgotten: stopping doesn't wait for it", async () => {
    const { server, request, called } = await waiting();
    request.end(JSON.stringify({ query: 'mutation { wxLogin(code: "gone") { token } }' }));
    await called;
    request.destroy();
    await expect.poll(() => ended(server.logged)).toContainEqual(expect.objectContaining({ outcome: "ABORTED" }));
    const before = performance.now();
    await server.close();
    expect(performance.now() - before).toBeLessThan(5_000);
  });
});

test("after all this the server still serves, and nothing was its own fault", async () => {
  expect((await app.client.request("{ __typename }")).outcome).toBe("ok");
  expect(app.logged.filter(({ level }) => level >= 50)).toEqual([]);
});
