import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { html } from "hono/html";
import { StaleError } from "../../admin/act-context.js";
import type { Services } from "../../context.js";
import { describeError } from "../../log.js";
import { operatorOfToken } from "../../operators/operators.js";
import { addActsPage } from "./acts-page.js";
import { addHealthPage } from "./health-page.js";
import { type Html, page, type Visit } from "./layout.js";
import type { OperatorPageOptions } from "./options.js";
import { isOwnForm, isSecure } from "./own-origin.js";
import { addPeoplePage } from "./people-page.js";
import { addPersonPage } from "./person-page.js";
import { tokenOf } from "./session-cookie.js";
import { pageHeaders, show, visitOf } from "./show.js";
import { addSigningIn, signedOutPage } from "./sign-in-page.js";
import { addWebhooksPage } from "./webhooks-page.js";

/**
 * `/operator/`, where operators see people and act on them. Everything but signing in needs an operator's session, and every
 * form has to come from a page of this server's.
 */
export async function addOperatorPage(server: FastifyInstance, options: OperatorPageOptions): Promise<void> {
  const { services } = options;
  const headers = pageHeaders(new URL(services.avatarStore.url("")).origin);

  server.get("/operator", (_, reply) => reply.redirect("operator/", 308));

  await server.register(
    async (scope) => {
      scope.removeAllContentTypeParsers();
      scope.addContentTypeParser("application/x-www-form-urlencoded", { parseAs: "string" }, (_, body, done) =>
        done(null, Object.fromEntries(new URLSearchParams(String(body)))),
      );
      scope.decorateRequest("operator", undefined);
      scope.addHook("onRequest", async (request, reply) => {
        reply.headers(headers);
        return admit(request, reply, options);
      });
      scope.setErrorHandler((error, request, reply) => answerFault(error, request, reply, services));

      addSigningIn(scope, options);
      addPeoplePage(scope, options);
      addPersonPage(scope, options);
      addActsPage(scope, options);
      addHealthPage(scope, options);
      if (options.hasWebhooks) addWebhooksPage(scope, options);
      scope.get("/*", (request, reply) => show(reply, 404, nothingThere(visitOf(request))));
    },
    { prefix: "/operator" },
  );
}

/** Lets a request through, or answers it. */
async function admit(
  request: FastifyRequest,
  reply: FastifyReply,
  { services: { em, now }, publicUrl }: OperatorPageOptions,
): Promise<unknown> {
  if (!isSecure(request, publicUrl)) return show(reply, 403, needsHttps(visitOf(request)));
  if (request.method === "POST" && !isOwnForm(request, publicUrl))
    return show(reply, 403, foreignForm(visitOf(request)));
  const token = tokenOf(request);
  request.operator = token === undefined ? undefined : await operatorOfToken({ em, now }, token);
  const isOpen = /\/sign-(in|out)$/.test(request.routeOptions.url ?? "");
  if (request.operator !== undefined || isOpen) return undefined;
  return show(reply, 401, signedOutPage(visitOf(request), false));
}

function answerFault(
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
  { log }: Pick<Services, "log">,
): Promise<FastifyReply> {
  const visit = visitOf(request);
  if (error instanceof StaleError) return show(reply, 409, stale(visit));
  const status = error instanceof Error ? Reflect.get(error, "statusCode") : undefined;
  if (typeof status === "number" && status < 500) return show(reply, status, badForm(visit));
  log.error({ requestId: request.id, error: describeError(error) }, "unexpected error");
  return show(reply, 500, failed(visit, request));
}

const needsHttps = (visit: Visit): Html => {
  const { t } = visit;
  const text = t(
    "管理页只能经 https 打开：请把 PUBLIC_URL 设为 https 地址并从那里打开，或在服务器本机上打开。",
    "This page needs https: set PUBLIC_URL to an https address and open it there, or open it on the server itself.",
  );
  return page(visit, t("需要 https", "https is needed"), html`<p>${text}</p>`);
};

const foreignForm = (visit: Visit): Html => {
  const { t } = visit;
  const text = t(
    "这个请求不是从本站页面发出的，没有执行。请从 PUBLIC_URL 所指的地址打开管理页。",
    "This was not sent by a page of this server's, so nothing was done. Open the operator's page at the address in PUBLIC_URL.",
  );
  return page(visit, t("已拒绝", "Refused"), html`<p>${text}</p>`);
};

const stale = (visit: Visit): Html => {
  const { t } = visit;
  const text = t(
    "在您查看之后，这位用户的情况有了变化，所以没有执行。请重新打开页面看一看。",
    "This person has changed since you looked, so nothing was done. Open the page again and look.",
  );
  return page(
    visit,
    t("情况有变", "Things have changed"),
    html`<p>${text}</p><p><a href=".">${t("重新打开", "Open it again")}</a></p>`,
  );
};

const badForm = (visit: Visit): Html => {
  const { t } = visit;
  return page(visit, t("已拒绝", "Refused"), html`<p>${t("请求的格式不对。", "The request is malformed.")}</p>`);
};

/** After a form nobody can be sure: the database may have done it, and its answer got lost. */
const failed = (visit: Visit, { id, method }: FastifyRequest): Html => {
  const { t } = visit;
  const isForm = method === "POST";
  const advice = isForm
    ? t(
        "可能已经执行，也可能没有：请重新打开页面确认。",
        "It may or may not have been done: open the page again and look.",
      )
    : t("请稍后再试。", "Try again in a moment.");
  const log = t("日志中的请求编号：", "The log has it under the request ");
  return page(
    visit,
    t("出错了", "It failed"),
    html`<p>${advice}</p><p>${log}<code>${id}</code></p>${isForm && html`<p><a href=".">${t("重新打开", "Open it again")}</a></p>`}`,
  );
};

const nothingThere = (visit: Visit): Html => {
  const { t, root } = visit;
  return page(
    visit,
    t("没有找到", "Not found"),
    html`<p><a href="${root}">${t("回到用户列表", "To the list of people")}</a></p>`,
  );
};
