import type { FastifyInstance } from "fastify";
import { html } from "hono/html";
import { z } from "zod";
import type { Translate } from "../../errors.js";
import { operatorOfLink, signOutOperator, useOperatorLink } from "../../operators/operators.js";
import { addressOf } from "../client-address.js";
import { type Html, notice, page, type Visit } from "./layout.js";
import type { OperatorPageOptions } from "./options.js";
import { dropToken, keepToken, tokenOf } from "./session-cookie.js";
import { show, visitOf } from "./show.js";

const linkShape = z.object({ key: z.string().max(100).default("") }).catch({ key: "" });

/** Signing in by a link, and out. The link is used up by the form and not by being opened, which a chat's preview does, too. */
export function addSigningIn(scope: FastifyInstance, { services }: OperatorPageOptions): void {
  const { em, now } = services;

  scope.get("/sign-in", async (request, reply) => {
    const { key } = linkShape.parse(request.query);
    const name = await operatorOfLink({ em, now }, key);
    const visit = visitOf(request);
    return show(reply, 200, name === undefined ? signedOutPage(visit, key !== "") : linkPage(visit, name, key));
  });

  scope.post("/sign-in", async (request, reply) => {
    const token = await useOperatorLink({ em, now }, linkShape.parse(request.body).key, addressOf(request));
    if (token === undefined) return show(reply, 401, signedOutPage(visitOf(request), true));
    return reply.header("set-cookie", keepToken(token)).redirect("./", 303);
  });

  scope.post("/sign-out", async (request, reply) => {
    const token = tokenOf(request);
    // The browser forgets it even if the database can't be reached.
    reply.header("set-cookie", dropToken);
    if (token !== undefined) await signOutOperator(em, token);
    return reply.redirect("sign-in", 303);
  });
}

const linkPage = (visit: Visit, name: string, key: string): Html => {
  const { t } = visit;
  return page(
    visit,
    t("管理页", "Operator's page"),
    html`<form method="post" action="sign-in">
      <input type="hidden" name="key" value="${key}">
      <button class="main">${t(`以 ${name} 的身份登录`, `Sign in as ${name}`)}</button>
    </form>
    <p class="quiet">${t("登录后 8 小时内有效。链接只能用一次。", "You stay signed in for eight hours. The link works once.")}</p>`,
  );
};

/** How to get in. */
export const signedOutPage = (visit: Visit, hadLink: boolean): Html => {
  const { t } = visit;
  const refused = hadLink ? t("这个链接已用过或已过期。", "This link has been used, or is too old.") : undefined;
  return page(visit, t("管理页", "Operator's page"), html`${notice(refused, "bad")}${howToSignIn(t)}`);
};

const howToSignIn = (t: Translate): Html => html`
  <p>${t("在服务器上运行下面的命令，打开它给出的链接即可登录：", "Run this on the server, and open the link that it prints:")}</p>
  <p><code>wxpass admin login-link ${t("名字", "NAME")}</code></p>`;
