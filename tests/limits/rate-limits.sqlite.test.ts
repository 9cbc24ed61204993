import { expect, test } from "vitest";
import { type Answer, createClient } from "../support/client.js";
import { plain } from "../support/images.js";
import { startTestApp } from "../support/test-app.js";
import { post } from "../support/upload.js";

/** What the tests below provoke: three attempts for a user, six for an address. */
const env = {
  RATE_LIMIT: "on",
  RATE_LIMIT_LOGIN: "3/1h,6/1h",
  RATE_LIMIT_REFRESH: "3/1h,6/1h",
  RATE_LIMIT_BIND_PHONE: "3/1h,6/1h",
  RATE_LIMIT_UPDATE_PROFILE: "3/1h,6/1h",
  RATE_LIMIT_UPLOAD: "3/1h,6/1h",
  RATE_LIMIT_ACCOUNT: "3/1h,6/1h",
};

const app = await startTestApp({ env: { ...env, TRUST_PROXY: "loopback" } });

let people = 0;
let addresses = 0;

const somebody = () => `person-${people++}`;
const somewhere = () => `198.51.100.${addresses++}`;

/** A client behind the proxy that the app trusts. */
const clientAt = (address: string) => createClient(app.url, { "x-forwarded-for": address });

/** Signs somebody in from an address that no test looks at. */
const signedIn = (person: string) => clientAt(somewhere()).signedIn(person);

/** Does something so often, one after the other, and returns what came out. */
async function outcomes(times: number, attempt: () => Promise<Answer>): Promise<string[]> {
  const found = [];
  for (let i = 0; i < times; i++) found.push((await attempt()).outcome);
  return found;
}

const image = await plain("red").png().toBuffer();

function imageForm(): FormData {
  const form = new FormData();
  form.append("file", new Blob([new Uint8Array(image)]), "avatar.png");
  return form;
}

/** Makes a user, and returns what does the action in question from an address as that user. */
type Prepare = () => Promise<(address: string) => Promise<Answer>>;

/** The preparation of an act that needs no more than a token. */
const signedInAnd = (document: string) => async () => {
  const { token } = await signedIn(somebody());
  return (address: string) => clientAt(address).request(document, { token });
};

const actions: [string, Prepare][] = [
  [
    "login",
    async () => {
      const person = somebody();
      return (address) => clientAt(address).login(person);
    },
  ],
  [
    "refresh",
    async () => {
      const { refreshToken } = await signedIn(somebody());
      return (address) => clientAt(address).refresh(refreshToken);
    },
  ],
  [
    "bindPhone",
    async () => {
      const person = somebody();
      const { token } = await signedIn(person);
      return (address) => clientAt(address).bindPhone(token, person);
    },
  ],
  [
    "updateProfile",
    async () => {
      const { token } = await signedIn(somebody());
      return (address) => clientAt(address).updateProfile(token, { nickname: "Al" });
    },
  ],
  [
    "upload",
    async () => {
      const { token } = await signedIn(somebody());
      return (address) => post(app, token, { body: imageForm(), headers: { "x-forwarded-for": address } });
    },
  ],
  ["exportMyData", signedInAnd("{ exportMyData }")],
  ["mySessions", signedInAnd("{ mySessions { id } }")],
  ["removeAvatar", signedInAnd("mutation { removeAvatar { id } }")],
  ["unbindPhone", signedInAnd("mutation { unbindPhone { id } }")],
];

test.each(actions)("%s is limited for a user, whatever the address, and not for others", async (_, prepare) => {
  const attempt = await prepare();
  expect(await outcomes(5, () => attempt(somewhere()))).toEqual(["ok", "ok", "ok", ...limited(2)]);
  const another = await prepare();
  expect((await another(somewhere())).outcome).toBe("ok");
});

test.each(actions)("%s is limited for an address, whoever the user, and not elsewhere", async (_, prepare) => {
  const [here, elsewhere] = [somewhere(), somewhere()];
  const users = await Promise.all(Array.from({ length: 8 }, prepare));
  const found = [];
  for (const attempt of users) found.push((await attempt(here)).outcome);
  expect(found).toEqual(["ok", "ok", "ok", "ok", "ok", "ok", ...limited(2)]);
  expect((await users[7]?.(elsewhere))?.outcome).toBe("ok");
});

const limited = (times: number) => Array.from({ length: times }, () => "RATE_LIMITED");

