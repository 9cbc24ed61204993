import { v7 as uuidv7 } from "uuid";
import { beforeEach, describe, expect, test } from "vitest";
import { User } from "../../../src/user/user.js";
import { openidOf, unionidOf } from "../../../src/wechat/simulator/people.js";
import { auditOf } from "../../support/audit.js";
import { firstApp, type LoginData, secondApp } from "../../support/client.js";
import { startCuttableProxy } from "../../support/cuttable-proxy.js";
import { driver, newDatabase } from "../../support/database.js";
import { plain } from "../../support/images.js";
import { keepSecret } from "../../support/log-search.js";
import { newLink, openBrowser, signInOperator } from "../../support/operator.js";
import { startTestApp } from "../../support/test-app.js";
import { fetchAvatar, upload } from "../../support/upload.js";

const app = await startTestApp({ env: { OPERATOR_PAGE: "on", LOG_LEVEL: "trace" } });
const { client } = app;
const anna = await signInOperator(app, "anna");
const berta = await signInOperator(app, "berta", "zh-CN");

let people = 0;
let person: string;
let alice: LoginData;
let id: string;

beforeEach(async () => {
  person = `alice${++people}`;
  alice = await client.signedIn(person);
  id = alice.user.id;
});

const profile = { nickname: "Alice", email: "alice@example.com", address: "1 Secret Road", birthday: "1990-02-03" };
const phone = "+8613812348000";
const isIn = async () => (await client.me(alice.token)).outcome;
const pageOf = async (userId = id) => (await anna.get(`people/${userId}/`)).html;
const give = (fields: Partial<User>) => app.database.em.fork().nativeUpdate(User, { id }, fields);

describe("the list", () => {
  test("has everybody, the newest first, with a way on to the older ones", async () => {
    await client.updateProfile(alice.token, { nickname: "Newest" });
    const { html } = await anna.get("");
    expect(html).toMatch(/<tbody><tr>\s*<td class="wide"><a class="who" href="people\/[^"]+\/">.*?Newest/s);
    expect(html).toContain(firstApp);
    expect(html).toMatch(/\d+ altogether/);
    const crowd = { createdAt: app.now(), updatedAt: app.now() };
    const ids = Array.from({ length: 51 }, () => ({ id: uuidv7(), ...crowd }));
    await app.database.em.fork().insertMany(User, ids);
    const [, next] = /href="(\.\/\?after=[^"]+)"/.exec((await anna.get("")).html) ?? [];
    expect((await anna.get(next?.slice(2) ?? "")).html).toContain("Newest");
  });

  test("finds a person by whatever is known of them, and keeps to the filters", async () => {
    await client.updateProfile(alice.token, { nickname: `Findable${people}`, email: `find${people}@example.com` });
    await give({ phone: `+86138000${String(people).padStart(5, "0")}` });
    const known = [
      `findable${people}`,
      `138000${String(people).padStart(5, "0")}`,
      `FIND${people}@example.com`,
      openidOf(firstApp, person),
      unionidOf(person),
      id,
      id.slice(-8).toUpperCase(),
    ];
    keepSecret(...known.slice(1, 5));
    for (const text of known) {
      const { html } = await anna.get(`?${new URLSearchParams({ q: text })}`);
      expect(html.match(/people\/[\w-]{36}\//g), text).toEqual([`people/${id}/`]);
      expect(html).not.toContain("altogether");
    }
    const search = (filter: string) => anna.get(`?q=findable${people}&${filter}`).then(({ html }) => html.includes(id));
    expect(await search("status=active")).toBe(true);
    expect(await search("status=disabled")).toBe(false);
    expect(await search(`app=${firstApp}`)).toBe(true);
    expect(await search(`app=${secondApp}`)).toBe(false);
    const today = new Date(app.now().getTime() + 8 * 3_600_000).toISOString().slice(0, 10);
    expect(await search(`signedUp=${today}&signedIn=${today}`)).toBe(true);
    expect(await search("signedUp=2020-01-01")).toBe(false);
    expect(await search("signedIn=2020-01-01")).toBe(false);
    expect(await search("never=on")).toBe(false);
    expect((await anna.get("?signedIn=0000-01-01")).status).toBe(200);
    for (const odd of ["%00", "%ED%A0%80", "a%0Ab", "x".repeat(300)])
      expect((await anna.get(`?q=${odd}`)).status).toBe(200);
    expect(await search("status=nonsense&signedUp=nonsense&after=nonsense")).toBe(true);
  });

  test("says so if there is nobody", async () => {
    expect((await anna.get("?q=nobody-is-called-that")).html).toContain("Nobody was found.");
    expect((await berta.get("?q=nobody-is-called-that")).html).toContain("没有找到。");
  });
});

