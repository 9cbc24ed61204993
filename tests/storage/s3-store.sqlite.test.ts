import { AwsClient } from "aws4fetch";
import { afterEach, expect, test, vi } from "vitest";
import { UnusedFile } from "../../src/avatar/unused-file.js";
import { createS3Store } from "../../src/storage/s3-store.js";
import { parseStorageUrl } from "../../src/storage/storage-url.js";
import { admin } from "../support/admin.js";
import { coloursOf, plain } from "../support/images.js";
import { keepSecret } from "../support/log-search.js";
import { s3Key, startS3Server } from "../support/s3-server.js";
import { startTestApp } from "../support/test-app.js";
import { upload } from "../support/upload.js";

const s3 = await startS3Server("avatars");

/** Runs before the next request to the storage; what it returns is the storage's answer. */
type Intervene = (method: string, url: string, signal: AbortSignal | null | undefined) => Promise<Response | undefined>;
let intervene: Intervene = async () => undefined;
const methods: string[] = [];

const app = await startTestApp({
  env: { STORAGE_URL: `${s3.storageUrl}&public=https://cdn.example.com/a/` },
  async fetch(input, init) {
    if (!String(input).includes(s3.host)) return fetch(input, init);
    const method = init?.method ?? "GET";
    methods.push(method);
    return (await intervene(method, String(input), init?.signal)) ?? fetch(input, init);
  },
});
const { client } = app;

afterEach(() => {
  intervene = async () => undefined;
  methods.length = 0;
});

const red = await plain("red").png().toBuffer();
const blue = await plain("blue").png().toBuffer();
const avatarUrlOf = async (token: string) => (await client.me(token)).data?.me?.avatarUrl;
const nameOf = (url: string | null | undefined) => url?.split("/").at(-1) ?? "";

test("an avatar goes into the bucket, with its type and the time it may be kept", async () => {
  const { token } = await client.signedIn("alice");
  const { avatarUrl } = await upload(app, token, red);
  expect(avatarUrl).toMatch(/^https:\/\/cdn\.example\.com\/a\/[0-9a-f]{32}\.jpg$/);
  expect(await avatarUrlOf(token)).toBe(avatarUrl);
  expect(await s3.names()).toEqual([nameOf(avatarUrl)]);
  const response = await fetch(`http://${s3.host}/${s3.bucket}/${nameOf(avatarUrl)}`);
  expect(response.headers.get("content-type")).toBe("image/jpeg");
  expect(response.headers.get("cache-control")).toBe("public, max-age=86400, immutable");
  expect(await coloursOf(Buffer.from(await response.arrayBuffer()))).toBe("red red red red");

  const next = await upload(app, token, blue);
  expect(await s3.names()).toEqual([nameOf(next.avatarUrl)]);
  await client.request("mutation { removeAvatar { id } }", { token });
  expect(await s3.names()).toEqual([]);
  expect(await avatarUrlOf(token)).toBeNull();
});

test("this server itself serves no avatars then", async () => {
  const { token } = await client.signedIn("alice");
  const { avatarUrl } = await upload(app, token, red);
  expect((await fetch(`${app.url}/avatars/${nameOf(avatarUrl)}`)).status).toBe(404);
  await client.request("mutation { removeAvatar { id } }", { token });
});

test("without a public address the bucket's own is told; a prefix comes before the name", async () => {
  const env = {
    STORAGE_URL: `s3://${s3Key}:${s3Key}@${s3.host}/${s3.bucket}/faces/small?style=path&tls=off&region=ap-x`,
  };
  const other = await startTestApp({ env });
  const { token } = await other.client.signedIn("alice");
  const { avatarUrl } = await upload(other, token, red);
  expect(avatarUrl).toMatch(new RegExp(`^http://${s3.host}/${s3.bucket}/faces/small/[0-9a-f]{32}\\.jpg$`));
  expect((await fetch(avatarUrl ?? "")).status).toBe(200);
  await other.client.request("mutation { removeAvatar { id } }", { token });
  expect((await fetch(avatarUrl ?? "")).status).toBe(404);
});

