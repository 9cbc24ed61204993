import { readdirSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import { expect, inject, test, vi } from "vitest";
import { readAnswer } from "../../support/client.js";
import { driver } from "../../support/database.js";
import { noise, plain } from "../../support/images.js";
import { startTestApp } from "../../support/test-app.js";
import { fetchAvatar, post, upload } from "../../support/upload.js";

const folder = join(inject("folder"), `route-${process.pid}`);
const app = await startTestApp({ env: { STORAGE_URL: `file:${folder}` } });
const { token } = await app.client.signedIn("alice");
const image = await plain("red").jpeg().toBuffer();

test.each([
  ["alone", [["file", image]]],
  [
    "after the fields",
    [
      ["nickname", "Ann"],
      ["file", image],
    ],
  ],
  [
    "before the fields",
    [
      ["file", image],
      ["nickname", "Ann"],
      ["file2", "text"],
    ],
  ],
  [
    "among fields",
    [
      ["a", "1"],
      ["file", image],
      ["long", "x".repeat(50_000)],
    ],
  ],
] as const)("the file may come %s", async (_, parts) => {
  const { status, outcome, avatarUrl, headers } = await upload(
    app,
    token,
    parts.map(([name, value]) => [name, value]),
  );
  expect({ status, outcome }).toEqual({ status: 200, outcome: "ok" });
  expect(avatarUrl).toMatch(/^http:\/\/wxpass\.test\/avatars\//);
  expect(headers.get("content-type")).toBe("application/json; charset=utf-8");
  expect(headers.get("cache-control")).toBe("no-store");
});

test.each([
  ["no file", [["nickname", "Ann"]]],
  ["text in the field of the file", [["file", "text"]]],
  ["a file in another field", [["avatar", image]]],
  [
    "two files",
    [
      ["file", image],
      ["file", image],
    ],
  ],
  [
    "two files of different names",
    [
      ["file", image],
      ["other", image],
    ],
  ],
] as const)("%s is BAD_USER_INPUT", async (_, parts) => {
  const { status, errors } = await upload(
    app,
    token,
    parts.map(([name, value]) => [name, value]),
  );
  expect(status).toBe(200);
  expect(errors).toMatchObject([{ extensions: { code: "BAD_USER_INPUT", field: "file", retry: "NEVER" } }]);
});

test.each([
  ["no token", undefined],
  ["a bad token", "x.y.z"],
])("%s is UNAUTHENTICATED with HTTP 200", async (_, bad) => {
  const { status, errors, headers } = await upload(app, bad, image);
  expect(status).toBe(200);
  expect(errors).toMatchObject([{ message: "请先登录", extensions: { code: "UNAUTHENTICATED", retry: "NEW_CODE" } }]);
  expect(errors[0]?.extensions.requestId).toBe(headers.get("x-request-id"));
});

test("a session that has ended can't upload", async () => {
  const ended = await app.client.signedIn("bob");
  await app.client.request("mutation { logout }", { token: ended.token });
  expect((await upload(app, ended.token, image)).outcome).toBe("UNAUTHENTICATED");
});

test("messages follow Accept-Language", async () => {
  const form = new FormData();
  form.append("nickname", "Ann");
  const { errors } = await post(app, token, { body: form, headers: { "accept-language": "en" } });
  expect(errors[0]?.message).toBe("Send exactly one file, in the field “file”");
});

/** Sends a head and waits for the answer, whatever comes of the body. */
function sendHead(headers: Record<string, string | number>, body = ""): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const sent = request(`${app.url}/avatar`, { method: "POST", headers }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk) => {
        text += chunk;
      });
      response.on("end", () => {
        sent.destroy();
        resolve({ status: response.statusCode ?? 0, text });
      });
    });
    sent.on("error", reject);
    sent.flushHeaders();
    sent.write(body);
  });
}

const multipart = "multipart/form-data; boundary=x";

test("the token is checked, and a size that is too large refused, before the file is read", async () => {
  const head = { "content-type": multipart, "content-length": 5_000_000 };
  expect((await sendHead(head)).text).toContain("UNAUTHENTICATED");
  const large = { ...head, authorization: `Bearer ${token}`, "content-length": 6_000_001 };
  expect((await sendHead(large)).status).toBe(413);
});

test.each([5_000_001, 20_000_000])("a file of %i bytes is 413", async (size) => {
  const file = Buffer.concat([image, Buffer.alloc(size - image.length)]);
  const { status, errors } = await upload(app, token, file);
  expect(status).toBe(413);
  expect(errors).toMatchObject([{ message: "图片不能超过 5 MB", extensions: { code: "BAD_REQUEST", retry: "NEVER" } }]);
});