describe("a person's page", () => {
  test("keeps personal data covered until somebody asks, which is written down", async () => {
    await client.updateProfile(alice.token, profile);
    await give({ phone });
    keepSecret(phone, profile.email);
    const secrets = [
      phone,
      profile.email,
      profile.address,
      profile.birthday,
      openidOf(firstApp, person),
      unionidOf(person),
    ];
    const covered = await pageOf();
    for (const secret of secrets) expect(covered).not.toContain(secret);
    expect(covered).toContain("+86138****8000");
    expect(await auditOf(app, "--user", id)).toEqual([]);

    const { html } = await anna.post(`people/${id}/show`);
    for (const secret of secrets) expect(html).toContain(secret);
    expect(await auditOf(app, "--user", id)).toMatchObject([
      { act: "show", actor: "anna", origin: "page", address: "127.0.0.1" },
    ]);
  });

  test.each([
    `<script>alert(1)</script>`,
    `"><img src=x onerror=alert(1)>`,
    `' onmouseover='alert(1)`,
    "&lt;b&gt; &amp;",
    "\u2067abc",
  ])("shows the nickname %j as it is, on every page", async (nickname) => {
    await give({ nickname, nicknameFolded: nickname, signature: nickname, address: nickname });
    await give({ email: "x@example.com" });
    await client.request("query { me { id } }", {
      token: alice.token,
      headers: { "user-agent": nickname.replace(/[^ -~]/g, "") },
    });
    const escaped = nickname
      .replaceAll("&", "&amp;")
      .replaceAll("<", "&lt;")
      .replaceAll(">", "&gt;")
      .replaceAll('"', "&quot;")
      .replaceAll("'", "&#39;");
    const search = `?${new URLSearchParams({ q: nickname })}`;
    for (const html of [await pageOf(), (await anna.post(`people/${id}/show`)).html, (await anna.get(search)).html]) {
      expect(html).toContain(escaped);
      if (escaped !== nickname) expect(html).not.toContain(nickname);
    }
  });

  test("of nobody says so", async () => {
    for (const nobody of ["01900000-0000-7000-8000-000000000000", "nonsense", "..%2f..%2fx"]) {
      const { status, html } = await anna.get(`people/${nobody}/`);
      expect(status).toBe(404);
      expect(html).toContain("There is no such person");
    }
    const nobody = "01900000-0000-7000-8000-000000000000";
    for (const act of ["show", "export"]) expect((await anna.post(`people/${nobody}/${act}`)).status).toBe(404);
    expect(await auditOf(app, "--user", nobody)).toEqual([]);
  });
});

