import { expect, test } from "vitest";
import { countRows } from "../support/accounts.js";
import { type Answer, firstApp, secondApp } from "../support/client.js";
import { keepSecret } from "../support/log-search.js";
import { startTestApp, type TestApp } from "../support/test-app.js";

/** Of more sessions than this a user keeps the newest. */
const maxSessions = 10;

const times = <T>(count: number, make: (index: number) => Promise<T>) =>
  Promise.all(Array.from({ length: count }, (_, index) => make(index)));

async function oneTimeCode({ simulatorUrl }: TestApp, person: string, appId = firstApp): Promise<string> {
  const response = await fetch(`${simulatorUrl}/simulator/login-code?person=${person}&appid=${appId}`);
  const { code }: { code: string } = JSON.parse(await response.text());
  keepSecret(code);
  return code;
}

/** What came out of logins: how many failed, how many different users there are, and how many are new. */
function summary(answers: Answer[]) {
  const logins = answers.map(({ data }) => data?.wxLogin);
  return {
    outcomes: [...new Set(answers.map(({ outcome }) => outcome))],
    users: new Set(logins.map((login) => login?.user.id)).size,
    tokens: new Set(logins.map((login) => login?.token)).size,
    isNewUser: logins.filter((login) => login?.isNewUser).length,
  };
}

/** The rows that logins added since `before`. */
async function added(app: TestApp, before: Awaited<ReturnType<typeof countRows>>) {
  const { users, identities, unionids, sessions } = await countRows(app);
  return {
    users: users - before.users,
    identities: identities - before.identities,
    unionids: unionids - before.unionids,
    sessions: sessions - before.sessions,
  };
}

const app = await startTestApp();
const other = await startTestApp({ env: { DATABASE_URL: app.databaseUrl } });

test("50 first sign-ins of one person at once, with a code each, make one user", async () => {
  const before = await countRows(app);
  const codes = await times(50, () => oneTimeCode(app, "alice"));
  const answers = await times(50, (index) => app.client.login(codes[index] ?? ""));
  expect(summary(answers)).toEqual({ outcomes: ["ok"], users: 1, tokens: 50, isNewUser: 1 });
  expect(await added(app, before)).toEqual({ users: 1, identities: 1, unionids: 1, sessions: maxSessions });
});

test("50 first sign-ins at once with the same code make one user", async () => {
  const before = await countRows(app);
  const answers = await times(50, () => app.client.login("bob"));
  expect(summary(answers)).toEqual({ outcomes: ["ok"], users: 1, tokens: 50, isNewUser: 1 });
  expect(await added(app, before)).toEqual({ users: 1, identities: 1, unionids: 1, sessions: maxSessions });
});

test("50 first sign-ins at once on two servers with one database make one user", async () => {
  const before = await countRows(app);
  const server = (index: number) => (index % 2 === 0 ? app : other);
  const codes = await times(50, (index) => oneTimeCode(server(index), "carol"));
  const answers = await times(50, (index) => server(index).client.login(codes[index] ?? ""));
  expect(summary(answers)).toEqual({ outcomes: ["ok"], users: 1, tokens: 50, isNewUser: 1 });
  expect(await added(app, before)).toEqual({ users: 1, identities: 1, unionids: 1, sessions: maxSessions });
});

test("20 first sign-ins at once from two apps with one unionid make one user", async () => {
  const before = await countRows(app);
  const appOf = (index: number) => (index % 2 === 0 ? firstApp : secondApp);
  const codes = await times(20, (index) => oneTimeCode(app, "dora", appOf(index)));
  const answers = await times(20, (index) => app.client.login(codes[index] ?? "", { appId: appOf(index) }));
  expect(summary(answers)).toEqual({ outcomes: ["ok"], users: 1, tokens: 20, isNewUser: 1 });
  expect(await added(app, before)).toEqual({ users: 1, identities: 2, unionids: 1, sessions: maxSessions });
});

test("30 people signing in at once make 30 users", async () => {
  const answers = await times(30, (index) => app.client.login(`person${index}`));
  expect(summary(answers)).toEqual({ outcomes: ["ok"], users: 30, tokens: 30, isNewUser: 30 });
});

test("50 changes of different fields at once lose none", async () => {
  const { token } = await app.client.signedIn("erin");
  const profile = {
    nickname: "Erin",
    email: "erin@example.com",
    birthday: "1990-05-17",
    gender: "FEMALE",
    address: "南京西路 1 号",
    signature: "每天都是好日子",
  };
  const changes = Object.entries(profile).map(([field, value]) => ({ [field]: value }));
  const answers = await times(50, (index) => app.client.updateProfile(token, changes[index % changes.length] ?? {}));
  expect(new Set(answers.map(({ outcome }) => outcome))).toEqual(new Set(["ok"]));
  expect((await app.client.me(token)).data?.me).toMatchObject(profile);
});