test("a file of 5 MB exactly is taken", async () => {
  const photograph = await noise(1_200, 1_200).png({ compressionLevel: 0 }).toBuffer();
  const file = Buffer.concat([photograph, Buffer.alloc(5_000_000 - photograph.length)]);
  expect((await upload(app, token, file)).outcome).toBe("ok");
});

const part = (rest: string) => `--x\r\ncontent-disposition: form-data; name="file"; filename="a.png"\r\n\r\n${rest}`;

test.each<[string, number, Record<string, string>, string]>([
  ["JSON", 415, { "content-type": "application/json" }, "{}"],
  ["bare image data", 415, { "content-type": "image/png" }, "x"],
  ["a form that is no multipart", 415, { "content-type": "application/x-www-form-urlencoded" }, "file=x"],
  ["no boundary", 400, { "content-type": "multipart/form-data" }, part("x\r\n--x--\r\n")],
  ["another boundary", 400, { "content-type": "multipart/form-data; boundary=y" }, part("x\r\n--x--\r\n")],
  ["no end", 400, { "content-type": multipart }, part("xxxxx")],
  ["a part without a name's end", 400, { "content-type": multipart }, "--x\r\ncontent-disposition: form"],
  [
    "a name of the prototype's",
    400,
    { "content-type": multipart },
    part("x\r\n--x--\r\n").replace("file", "__proto__"),
  ],
])("a body that is %s is HTTP %i", async (_, expected, headers, body) => {
  const { status, outcome } = await post(app, token, { headers, body });
  expect({ status, outcome }).toEqual({ status: expected, outcome: "BAD_REQUEST" });
});

test("no body at all is 415", async () => {
  expect((await post(app, token, {})).status).toBe(415);
});

test.each(["GET", "PUT", "DELETE"])("%s is 405", async (method) => {
  const { status, headers } = await readAnswer(await fetch(`${app.url}/avatar`, { method }));
  expect({ status, allow: headers.get("allow") }).toEqual({ status: 405, allow: "POST" });
});

test("too many fields are refused", async () => {
  const fields = Array.from({ length: 30 }, (_, index): [string, string] => [`field${index}`, "x"]);
  const { status, outcome } = await upload(app, token, [...fields, ["file", image]]);
  expect({ status, outcome }).toEqual({ status: 400, outcome: "BAD_REQUEST" });
});

test("the GraphQL route takes no multipart", async () => {
  const response = await fetch(`${app.url}/graphql`, { method: "POST", body: new FormData() });
  expect(response.status).toBe(415);
});

test("uploads that were broken off leave nothing behind, and don't count as under way", async () => {
  const files = readdirSync(folder);
  const headers = { authorization: `Bearer ${token}`, "content-type": multipart, "content-length": 100_000 };
  for (let i = 0; i < 8; i++) {
    const sent = request(`${app.url}/avatar`, { method: "POST", headers });
    sent.on("error", () => {});
    await new Promise((resolve) => sent.write(part(image.toString("latin1").slice(0, 300)), resolve));
    sent.destroy();
  }
  await vi.waitFor(async () => expect((await upload(app, token, image)).outcome).toBe("ok"), 10_000);
  expect(readdirSync(folder)).toHaveLength(files.length);
});

if (driver === "postgresql") {
  test("nor do those whose client left while the token was looked up", async () => {
    const lock = app.database.em.fork();
    await lock.begin();
    await lock.execute("lock table sessions in access exclusive mode");
    const aborted = () =>
      app.logged.filter(({ route, outcome }) => route === "/avatar" && outcome === "ABORTED").length;
    const before = aborted();
    const headers = { authorization: `Bearer ${token}`, "content-type": multipart, "content-length": 100_000 };
    for (let i = 0; i < 8; i++) {
      const sent = request(`${app.url}/avatar`, { method: "POST", headers });
      sent.on("error", () => {});
      await new Promise((resolve) => sent.write(part("x"), resolve));
      sent.destroy();
    }
    await vi.waitFor(() => expect(aborted()).toBe(before + 8), 10_000);
    await lock.rollback();
    for (let i = 0; i < 8; i++) await app.client.me(token);
    expect((await upload(app, token, image)).outcome).toBe("ok");
  });
}

test("a sixth upload of one user at a time is told to come later; another user's is taken", async () => {
  const headers = { authorization: `Bearer ${token}`, "content-type": multipart, "content-length": 100_000 };
  const { promise: refused, resolve } = Promise.withResolvers<Response>();
  const slow = Array.from({ length: 6 }, () => {
    const sent = request(`${app.url}/avatar`, { method: "POST", headers }, async (incoming) => {
      resolve(new Response(Buffer.concat(await incoming.toArray()), { status: incoming.statusCode ?? 0 }));
    });
    sent.on("error", () => {});
    sent.write(part("x"));
    return sent;
  });
  const { status, errors } = await readAnswer(await refused);
  expect(status).toBe(200);
  expect(errors[0]?.extensions).toMatchObject({ code: "RATE_LIMITED", retry: "LATER", retryAfter: 5 });
  const other = await app.client.signedIn("carol");
  expect((await upload(app, other.token, image)).outcome).toBe("ok");
  for (const sent of slow) sent.destroy();
  await vi.waitFor(async () => expect((await upload(app, token, image)).outcome).toBe("ok"), 10_000);
});

