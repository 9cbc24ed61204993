import { afterEach, expect, test } from "vitest";
import { coloursOf, plain } from "../support/images.js";
import { keepSecret } from "../support/log-search.js";
import { s3Key, startS3Server } from "../support/s3-server.js";
import { startTestApp } from "../support/test-app.js";
import { upload } from "../support/upload.js";

const s3 = await startS3Server("avatars");

/** Runs before the next request to the storage; what it returns is the storage's answer. */
let intervene: (method: string) => Promise<Response | undefined> = async () => undefined;
const methods: string[] = [];

const app = await startTestApp({
  env: { STORAGE_URL: `${s3.storageUrl}&public=https://cdn.example.com/a/` },
  async fetch(input, init) {
    if (!String(input).includes(s3.host)) return fetch(input, init);
    const method = init?.method ?? "GET";
    methods.push(method);
    return (await intervene(method)) ?? fetch(input, init);
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

test("a storage that is down is an error that changes nothing", async () => {
  const down = await startS3Server("down");
  const other = await startTestApp({ env: { STORAGE_URL: down.storageUrl } });
  const { token } = await other.client.signedIn("alice");
  const { avatarUrl } = await upload(other, token, red);
  await down.close();
  expect((await upload(other, token, blue)).outcome).toBe("INTERNAL_SERVER_ERROR");
  expect((await other.client.me(token)).data?.me?.avatarUrl).toBe(avatarUrl);
});
