import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test, vi } from "vitest";
import { z } from "zod";
import { WechatRefusal } from "../../src/wechat/errcodes.js";
import { newFolder } from "../support/server-process.js";
import { startTestApp } from "../support/test-app.js";
import { run, testWith } from "../support/tools.js";

const root = join(import.meta.dirname, "../..");
const read = (file: string) => readFileSync(join(root, file), "utf8");

const alerts = read("deploy/alerts.yml");
const alertNames = [...alerts.matchAll(/^ +- alert: (\w+)$/gm)].map(([, name = ""]) => name);

/** A panel as Grafana imports it, as far as we use it. */
const panel = z.strictObject({
  id: z.int().positive(),
  type: z.enum(["stat", "timeseries"]),
  title: z.string().regex(/ · /, "in English and Chinese"),
  datasource: z.strictObject({ type: z.literal("prometheus"), uid: z.literal(`\${datasource}`) }),
  gridPos: z.strictObject({ x: z.int().min(0), y: z.int().min(0), w: z.int().max(24), h: z.int().positive() }),
  targets: z
    .array(
      z.strictObject({
        refId: z.string().length(1),
        datasource: z.unknown(),
        expr: z.string().min(1),
        legendFormat: z.string(),
        range: z.boolean(),
        instant: z.boolean(),
      }),
    )
    .min(1),
  fieldConfig: z.strictObject({ defaults: z.looseObject({ unit: z.string() }), overrides: z.tuple([]) }),
  options: z.looseObject({}).optional(),
  interval: z.string().optional(),
});

const dashboard = z.object({
  uid: z.literal("wxpass"),
  title: z.string(),
  schemaVersion: z.int().min(36),
  time: z.object({ from: z.string(), to: z.string() }),
  templating: z.object({ list: z.array(z.object({ name: z.string(), type: z.enum(["datasource", "query"]) })) }),
  panels: z.array(panel).min(10),
});

/** What a server tells on which something of every kind has happened. */
let figures = "";

beforeAll(async () => {
  const app = await startTestApp({ env: { METRICS: "on", RATE_LIMIT: "on", RATE_LIMIT_LOGIN: "2/1h,3/1h" } });
  for (const code of ["alice", "errcode:40125", "alice", "alice", "bob"]) await app.client.login(code);
  await vi.waitFor(async () => {
    figures = await (await fetch(`${app.url}/metrics`)).text();
    expect(figures).toContain('outcome="RATE_LIMITED"');
  });
});

/** The names of figures with the labels that each has. */
function labelsByName(text: string): Map<string, Set<string>> {
  const labels = new Map<string, Set<string>>();
  for (const [, name = "", list = ""] of text.matchAll(/^(\w+)(?:\{(.*)\})? /gm)) {
    const own = labels.get(name) ?? new Set(["job", "instance"]);
    for (const [, label = ""] of list.matchAll(/(\w+)="/g)) own.add(label);
    labels.set(name, own);
  }
  return labels.set("up", new Set(["job", "instance"]));
}

/** The selectors and groupings of an expression: each name with the labels by which something is asked of it. */
function askedIn(expression: string): [name: string, label: string | undefined][] {
  const names = [...expression.matchAll(/\b((?:wxpass|process|nodejs)_\w+|up)\b(?:\{(.*?)\})?/g)];
  const groupedBy = [...expression.matchAll(/\bby \((.*?)\)/g)].flatMap(([, list = ""]) => list.split(/, */));
  return names.flatMap(([, name = "", matchers = ""]) => {
    const labels = [...matchers.matchAll(/(\w+)(?:=|!)/g)].map(([, label]) => label);
    return [undefined, ...labels, ...groupedBy].map((label): [string, string | undefined] => [name, label]);
  });
}

const panels = dashboard.parse(JSON.parse(read("deploy/dashboard.json"))).panels;
const shown = panels.flatMap(({ targets }) => targets.map(({ expr }) => expr));
const judged = alerts.split(/^ +- alert: /m).slice(1);

test("every figure and label by which the alerts judge and which the dashboard shows is told by a server", () => {
  const labels = labelsByName(figures);
  const asked = [...judged, ...shown].flatMap(askedIn);
  expect(asked.length).toBeGreaterThan(60);
  const missing = asked.filter(([name, label]) => !labels.has(name) || (label && !labels.get(name)?.has(label)));
  expect(missing).toEqual([]);
});

test("whatever a server tells of itself is shown or judged", () => {
  const told = [...labelsByName(figures).keys()].filter((name) => name.startsWith("wxpass_"));
  const used = new Set([...judged, ...shown].flatMap(askedIn).map(([name]) => name.replace(/_bucket$/, "")));
  expect(new Set(told.map((name) => name.replace(/_(bucket|sum|count)$/, "")))).toEqual(
    new Set([...used].filter((name) => name.startsWith("wxpass_"))),
  );
});

test("the dashboard's panels lie beside one another, and each has an id of its own", () => {
  expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
  const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
    Array.from({ length: w * h }, (_, cell) => `${x + (cell % w)},${y + Math.floor(cell / w)}`),
  );
  expect(new Set(cells).size).toBe(cells.length);
  expect(cells.filter((cell) => Number(cell.split(",")[0]) >= 24)).toEqual([]);
});

test("the alert of refusals is about each errcode of which the operator has to know, and about no other", () => {
  const [, excepted = ""] = /alert: WxpassWechatRefuses[^~]*!~"([^"]+)"/.exec(alerts) ?? [];
  const named = [...read("src/wechat/errcodes.ts").matchAll(/^ {2}\[?(-?\d+)\]?: \[/gm)].map(([, code]) =>
    Number(code),
  );
  expect(named.length).toBeGreaterThan(30);
  const harmless = named.filter((errcode) => !new WechatRefusal(errcode, new Date()).needsOperator);
  expect(excepted.split("|").toSorted()).toEqual(["0", "none", ...harmless.map(String)].toSorted());
});

test.each(["docs/operating.md", "docs/operating.zh-CN.md"])("%s says of every alert what to do", (file) => {
  expect([...read(file).matchAll(/^\| `(Wxpass\w+)` \|/gm)].map(([, name]) => name)).toEqual(alertNames);
  expect(alertNames.length).toBeGreaterThan(8);
});

testWith("promtool", "prometheus", "promtool finds nothing to complain of in what a server tells", async () => {
  const checked = await run("promtool", ["check", "metrics"], { cwd: newFolder(), input: figures });
  expect(checked).toEqual({ status: 0, output: "" });
});

testWith("promtool", "prometheus", "promtool can read what the dashboard asks for", async () => {
  const folder = newFolder();
  const rules = shown.map((expr, index) => ({
    record: `panel:${index}`,
    expr: expr.replaceAll("$instance", ".*").replaceAll("$__rate_interval", "1m"),
  }));
  writeFileSync(join(folder, "panels.yml"), JSON.stringify({ groups: [{ name: "panels", rules }] }));
  const checked = await run("promtool", ["check", "rules", "panels.yml"], { cwd: folder });
  expect(checked).toMatchObject({ status: 0, output: expect.stringContaining(`${shown.length} rules found`) });
});
