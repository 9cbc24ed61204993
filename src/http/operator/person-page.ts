import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { validate as isUuid } from "uuid";
import { lastChange } from "../../admin/act-context.js";
import { findActs } from "../../admin/find-acts.js";
import { type Actor, recordAct } from "../../audit/record-act.js";
import { exportUser, type UserExport } from "../../privacy/export-user.js";
import { User } from "../../user/user.js";
import { addressOf } from "../client-address.js";
import { nobody } from "./fault-pages.js";
import type { OperatorPageOptions } from "./options.js";
import { acts, type Outcome, readForm, toldOf } from "./person-acts.js";
import { personPage, type Shown } from "./person-view.js";
import { show, visitOf } from "./show.js";

type PersonContext = OperatorPageOptions["services"];

/** Lines of the audit log on a person's page. */
const maxActs = 20;

/** `/operator/people/ID/`, all that is held about a person, and what can be done about it. */
export function addPersonPage(scope: FastifyInstance, { services }: OperatorPageOptions): void {
  const { em } = services;

  async function answer(request: FastifyRequest, reply: FastifyReply, more: Partial<Outcome>) {
    const visit = visitOf(request);
    const shown = await look(services, idOf(request));
    if (!shown) return show(reply, 404, nobody(visit));
    return show(reply, more.fault ? 400 : 200, personPage(visit, shown, more));
  }

  scope.get("/people/:id/", (request, reply) => answer(request, reply, { done: toldOf(request.query) }));

  scope.post("/people/:id/show", async (request, reply) => {
    await uncover(services, idOf(request), "show", actorOf(request));
    return answer(request, reply, { isUnmasked: true });
  });

  scope.post("/people/:id/export", async (request, reply) => {
    const held = await uncover(services, idOf(request), "export", actorOf(request));
    if (!held) return show(reply, 404, nobody(visitOf(request)));
    return reply
      .header("content-disposition", `attachment; filename="wxpass-${held.account.id}.json"`)
      .type("application/json; charset=utf-8")
      .send(`${JSON.stringify(held, null, 2)}\n`);
  });

  for (const [name, act] of Object.entries(acts)) {
    scope.post(`/people/:id/${name}`, async (request, reply) => {
      const form = readForm(request.body);
      const context = { ...services, by: actorOf(request), seen: form.seen };
      if ((await em.fork().count(User, { id: idOf(request) })) === 0) return show(reply, 404, nobody(visitOf(request)));
      const fault = await act(context, idOf(request), form);
      if (fault) return answer(request, reply, { fault, typed: form.reason });
      return reply.redirect(`${name === "delete" ? "../../" : "./"}?done=${name}`, 303);
    });
  }

  // Where a browser ends up that reloads what a form has sent, or leaves out the slash.
  scope.get("/people/:id/:act", (_, reply) => reply.redirect("./", 303));
  scope.get("/people/:id", (request, reply) => reply.redirect(`${encodeURIComponent(idOf(request))}/`, 308));
}

/** The id in the address; one that none can have, if it is no id. */
function idOf({ params }: FastifyRequest): string {
  const id = typeof params === "object" && params !== null ? String(Reflect.get(params, "id")) : "";
  return isUuid(id) ? id.toLowerCase() : "00000000-0000-0000-0000-000000000000";
}

/** Who sends a form. */
export const actorOf = (request: FastifyRequest): Actor => ({
  name: request.operator ?? "",
  origin: "page",
  address: addressOf(request),
});

/** What there is to see of a person; undefined if there is none. The last change is looked up first: so what changes meanwhile is noticed. */
async function look({ em, avatarStore, now }: PersonContext, userId: string): Promise<Shown | undefined> {
  const seen = await lastChange(em.fork(), userId);
  const held = await exportUser({ em, avatarStore, now }, userId, { withOwn: false });
  const { entries } = await findActs(em.fork(), { user: userId, limit: maxActs });
  return held && { held, seen, entries, now: now() };
}

/** What is held about a person, once the audit log says that it was looked at. */
async function uncover(
  { em, avatarStore, now }: PersonContext,
  userId: string,
  act: "show" | "export",
  by: Actor,
): Promise<UserExport | undefined> {
  const held = await exportUser({ em, avatarStore, now }, userId, { withOwn: act === "export" });
  if (held) await recordAct(em, now(), { by, act, userId: held.account.id });
  return held;
}