test("a refused attempt says in whole seconds when to try again", async () => {
  const person = somebody();
  await outcomes(3, () => clientAt(somewhere()).login(person));
  const { status, errors } = await clientAt(somewhere()).login(person, { headers: { "accept-language": "en" } });
  expect(status).toBe(200);
  expect(errors[0]?.message).toBe("Too many attempts; try again later");
  expect(errors[0]?.extensions).toMatchObject({ code: "RATE_LIMITED", retry: "LATER" });
  const { retryAfter } = errors[0]?.extensions ?? {};
  expect(retryAfter).toSatisfy(Number.isInteger);
  expect(retryAfter).toBeGreaterThan(3_500);
  expect(retryAfter).toBeLessThanOrEqual(3_600);
});

test("sign-ins that fail count as well", async () => {
  const client = clientAt(somewhere());
  const garbage = await outcomes(6, () => client.login("errcode:40029"));
  expect(garbage).toEqual(Array.from({ length: 6 }, () => "WX_CODE_INVALID"));
  expect((await client.login(somebody())).outcome).toBe("RATE_LIMITED");
});

test("codes that are refused unseen, and forged refresh tokens, count as well", async () => {
  const client = clientAt(somewhere());
  await outcomes(6, () => client.login(""));
  expect((await client.login(somebody())).outcome).toBe("RATE_LIMITED");
  await outcomes(6, () => client.refresh("forged"));
  expect((await client.refresh("forged")).outcome).toBe("RATE_LIMITED");
  const { token } = await signedIn(somebody());
  await outcomes(3, () => clientAt(somewhere()).bindPhone(token, ""));
  expect((await clientAt(somewhere()).bindPhone(token, "")).outcome).toBe("RATE_LIMITED");
});

test("one user can't use up the limit of an address that others share", async () => {
  const here = somewhere();
  const [mallory, alice] = [await signedIn(somebody()), await signedIn(somebody())];
  await outcomes(20, () => clientAt(here).updateProfile(mallory.token, { nickname: "M" }));
  expect((await clientAt(here).updateProfile(alice.token, { nickname: "A" })).outcome).toBe("ok");
});

test("each field counts, so that aliases in one request gain nothing", async () => {
  const { token } = await signedIn(somebody());
  const fields = [1, 2, 3, 4].map((n) => `a${n}: updateProfile(input: { nickname: "N${n}" }) { nickname }`);
  const { errors } = await clientAt(somewhere()).request(`mutation { ${fields.join(" ")} }`, { token });
  expect(errors.map(({ path, extensions }) => [path, extensions.code])).toEqual([[["a4"], "RATE_LIMITED"]]);
  expect((await clientAt(somewhere()).me(token)).data?.me?.nickname).toBe("N3");
});

test("attempts at once don't slip through", async () => {
  const { token } = await signedIn(somebody());
  const update = () => clientAt(somewhere()).updateProfile(token, { nickname: "Al" });
  const answers = await Promise.all(Array.from({ length: 12 }, update));
  expect(answers.filter(({ outcome }) => outcome === "ok")).toHaveLength(3);
});

test("what no limit names is not limited", async () => {
  const { token } = await signedIn(somebody());
  const client = clientAt(somewhere());
  expect(await outcomes(10, () => client.me(token))).toEqual(Array.from({ length: 10 }, () => "ok"));
});

test("the rarer acts on an account count together, deleting it as well", async () => {
  const { token } = await signedIn(somebody());
  const client = clientAt(somewhere());
  const documents = ["{ exportMyData }", "{ mySessions { id } }", "mutation { unbindPhone { id } }"];
  for (const document of documents) expect((await client.request(document, { token })).outcome).toBe("ok");
  expect((await client.request("mutation { deleteAccount }", { token })).outcome).toBe("RATE_LIMITED");
  expect((await client.me(token)).outcome).toBe("ok");
});

test("ending sessions is never refused", async () => {
  const { token } = await signedIn(somebody());
  const client = clientAt(somewhere());
  await outcomes(20, () => client.request("{ mySessions { id } }", { token }));
  const revoke = 'mutation { revokeSession(id: "0192d5e0-0000-7000-8000-000000000000") }';
  expect(await outcomes(20, () => client.request(revoke, { token }))).not.toContain("RATE_LIMITED");
  expect((await client.request("mutation { logout }", { token })).data?.logout).toBe(true);
  const other = await signedIn(somebody());
  await outcomes(20, () => client.request("{ mySessions { id } }", { token: other.token }));
  expect((await client.request("mutation { logoutEverywhere }", { token: other.token })).data?.logoutEverywhere).toBe(
    1,
  );
});