test.each<[string, (userId: string) => Promise<unknown>, string]>([
  [
    "session ends",
    (id) => app.database.em.getConnection().execute("delete from sessions where user_id = ?", [id]),
    "UNAUTHENTICATED",
  ],
  [
    "user is deleted",
    (id) => app.database.em.getConnection().execute("delete from users where id = ?", [id]),
    "UNAUTHENTICATED",
  ],
  [
    "user is disabled",
    (id) => app.database.em.getConnection().execute("update users set disabled_at = ? where id = ?", [new Date(), id]),
    "USER_DISABLED",
  ],
])("if the %s while the file is stored, the file is removed again", async (_, end, code) => {
  const { token, user } = await client.signedIn(`somebody-${code}`);
  intervene = async (method) => {
    if (method === "PUT") await end(user.id);
    return undefined;
  };
  expect((await upload(app, token, red)).outcome).toBe(code);
  expect(methods).toEqual(["PUT", "DELETE"]);
  expect(await s3.names()).toEqual([]);
});

test("a storage that is busy gets a second try", async () => {
  const { token } = await client.signedIn("dave");
  intervene = async () => (methods.length === 1 ? new Response("<Code>SlowDown</Code>", { status: 503 }) : undefined);
  const { outcome, avatarUrl } = await upload(app, token, red);
  expect(outcome).toBe("ok");
  expect(methods).toEqual(["PUT", "PUT"]);
  expect(await s3.names()).toEqual([nameOf(avatarUrl)]);
  await client.request("mutation { removeAvatar { id } }", { token });
});

test("a storage that can't be reached for a moment gets a second try", async () => {
  const { token } = await client.signedIn("dora");
  intervene = async () => {
    if (methods.length === 1) throw new TypeError("fetch failed");
    return undefined;
  };
  expect((await upload(app, token, red)).outcome).toBe("ok");
  expect(methods).toEqual(["PUT", "PUT"]);
  await client.request("mutation { removeAvatar { id } }", { token });
});

test("a file's name is written down before the storage gets the file", async () => {
  const { token } = await client.signedIn("doug");
  const noted: number[] = [];
  intervene = async (method, url) => {
    if (method === "PUT") noted.push(await app.database.em.fork().count(UnusedFile, { name: nameOf(url) }));
    return undefined;
  };
  expect((await upload(app, token, red)).outcome).toBe("ok");
  expect(noted).toEqual([1]);
  await client.request("mutation { removeAvatar { id } }", { token });
});

test.each([
  ["has no such bucket", 404, "<Code>NoSuchBucket</Code>", "NoSuchBucket"],
  ["refuses", 403, "<Code>AccessDenied</Code>", "AccessDenied"],
])(
  "where the storage %s, the upload has failed, and that is what the log tells, though removing fails as well",
  async (_, status, answer, code) => {
    const { token } = await client.signedIn("dina");
    intervene = async (method) => new Response(answer, { status: method === "PUT" ? status : 500 });
    const { outcome, headers } = await upload(app, token, red);
    expect(outcome).toBe("INTERNAL_SERVER_ERROR");
    expect(await avatarUrlOf(token)).toBeNull();
    const lines = app.logged.filter(({ requestId }) => requestId === headers.get("x-request-id"));
    expect(lines.find(({ msg }) => msg === "unexpected error")).toMatchObject({ error: { code } });
    expect(lines.map(({ msg }) => msg)).toContain(
      "the file of an upload that failed could not be removed: it is tried again",
    );
  },
);

test("a storage that is silent is given up after ten seconds, both tries together", async () => {
  const { token } = await client.signedIn("dirk");
  const asked: number[] = [];
  const timeouts: AbortController[] = [];
  const spy = vi.spyOn(AbortSignal, "timeout").mockImplementation((milliseconds) => {
    asked.push(milliseconds);
    timeouts.push(new AbortController());
    return timeouts.at(-1)?.signal ?? AbortSignal.abort();
  });
  const silence = Promise.withResolvers<AbortSignal | null | undefined>();
  intervene = (method, _, signal) => {
    if (method !== "PUT") return Promise.resolve(undefined);
    silence.resolve(signal);
    return new Promise((__, reject) => {
      if (signal?.aborted) reject(signal.reason);
      signal?.addEventListener("abort", () => reject(signal.reason));
    });
  };
  const answer = upload(app, token, red);
  const signal = await silence.promise;
  const timeout = timeouts.findIndex((each) => each.signal === signal);
  expect(asked[timeout]).toBe(10_000);
  timeouts[timeout]?.abort();
  spy.mockRestore();
  expect((await answer).outcome).toBe("INTERNAL_SERVER_ERROR");
  expect(await avatarUrlOf(token)).toBeNull();
});

test("an old file that can't be removed is logged, and the upload counts", async () => {
  const { token } = await client.signedIn("erin");
  await upload(app, token, red);
  intervene = async (method) => (method === "DELETE" ? new Response(null, { status: 500 }) : undefined);
  const { outcome, avatarUrl } = await upload(app, token, blue);
  expect(outcome).toBe("ok");
  expect(await avatarUrlOf(token)).toBe(avatarUrl);
  expect(app.logged.some(({ msg }) => /could not be removed/.test(msg))).toBe(true);
});

