import { expect, test } from "vitest";
import { recordAct, wechat } from "../../../src/audit/record-act.js";
import { version } from "../../../src/version.js";
import { signInOperator } from "../../support/operator.js";
import { startTestApp } from "../../support/test-app.js";

const app = await startTestApp({ env: { OPERATOR_PAGE: "on" } });
const anna = await signInOperator(app, "anna");
const wang = await signInOperator(app, "小王", "zh-CN");

test("the audit log can be filtered, and goes on", async () => {
  const { user } = await app.client.signedIn("alice");
  await anna.act(user.id, "disable", { reason: "spam" });
  await wang.act(user.id, "enable");
  const lines = async (filter: string) => (await anna.get(`acts?${filter}`)).html.match(/<tr>\s*<td>/g)?.length ?? 0;
  expect(await lines(`user=${user.id}`)).toBe(2);
  expect(await lines(`user=${user.id}&act=enable`)).toBe(1);
  expect(await lines(`user=${user.id}&${new URLSearchParams({ actor: "小王" })}`)).toBe(1);
  expect(await lines("from=2020-01-01&to=2020-01-02")).toBe(0);
  expect(await lines("act=nonsense&from=nonsense")).toBeGreaterThan(3);
  expect(await lines(`user=${user.id.slice(-8).toUpperCase()}`)).toBe(2);
  for (const nobody of ["0badcafe", "nonsense"]) {
    expect(await lines(`user=${nobody}`)).toBe(0);
    expect((await anna.get(`acts?user=${nobody}`)).html).toContain(`role="status"`);
    expect((await anna.get(`acts.csv?user=${nobody}`)).html.trim().split("\n")).toHaveLength(1);
  }
  expect((await wang.get("acts?act=disable")).html).toMatch(/anna.*停用.*结束了 1 个会话；spam/s);
  const file = await anna.get(`acts.csv?user=${user.id}`);
  expect(file.headers.get("content-disposition")).toContain("wxpass-audit.csv");
  expect(file.html.split("\n")).toHaveLength(4);
  expect(file.html).toContain('"disable"');
  const em = app.database.em.fork();
  for (let i = 0; i < 50; i++) await recordAct(em, app.now(), { by: wechat, act: "delete" });
  const [, next = ""] = /href="(acts\?[^"]*after=[^"]+)"/.exec((await anna.get("acts")).html) ?? [];
  expect((await anna.get(next.replaceAll("&amp;", "&"))).html).toContain("spam");
});

test("the health page tells what the process has seen", async () => {
  const { html: before } = await anna.get("health");
  expect(before).toContain(version);
  expect(before).toMatch(/SQLite|PostgreSQL/);
  expect(before).toContain("Nothing.");
  await app.client.signedIn("bob");
  await app.client.login("errcode:40029");
  await app.client.login("errcode:40164");
  await app.client.login("errcode:40164");
  const { html } = await anna.get("health");
  expect(html).toMatch(/<title>\d\d:00 2<\/title>/);
  expect(html).toMatch(/<b>40164<\/b>.*?>2<.*not on the IP list.*Put it on the IP list.*<b>40029<\/b>/s);
  expect((await wang.get("health")).html).toMatch(/40164.*白名单/s);
  app.advance(24 * 3_600_000);
  const later = await signInOperator(app, "anna");
  expect((await later.get("health")).html).toContain("0 altogether");
});

test("a page is in the reader's language, and says which it is", async () => {
  const now = await signInOperator(app, "anna");
  expect((await now.get("")).html).toContain('<html lang="en">');
  expect((await (await signInOperator(app, "anna", "zh-CN,zh;q=0.9")).get("")).html).toContain('<html lang="zh-CN">');
});

test("links are relative, so that a path before them stays", async () => {
  const now = await signInOperator(app, "anna");
  const { user } = await app.client.signedIn("carol");
  for (const path of ["", "acts", "health", `people/${user.id}/`]) {
    const { html } = await now.get(path);
    const targets = [...html.matchAll(/(?:href|action)="([^"]*)"/g)].map(([, target = ""]) => target);
    const base = new URL(`https://example.com/account/operator/${path}`);
    for (const target of targets.filter((target) => !target.startsWith("data:"))) {
      expect(new URL(target, base).pathname, target).toMatch(/^\/account\/operator\//);
      const { status } = await now.get(new URL(target, base).pathname.slice("/account/operator/".length));
      expect([200, 303, 404]).toContain(status);
    }
  }
  expect((await fetch(`${app.url}/operator`, { redirect: "manual" })).headers.get("location")).toBe("operator/");
});

test("a fault leaves a page with the request's number, and says nothing more", async () => {
  const now = await signInOperator(app, "anna");
  await app.database.em.fork().getConnection().execute("alter table audit_entries rename to gone");
  const { status, html } = await now.get("acts");
  await app.database.em.fork().getConnection().execute("alter table gone rename to audit_entries");
  expect(status).toBe(500);
  expect(html).toContain("It failed");
  expect(html).not.toMatch(/audit_entries|no such|does not exist/i);
});

test("the address of a form that was sent leads to the person, and one that leads nowhere to a page", async () => {
  const now = await signInOperator(app, "anna");
  const { user } = await app.client.signedIn("dora");
  for (const path of [`people/${user.id}/show`, `people/${user.id}/disable`, `people/${user.id}`]) {
    const { status, headers } = await now.get(path);
    expect(status).toBeGreaterThanOrEqual(300);
    const target = new URL(headers.get("location") ?? "", `http://x/operator/${path}`).pathname;
    expect(target).toBe(`/operator/people/${user.id}/`);
  }
  for (const path of ["acts/", "nothing"]) {
    const { status, html } = await now.get(path);
    expect(status).toBe(404);
    expect(html).toContain("To the list of people");
  }
});