test("each action has limits of its own: whoever has used up one may still do the others", async () => {
  const person = somebody();
  const here = somewhere();
  const { token, refreshToken } = await signedIn(person);
  const client = clientAt(here);
  const acts: Record<string, () => Promise<Answer>> = {
    refresh: () => client.refresh(refreshToken),
    bindPhone: () => client.bindPhone(token, person),
    updateProfile: () => client.updateProfile(token, { nickname: "Al" }),
    upload: () => post(app, token, { body: imageForm(), headers: { "x-forwarded-for": here } }),
    account: () => client.request("{ mySessions { id } }", { token }),
    login: () => client.login(person),
  };
  for (const [name, act] of Object.entries(acts)) {
    expect((await act()).outcome, name).not.toBe("RATE_LIMITED");
    await outcomes(8, act);
    expect((await act()).outcome, name).toBe("RATE_LIMITED");
  }
});

/** The seconds that a refused attempt names. */
function secondsNamedBy({ errors }: Answer): number {
  const { code, retryAfter } = errors[0]?.extensions ?? {};
  expect(code).toBe("RATE_LIMITED");
  return retryAfter ?? Number.NaN;
}

const limitedApp = (limit: string) =>
  startTestApp({ env: { RATE_LIMIT: "on", RATE_LIMIT_LOGIN: limit, TRUST_PROXY: "loopback" } });

test.each(["user", "address"])(
  "after the seconds that the answer names it works again, for a %s, and not before",
  async (who) => {
    const own = await limitedApp(who === "user" ? "2/10m,1000/1h" : "1000/1h,2/10m");
    const person = somebody();
    await outcomes(2, () => own.client.login(person));
    own.advance(123_400);
    const seconds = secondsNamedBy(await own.client.login(person));
    expect(seconds).toBeGreaterThan(470);
    expect(seconds).toBeLessThanOrEqual(477);
    own.advance((seconds - 5) * 1_000);
    expect(secondsNamedBy(await own.client.login(person))).toBeLessThanOrEqual(5);
    own.advance(5_000);
    expect(await outcomes(3, () => own.client.login(person))).toEqual(["ok", "ok", "RATE_LIMITED"]);
  },
);

test("a clock that is put back by an hour makes no limit hold for an hour", async () => {
  const own = await limitedApp("2/1m,1000/1h");
  const person = somebody();
  expect(await outcomes(3, () => own.client.login(person))).toEqual(["ok", "ok", "RATE_LIMITED"]);
  own.advance(-3_600_000);
  expect(await outcomes(2, () => own.client.login(person))).toEqual(["ok", "ok"]);
  expect(secondsNamedBy(await own.client.login(person))).toBeLessThanOrEqual(60);
});

test("a clock that is put back by a little makes no window longer than it is", async () => {
  const own = await limitedApp("2/10m,1000/1h");
  const person = somebody();
  await outcomes(2, () => own.client.login(person));
  own.advance(-20_000);
  await own.client.login(person);
  await own.client.login(person);
  expect(secondsNamedBy(await own.client.login(person))).toBeLessThanOrEqual(600);
});

test("RATE_LIMIT=off switches all of it off", async () => {
  const own = await startTestApp({ env: { ...env, RATE_LIMIT: "off" } });
  expect(await outcomes(10, () => own.client.login("alice"))).not.toContain("RATE_LIMITED");
});

test("each setting is the limit of its own action", async () => {
  const own = await startTestApp({
    env: {
      RATE_LIMIT: "on",
      RATE_LIMIT_LOGIN: "2/1h,1000/1h",
      RATE_LIMIT_REFRESH: "3/1h,1000/1h",
      RATE_LIMIT_BIND_PHONE: "4/1h,1000/1h",
      RATE_LIMIT_UPDATE_PROFILE: "5/1h,1000/1h",
      RATE_LIMIT_UPLOAD: "6/1h,1000/1h",
      RATE_LIMIT_ACCOUNT: "7/1h,1000/1h",
    },
  });
  const person = somebody();
  const { token, refreshToken } = await own.client.signedIn(person);
  const acts: (() => Promise<Answer>)[] = [
    () => own.client.login(person),
    () => own.client.refresh(refreshToken),
    () => own.client.bindPhone(token, person),
    () => own.client.updateProfile(token, { nickname: "Al" }),
    () => post(own, token, { body: imageForm() }),
    () => own.client.request("{ mySessions { id } }", { token }),
  ];
  const allowed = [];
  for (const act of acts) allowed.push((await outcomes(9, act)).filter((outcome) => outcome === "ok").length);
  expect(allowed).toEqual([1, 3, 4, 5, 6, 7]);
});
