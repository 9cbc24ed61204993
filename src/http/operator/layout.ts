import { html } from "hono/html";
import { minuteOf } from "../../clock.js";
import type { Language, Translate } from "../../errors.js";
import { version } from "../../version.js";
import { style } from "./style.js";

/** What `html` makes: text in which all that was put in is escaped. */
export type Html = ReturnType<typeof html>;

/** Who looks at a page, and how it finds the others: by relative links, since a proxy may put a path before them. */
export interface Visit {
  t: Translate;
  language: Language;
  /** From the page to `/operator/`, such as `../`. */
  root: string;
  /** Who is signed in; undefined if nobody is. */
  operator: string | undefined;
  /** Whether there is a page of webhooks. */
  hasWebhooks: boolean;
}

/** The way from an address below `/operator/` up to it. */
export const rootOf = (url: string) =>
  "../".repeat(Math.max(url.replace(/\?.*/s, "").split("/").length - 3, 0)) || "./";

/** A whole page. */
export const page = (visit: Visit, title: string, content: Html): Html => html`<!doctype html>
<html lang="${visit.language === "zh" ? "zh-CN" : "en"}">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <link rel="icon" href="data:,">
    <title>${title} · wxpass</title>
    <style>${style}</style>
  </head>
  <body>
    <header>
      <b>wxpass</b>
      ${visit.operator && navigation(visit)}
    </header>
    <main><h1>${title}</h1>${content}</main>
    <footer>wxpass ${version} · ${visit.t("时间均为北京时间（UTC+8）", "times are China's (UTC+8)")}</footer>
  </body>
</html>`;

const navigation = ({ t, root, operator, hasWebhooks }: Visit): Html => html`<nav>
  <a href="${root}">${t("用户", "People")}</a>
  <a href="${root}acts">${t("审计日志", "Audit log")}</a>
  ${hasWebhooks ? html`<a href="${root}webhooks">${t("回调", "Webhooks")}</a>` : ""}
  <a href="${root}health">${t("运行状况", "Health")}</a>
</nav>
<form method="post" action="${root}sign-out"><span>${operator}</span> <button class="link">${t("退出", "Sign out")}</button></form>`;

/** A time as in China, to the minute. */
export const timeText = (time: Date | string | null) => (time === null ? "–" : minuteOf(new Date(time)));

/** A line that says what was done, or why it wasn't. */
export const notice = (text: string | undefined, kind: "good" | "bad" = "good"): Html =>
  text === undefined ? html`` : html`<p class="notice ${kind}" role="status">${text}</p>`;

/** Names with what stands for them. */
export const facts = (entries: readonly (readonly [string, unknown])[]): Html =>
  html`<dl>${entries.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value ?? "–"}</dd></div>`)}</dl>`;
