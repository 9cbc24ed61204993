import { expect, test } from "vitest";
import { keepSecret } from "../support/log-search.js";
import { logStatements, writesAmong } from "../support/statement-log.js";
import { startTestApp } from "../support/test-app.js";

const app = await startTestApp();
const { client } = app;

/** A one-time code as the getPhoneNumber button of this person's phone gives it. */
async function phoneCode(person: string, phone?: string): Promise<string> {
  const query = new URLSearchParams({ person, ...(phone && { phone }) });
  const response = await fetch(`${app.simulatorUrl}/simulator/phone-code?${query}`);
  const { code }: { code: string } = JSON.parse(await response.text());
  keepSecret(code, phone);
  return code;
}

const phoneNumberOf = async (token: string) => (await client.me(token)).data?.me?.phone;

test("binding writes the number that WeChat vouches for, in E.164", async () => {
  const { token } = await client.signedIn("alice");
  const { data } = await client.bindPhone(token, await phoneCode("alice", "13800138000"));
  expect(data?.bindPhone?.phone).toBe("+8613800138000");
  expect(await phoneNumberOf(token)).toBe("+8613800138000");
});

test("a plain name works as a code too, for exploring", async () => {
  const { token } = await client.signedIn("ann");
  expect((await client.bindPhone(token, "ann")).data?.bindPhone?.phone).toMatch(/^\+86199\d{8}$/);
});

test("binding another number replaces the first", async () => {
  const { token } = await client.signedIn("amy");
  await client.bindPhone(token, await phoneCode("amy", "13800138010"));
  await client.bindPhone(token, await phoneCode("amy", "13800138011"));
  expect(await phoneNumberOf(token)).toBe("+8613800138011");
});

test.each([false, true])(
  "binding the number that one has already writes nothing, with takeOver %s",
  async (takeOver) => {
    const person = `anna-${takeOver}`;
    const { token, user } = await client.signedIn(person);
    await client.bindPhone(token, await phoneCode(person, takeOver ? "13900139021" : "13900139020"));
    const { data } = await client.me(token);
    app.advance(1_000);
    const statements = await logStatements(app.database);
    const mutation =
      "mutation Bind($code: String!, $takeOver: Boolean!) { bindPhone(code: $code, takeOver: $takeOver) { id } }";
    const variables = { code: await phoneCode(person, data?.me?.phone?.slice(3)), takeOver };
    const { outcome } = await client.request(mutation, { token, variables });
    statements.stop();
    expect([outcome, writesAmong(statements.texts)]).toEqual(["ok", []]);
    expect((await client.me(token)).data?.me).toEqual(data?.me);
    expect(data?.me?.id).toBe(user.id);
  },
);

test("a number that another account holds is refused, and nothing changes", async () => {
  const bob = await client.signedIn("bob");
  const carol = await client.signedIn("carol");
  await client.bindPhone(bob.token, await phoneCode("bob", "13800138001"));
  const { outcome, errors } = await client.bindPhone(carol.token, await phoneCode("carol", "13800138001"));
  expect(outcome).toBe("PHONE_TAKEN");
  expect(errors[0]?.extensions.retry).toBe("NEVER");
  const me = (await client.me(carol.token)).data?.me;
  expect(me?.phone).toBeNull();
  expect(me?.updatedAt).toBe(carol.user.updatedAt);
});

test("of two accounts that bind one number at once, one gets it", async () => {
  const people = ["dave", "erin", "fred", "gina"];
  const tokens = await Promise.all(people.map(async (person) => (await client.signedIn(person)).token));
  const codes = await Promise.all(people.map((person) => phoneCode(person, "13800138002")));
  const answers = await Promise.all(tokens.map((token, index) => client.bindPhone(token, codes[index] ?? "")));
  expect(answers.map(({ outcome }) => outcome).sort()).toEqual(["PHONE_TAKEN", "PHONE_TAKEN", "PHONE_TAKEN", "ok"]);
});

test("unbinding frees the number for another account", async () => {
  const hugo = await client.signedIn("hugo");
  const iris = await client.signedIn("iris");
  await client.bindPhone(hugo.token, await phoneCode("hugo", "13800138003"));
  const { data } = await client.request("mutation { unbindPhone { phone } }", { token: hugo.token });
  expect(data?.unbindPhone?.phone).toBeNull();
  expect((await client.bindPhone(iris.token, await phoneCode("iris", "13800138003"))).outcome).toBe("ok");
});