describe("acts", () => {
  test("disable ends the sessions, and enable lets in again", async () => {
    const { status, headers } = await anna.act(id, "disable", { reason: "spam, ticket 42" });
    expect({ status, location: headers.get("location") }).toEqual({ status: 303, location: "./?done=disable" });
    expect((await anna.get(`people/${id}/?done=disable`)).html).toContain("Disabled, and all sessions have ended");
    expect(await isIn()).toBe("USER_DISABLED");
    expect((await client.login(person)).outcome).toBe("USER_DISABLED");
    await berta.act(id, "enable");
    expect((await client.login(person)).outcome).toBe("ok");
    expect(await auditOf(app, "--user", id)).toMatchObject([
      { act: "enable", actor: "berta", origin: "page" },
      { act: "disable", actor: "anna", origin: "page", detail: "sessions ended: 1; spam, ticket 42" },
    ]);
  });

  test("end-sessions signs out everywhere", async () => {
    await anna.act(id, "end-sessions");
    expect(await isIn()).toBe("UNAUTHENTICATED");
    expect(await pageOf()).toContain("Signed in nowhere.");
  });

  test("free-phone lets somebody else have the number", async () => {
    keepSecret("+8613812340001");
    await give({ phone: "+8613812340001" });
    await anna.act(id, "free-phone");
    expect((await client.me(alice.token)).data?.me?.phone).toBeNull();
    expect(await auditOf(app, "--user", id)).toMatchObject([{ act: "erase-fields", actor: "anna", detail: "phone" }]);
    expect(await pageOf()).not.toContain("free-phone");
  });

  test("remove-avatar removes the picture and its file", async () => {
    const { avatarUrl } = await upload(app, alice.token, await plain("red").png().toBuffer());
    expect(await pageOf()).toContain(`src="${avatarUrl}"`);
    await anna.act(id, "remove-avatar");
    expect((await client.me(alice.token)).data?.me?.avatarUrl).toBeNull();
    expect((await fetchAvatar(app, avatarUrl)).status).toBe(404);
  });

  test("delete needs the short ID typed, and leaves nothing but its line", async () => {
    await client.updateProfile(alice.token, profile);
    for (const confirm of ["", "x", id, id.slice(-4)]) {
      const { status, html } = await anna.act(id, "delete", { confirm, reason: "asked by letter" });
      expect(html).toContain("asked by letter");
      expect(status).toBe(400);
      expect(html).toContain("isn&#39;t this person&#39;s short ID");
    }
    const { status, headers } = await anna.act(id, "delete", { confirm: id.slice(-8), reason: "as asked" });
    expect({ status, location: headers.get("location") }).toEqual({ status: 303, location: "../../?done=delete" });
    expect(await isIn()).toBe("UNAUTHENTICATED");
    expect((await anna.get(`people/${id}/`)).status).toBe(404);
    expect(await auditOf(app, "--user", id)).toMatchObject([{ act: "delete", actor: "anna", detail: "as asked" }]);
  });

  test("export gives a file with all that is held", async () => {
    await client.updateProfile(alice.token, profile);
    const { headers, html } = await anna.act(id, "export");
    expect(headers.get("content-disposition")).toBe(`attachment; filename="wxpass-${id}.json"`);
    expect(JSON.parse(html)).toMatchObject({
      account: { id },
      profile,
      identities: [{ openid: openidOf(firstApp, person) }],
    });
    expect(await auditOf(app, "--user", id)).toMatchObject([{ act: "export", actor: "anna" }]);
  });

  test("a reason may hold no personal data", async () => {
    for (const reason of ["call 13800138000", "see alice@example.com", "x".repeat(201), "a\0b"]) {
      expect((await anna.act(id, "disable", { reason })).status).toBe(400);
    }
    expect(await isIn()).toBe("ok");
  });
});

