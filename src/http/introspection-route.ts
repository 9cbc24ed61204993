import { createHash, timingSafeEqual } from "node:crypto";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { introspect } from "../auth/introspect.js";
import type { Services } from "../context.js";
import type { Text } from "../errors.js";
import { bearerOf } from "./negotiation.js";
import { refuse } from "./request-errors.js";

const formType = "application/x-www-form-urlencoded";

const reasons = {
  401: { zh: "需要 INTROSPECTION_SECRET", en: "This needs INTROSPECTION_SECRET" },
  415: { zh: `请用 ${formType}`, en: `The body must be ${formType}` },
  400: { zh: "需要一个 token 参数", en: "There must be one parameter token" },
} as const satisfies Record<number, Text>;

/** `POST /introspect`: other services ask about a token. Who doesn't know the secret learns nothing. https://www.rfc-editor.org/rfc/rfc7662 */
export async function addIntrospectionRoute(
  server: FastifyInstance,
  secret: string,
  services: Services,
): Promise<void> {
  const isSecret = matcherOf(secret);

  await server.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser(formType, { parseAs: "string" }, (_, body, done) => done(null, body));

    scope.addHook("onRequest", async (request, reply) => {
      const given = bearerOf(request.headers);
      if (given === undefined) return challenge('Bearer realm="wxpass"', request, reply);
      if (!isSecret(given)) return challenge('Bearer realm="wxpass", error="invalid_token"', request, reply);
      return isForm(request) ? undefined : refuse(415, request, reply, reasons[415]);
    });

    scope.post("/introspect", async (request, reply) => {
      const tokens = new URLSearchParams(String(request.body)).getAll("token");
      const [token] = tokens;
      if (token === undefined || tokens.length > 1) return refuse(400, request, reply, reasons[400]);
      const answer = await introspect({ ...services, em: services.em.fork() }, token);
      return reply.header("cache-control", "no-store").send(answer);
    });
  });
}

/** Compares in a time that tells nothing about the secret, not even its length. */
function matcherOf(secret: string): (given: string) => boolean {
  const digestOf = (text: string) => createHash("sha256").update(text).digest();
  const expected = digestOf(secret);
  return (given) => timingSafeEqual(digestOf(given), expected);
}

const challenge = (scheme: string, request: FastifyRequest, reply: FastifyReply) =>
  refuse(401, request, reply.header("www-authenticate", scheme), reasons[401]);

const isForm = ({ headers }: FastifyRequest) =>
  headers["content-type"]?.split(";")[0]?.trim().toLowerCase() === formType;