test("a code works once", async () => {
  const { token } = await client.signedIn("jack");
  const code = await phoneCode("jack");
  expect((await client.bindPhone(token, code)).outcome).toBe("ok");
  expect((await client.bindPhone(token, code)).outcome).toBe("WX_CODE_INVALID");
});

test("a code of somebody else's phone is refused", async () => {
  const { token } = await client.signedIn("kate");
  const { outcome } = await client.bindPhone(token, await phoneCode("mallory"));
  expect(outcome).toBe("WX_CODE_INVALID");
  expect(await phoneNumberOf(token)).toBeNull();
});

test("the phone number can't be written by updateProfile", async () => {
  const { token } = await client.signedIn("liam");
  const { outcome, errors } = await client.updateProfile(token, { phone: "+8613800138009" });
  expect(outcome).toBe("BAD_USER_INPUT");
  expect(errors[0]?.extensions.field).toBe("phone");
});

test("binding and unbinding need a token, and binding a code", async () => {
  expect((await client.request('mutation { bindPhone(code: "x") { id } }')).outcome).toBe("UNAUTHENTICATED");
  expect((await client.request("mutation { unbindPhone { id } }")).outcome).toBe("UNAUTHENTICATED");
  const { token } = await client.signedIn("mona");
  const { outcome, errors } = await client.bindPhone(token, "");
  expect(outcome).toBe("BAD_USER_INPUT");
  expect(errors[0]?.extensions.field).toBe("code");
});

const takeOver = (token: string, code: string) => {
  keepSecret(code);
  return client.request("mutation Take($code: String!) { bindPhone(code: $code, takeOver: true) { phone } }", {
    token,
    variables: { code },
  });
};

test("with takeOver the number leaves the account that held it, and the log doesn't have it", async () => {
  const nina = await client.signedIn("nina");
  const omar = await client.signedIn("omar");
  await client.bindPhone(nina.token, await phoneCode("nina", "13800138020"));
  const { data } = await takeOver(omar.token, await phoneCode("omar", "13800138020"));
  expect(data?.bindPhone?.phone).toBe("+8613800138020");
  expect(await phoneNumberOf(nina.token)).toBeNull();
  const lines = app.logged.filter(({ msg }) => msg.startsWith("a phone number has moved"));
  expect(lines).toMatchObject([{ userId: omar.user.id, otherUserId: nina.user.id }]);
  expect(JSON.stringify(lines)).not.toContain("13800138020");
});

test("taking over what nobody else holds is binding, and says nothing of a move", async () => {
  const { token } = await client.signedIn("pia");
  for (let count = 0; count < 2; count++) {
    expect((await takeOver(token, await phoneCode("pia", "13800138021"))).outcome).toBe("ok");
  }
  expect(await phoneNumberOf(token)).toBe("+8613800138021");
  expect(app.logged.filter(({ msg }) => msg.startsWith("a phone number has moved"))).toHaveLength(1);
});

test("however many take one number over at once, each is answered ok and one has it in the end", async () => {
  const people = ["quin", "rosa", "stan", "tina", "ugo"];
  const tokens = await Promise.all(people.map(async (person) => (await client.signedIn(person)).token));
  const codes = await Promise.all(people.map((person) => phoneCode(person, "13800138022")));
  const answers = await Promise.all(tokens.map((token, index) => takeOver(token, codes[index] ?? "")));
  expect(answers.map(({ outcome }) => outcome)).toEqual(people.map(() => "ok"));
  const numbers = await Promise.all(tokens.map(phoneNumberOf));
  expect(numbers.filter((number) => number !== null)).toEqual(["+8613800138022"]);
});

test("two who take each other's number at once both end with a number", async () => {
  const vera = await client.signedIn("vera");
  const wim = await client.signedIn("wim");
  await client.bindPhone(vera.token, await phoneCode("vera", "13800138023"));
  await client.bindPhone(wim.token, await phoneCode("wim", "13800138024"));
  const codes = [await phoneCode("vera", "13800138024"), await phoneCode("wim", "13800138023")];
  const answers = await Promise.all([takeOver(vera.token, codes[0] ?? ""), takeOver(wim.token, codes[1] ?? "")]);
  expect(answers.map(({ outcome }) => outcome)).toEqual(["ok", "ok"]);
  expect(await Promise.all([vera.token, wim.token].map(phoneNumberOf))).toEqual(["+8613800138024", "+8613800138023"]);
});