test("with twenty uploads in hand, of whomever, the next one is told to come later", async () => {
  const own = await startTestApp();
  const signIn = async (_: unknown, index: number) => (await own.client.signedIn(`sender-${index}`)).token;
  const [last = "", ...tokens] = await Promise.all(Array.from({ length: 6 }, signIn));
  const refused: unknown[] = [];
  const slow = tokens.flatMap((each) =>
    Array.from({ length: 5 }, () => {
      const headers = { authorization: `Bearer ${each}`, "content-type": multipart, "content-length": 100_000 };
      const sent = request(`${own.url}/avatar`, { method: "POST", headers }, () => refused.push(each));
      sent.on("error", () => {});
      sent.write(part("x"));
      return sent;
    }),
  );
  await vi.waitFor(() => expect(refused).toHaveLength(5), 10_000);
  expect((await upload(own, last, image)).outcome).toBe("RATE_LIMITED");
  for (const sent of slow) sent.destroy();
  await vi.waitFor(async () => expect((await upload(own, last, image)).outcome).toBe("ok"), 10_000);
});

test("uploads are limited for each user, whatever becomes of them, and refused unread", async () => {
  const limited = await startTestApp({ env: { RATE_LIMIT: "on", RATE_LIMIT_UPLOAD: "2/10m,100/10m" } });
  const { token: hers } = await limited.client.signedIn("ella");
  const { token: his } = await limited.client.signedIn("finn");
  const outcomes = [];
  for (const file of [image, Buffer.from("no image"), image])
    outcomes.push((await upload(limited, hers, file)).outcome);
  expect(outcomes).toEqual(["ok", "BAD_USER_INPUT", "RATE_LIMITED"]);
  const { errors } = await post(limited, hers, { headers: { "content-type": multipart }, body: "" });
  expect(errors[0]?.extensions).toMatchObject({ code: "RATE_LIMITED", retryAfter: expect.any(Number) });
  expect((await upload(limited, his, image)).outcome).toBe("ok");
});

test("the log line of an upload says who and what came out", async () => {
  const { user, token: hers } = await app.client.signedIn("dora");
  await upload(app, hers, Buffer.from("no image"));
  await upload(app, hers, image);
  const lines = app.logged.filter(({ route, userId }) => route === "/avatar" && userId === user.id);
  expect(lines.map(({ outcome }) => outcome)).toEqual(["BAD_USER_INPUT", "ok"]);
});

test("an avatar is served with its type, for good, to anybody", async () => {
  const { avatarUrl } = await upload(app, token, image);
  const response = await fetchAvatar(app, avatarUrl);
  const bytes = Buffer.from(await response.arrayBuffer());
  expect(bytes.subarray(0, 3).toString("hex")).toBe("ffd8ff");
  expect(Object.fromEntries(response.headers)).toMatchObject({
    "content-type": "image/jpeg",
    "content-length": String(bytes.length),
    "x-content-type-options": "nosniff",
    "cache-control": "public, max-age=86400, immutable",
    "cross-origin-resource-policy": "cross-origin",
  });
});

test.each([
  "/avatars",
  "/avatars/",
  "/avatars/00000000000000000000000000000000.jpg",
  "/avatars/..",
  "/avatars/../wxpass.db",
  "/avatars/%2e%2e%2fwxpass.db",
  "/avatars/..%2f..%2f..%2fetc%2fpasswd",
  "/avatars/%00.jpg",
  "/avatars/00000000000000000000000000000000.jpg.draft",
  "/avatars/00000000000000000000000000000000.JPG",
  "/avatars/00000000000000000000000000000000.jpg%00",
  "/avatars/.//..//.",
])("%s is 404, as JSON that nobody keeps", async (path) => {
  const { hostname, port } = new URL(app.url);
  const response = await new Promise<Response>((resolve, reject) => {
    const sent = request({ hostname, port, path }, async (incoming) => {
      const chunks = await incoming.toArray();
      const headers = { "cache-control": String(incoming.headers["cache-control"]) };
      resolve(new Response(Buffer.concat(chunks), { status: incoming.statusCode ?? 0, headers }));
    });
    sent.on("error", reject).end();
  });
  const { status, outcome, headers } = await readAnswer(response);
  expect({ status, outcome }).toEqual({ status: 404, outcome: "BAD_REQUEST" });
  expect(headers.get("cache-control")).toBe("no-store");
});
