import type { FastifyRequest } from "fastify";
import { html } from "hono/html";
import type { Text } from "../../errors.js";
import { type Html, page, type Visit } from "./layout.js";

/** What a page without anything to do on it says. */
interface Saying {
  title: Text;
  text?: Text;
  /** The way on, and what it is called. */
  link?: { to: string; label: Text };
}

const say = (visit: Visit, { title, text, link }: Saying, more: Html = html``): Html => {
  const { language } = visit;
  return page(
    visit,
    title[language],
    html`${text && html`<p>${text[language]}</p>`}${more}${link && html`<p><a href="${link.to}">${link.label[language]}</a></p>`}`,
  );
};

const refused: Text = { zh: "已拒绝", en: "Refused" };
const notFound: Text = { zh: "没有找到", en: "Not found" };
const again = { to: ".", label: { zh: "重新打开", en: "Open it again" } };

export const needsHttps = (visit: Visit): Html =>
  say(visit, {
    title: { zh: "需要 https", en: "https is needed" },
    text: {
      zh: "管理页只能经 https 打开：请把 PUBLIC_URL 设为 https 地址并从那里打开，或在服务器本机上打开。",
      en: "This page needs https: set PUBLIC_URL to an https address and open it there, or open it on the server itself.",
    },
  });

export const foreignForm = (visit: Visit): Html =>
  say(visit, {
    title: refused,
    text: {
      zh: "这个请求不是从本站页面发出的，没有执行。请从 PUBLIC_URL 所指的地址打开管理页。",
      en: "This was not sent by a page of this server's, so nothing was done. Open the operator's page at the address in PUBLIC_URL.",
    },
  });

export const badForm = (visit: Visit): Html =>
  say(visit, { title: refused, text: { zh: "请求的格式不对。", en: "The request is malformed." } });

export const stale = (visit: Visit): Html =>
  say(visit, {
    title: { zh: "情况有变", en: "Things have changed" },
    text: {
      zh: "在您查看之后，这位用户的情况有了变化，所以没有执行。请重新打开页面看一看。",
      en: "This person has changed since you looked, so nothing was done. Open the page again and look.",
    },
    link: again,
  });

/** After a form nobody can be sure: the database may have done it, and its answer got lost. */
export function failed(visit: Visit, { id, method }: FastifyRequest): Html {
  const title: Text = { zh: "出错了", en: "It failed" };
  const log = visit.t("日志中的请求编号：", "The log has it under the request ");
  const more = html`<p>${log}<code>${id}</code></p>`;
  if (method !== "POST") return say(visit, { title, text: { zh: "请稍后再试。", en: "Try again in a moment." } }, more);
  const text: Text = {
    zh: "可能已经执行，也可能没有：请重新打开页面确认。",
    en: "It may or may not have been done: open the page again and look.",
  };
  return say(visit, { title, text, link: again }, more);
}

export const nothingThere = (visit: Visit): Html =>
  say(visit, {
    title: notFound,
    link: { to: visit.root, label: { zh: "回到用户列表", en: "To the list of people" } },
  });

export const nobody = (visit: Visit): Html =>
  say(visit, {
    title: notFound,
    text: { zh: "没有这位用户；也许已经注销。", en: "There is no such person; maybe the account was deleted." },
  });
