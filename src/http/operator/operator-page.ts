import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { StaleError } from "../../admin/act-context.js";
import type { Services } from "../../context.js";
import { describeError } from "../../log.js";
import { operatorOfToken } from "../../operators/operators.js";
import { addActsPage } from "./acts-page.js";
import { badForm, failed, foreignForm, needsHttps, nothingThere, stale } from "./fault-pages.js";
import { addHealthPage } from "./health-page.js";
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