describe("a form that is out of date does nothing", () => {
  const acts = { disable: {}, "end-sessions": {}, "free-phone": {}, "remove-avatar": {}, delete: {} };

  test.each(Object.keys(acts))("%s, after another operator has acted", async (act) => {
    await give({ phone: `+861391234${String(people).padStart(4, "0")}` });
    await give({ avatar: `${id.slice(-12)}.jpg` });
    const fields = { ...(await anna.formOf(id, act)), confirm: id.slice(-8) };
    await berta.act(id, "disable");
    await berta.act(id, "enable");
    alice = await client.signedIn(person);
    const { status, html } = await anna.post(`people/${id}/${act}`, fields);
    expect(status).toBe(409);
    expect(html).toContain("has changed since you looked");
    expect((await client.me(alice.token)).data?.me).toMatchObject({
      id,
      avatarUrl: expect.any(String),
      phone: expect.any(String),
    });
    expect((await auditOf(app, "--user", id)).map(({ actor }) => actor)).toEqual(["berta", "berta"]);
  });

  test("enable can't undo what another operator did for another reason", async () => {
    await anna.act(id, "disable");
    const fields = await anna.formOf(id, "enable");
    await berta.act(id, "enable");
    await berta.act(id, "disable", { reason: "fraud" });
    expect((await anna.post(`people/${id}/enable`, fields)).status).toBe(409);
    expect((await client.login(person)).outcome).toBe("USER_DISABLED");
  });

  test("nor is a new avatar removed, or a new number freed, that the operator hasn't seen", async () => {
    keepSecret("+8613912345678", "+8613912345679");
    await give({ phone: "+8613912345678" });
    await upload(app, alice.token, await plain("red").png().toBuffer());
    const forms = {
      "free-phone": await anna.formOf(id, "free-phone"),
      "remove-avatar": await anna.formOf(id, "remove-avatar"),
    };
    app.advance(1_000);
    const { avatarUrl } = await upload(app, alice.token, await plain("blue").png().toBuffer());
    for (const [act, fields] of Object.entries(forms)) {
      expect((await anna.post(`people/${id}/${act}`, fields)).status).toBe(409);
    }
    expect((await client.me(alice.token)).data?.me).toMatchObject({ avatarUrl, phone: "+8613912345678" });
  });

  test("yet looking at a person makes nobody's form out of date", async () => {
    const fields = await anna.formOf(id, "disable");
    await berta.post(`people/${id}/show`);
    await client.updateProfile(alice.token, { nickname: "Busy" });
    expect((await anna.post(`people/${id}/disable`, fields)).status).toBe(303);
  });

  test("of two operators at once only one acts", async () => {
    const [first, second] = [await anna.formOf(id, "disable"), await berta.formOf(id, "end-sessions")];
    const answers = await Promise.all([
      anna.post(`people/${id}/disable`, first),
      berta.post(`people/${id}/end-sessions`, second),
    ]);
    expect(answers.map(({ status }) => status).toSorted()).toEqual([303, 409]);
  });
});

test("a link lets one of ten in who use it at once", async () => {
  const key = await newLink(app, "anna");
  const answers = await Promise.all(Array.from({ length: 10 }, () => openBrowser(app).post("sign-in", { key })));
  expect(answers.map(({ status }) => status).toSorted()).toEqual([303, ...Array(9).fill(401)]);
});

test("who is gone meanwhile isn't said to have been acted on", async () => {
  const fields = { ...(await anna.formOf(id, "disable")), confirm: id.slice(-8) };
  await client.request("mutation { deleteAccount }", { token: alice.token });
  for (const act of ["disable", "enable", "end-sessions", "free-phone", "remove-avatar", "delete"]) {
    expect((await anna.post(`people/${id}/${act}`, fields)).status).toBe(404);
  }
  expect(await auditOf(app, "--user", id)).toEqual([]);
});

test.runIf(driver === "postgresql")(
  "after a lost answer of the database the page doesn't claim that nothing was done",
  async () => {
    const url = new URL(await newDatabase());
    const direct = await startTestApp({ env: { DATABASE_URL: url.href } });
    const proxy = await startCuttableProxy(Number(url.port));
    Object.assign(url, { hostname: "127.0.0.1", port: String(proxy.port) });
    const behind = await startTestApp({ env: { OPERATOR_PAGE: "on", DATABASE_URL: url.href } });
    const operator = await signInOperator(behind);
    const { user } = await behind.client.signedIn("alice");
    const fields = await operator.formOf(user.id, "delete");
    proxy.loseAnswerTo(/commit/i);
    const { html } = await operator.post(`people/${user.id}/delete`, { ...fields, confirm: user.id.slice(-8) });
    expect(await direct.database.em.fork().count(User, { id: user.id })).toBe(0);
    expect(html).toContain("may or may not have been done");
  },
);