test.each(["wrong-secret-wrong-secret", "p%40ss%2Fword%3A1%252"])(
  "a secret that the storage refuses (%s) is an error that changes nothing, and is nowhere to be read",
  async (secret) => {
    keepSecret(secret, decodeURIComponent(secret));
    const other = await startTestApp({ env: { STORAGE_URL: s3.storageUrl.replace(`:${s3Key}@`, `:${secret}@`) } });
    const { token } = await other.client.signedIn("alice");
    const { outcome, text } = await upload(other, token, red);
    expect(outcome).toBe("INTERNAL_SERVER_ERROR");
    expect(text).not.toMatch(/Signature|S3RVER/);
    const line = other.logged.find(({ msg }) => msg === "unexpected error");
    expect(line).toMatchObject({ error: { code: "SignatureDoesNotMatch" } });
    expect((await other.client.me(token)).data?.me?.avatarUrl).toBeNull();
  },
);

test("a file that could not be removed goes with a later sweep, and nothing that others keep there", async () => {
  const shelf = await startS3Server("shelf");
  const put = (name: string) =>
    new AwsClient(key).fetch(`http://${shelf.host}/${shelf.bucket}/${name}`, { method: "PUT", body: "x" });
  const foreign = [
    `${"f".repeat(32)}.jpg`,
    "faces/logo and name.png",
    `faces/${"f".repeat(32)}.jpg`,
    "faces/deep/er.png",
  ];
  for (const name of foreign) await put(name);
  let isDown = false;
  const other = await startTestApp({
    env: { STORAGE_URL: shelf.storageUrl.replace("/shelf", "/shelf/faces") },
    fetch: async (input, init) =>
      isDown && init?.method === "DELETE" ? new Response(null, { status: 503 }) : fetch(input, init),
  });
  const { token, user } = await other.client.signedIn("alice");
  const { avatarUrl } = await upload(other, token, red);
  isDown = true;
  await other.client.request("mutation { deleteAccount }", { token });
  expect(await shelf.names()).toHaveLength(foreign.length + 1);
  const env = { DATABASE_URL: other.databaseUrl, STORAGE_URL: shelf.storageUrl.replace("/shelf", "/shelf/faces") };
  expect(await admin(["unknown-files"], { env })).toEqual({
    code: 0,
    output: `${"f".repeat(32)}.jpg\nlogo and name.png\n`,
    errors: "Unknown files: 2.\n",
  });
  isDown = false;
  other.advance(61_000);
  await other.client.me();
  await expect.poll(() => shelf.names()).not.toContain(`faces/${nameOf(avatarUrl)}`);
  expect((await shelf.names()).sort()).toEqual(foreign.toSorted());
  expect(JSON.stringify(other.logged.filter(({ msg }) => /could not be removed/.test(msg)))).not.toContain(user.id);
});

const key = { accessKeyId: s3Key, secretAccessKey: s3Key, service: "s3", region: "us-east-1" };

test("a listing of several pages is read to its end", async () => {
  const pages = [
    "<r><Contents><Key>a&#x2f;b</Key></Contents><NextContinuationToken>1+/=</NextContinuationToken></r>",
    "<r><Contents><Key>c</Key></Contents><IsTruncated>false</IsTruncated></r>",
  ];
  const asked: (string | null)[] = [];
  const config = parseStorageUrl("s3://k:s@host.test/bucket?style=path");
  if (config?.kind !== "s3") throw new Error("this is S3");
  const store = createS3Store(config, {
    now: () => new Date(),
    fetch: async (input) => {
      asked.push(new URL(String(input)).searchParams.get("continuation-token"));
      return new Response(pages[asked.length - 1]);
    },
  });
  const listed: string[] = [];
  for await (const name of store.list()) listed.push(name);
  expect(listed).toEqual(["a/b", "c"]);
  expect(asked).toEqual([null, "1+/="]);
});

test("a storage that is down is an error that changes nothing", async () => {
  const down = await startS3Server("down");
  const other = await startTestApp({ env: { STORAGE_URL: down.storageUrl } });
  const { token } = await other.client.signedIn("alice");
  const { avatarUrl } = await upload(other, token, red);
  await down.close();
  expect((await upload(other, token, blue)).outcome).toBe("INTERNAL_SERVER_ERROR");
  expect((await other.client.me(token)).data?.me?.avatarUrl).toBe(avatarUrl);
});
