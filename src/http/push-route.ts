import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Logger } from "pino";
import { z } from "zod";
import type { Services } from "../context.js";
import type { Text } from "../errors.js";
import { bindPushAddress } from "../privacy/bind-push-address.js";
import { handlePush } from "../privacy/handle-push.js";
import { type PushFault, readEvent } from "../wechat/push/event.js";
import { maxSkewMs, openPush, type PushRefusal, type PushSettings } from "../wechat/push/open-push.js";
import { isAddressSigned, timeOf } from "../wechat/push/signature.js";
import { refuse } from "./request-errors.js";

const path = "/wechat/push";

const addressShape = z.object({
  signature: z.string(),
  timestamp: z.string().max(32),
  nonce: z.string().max(128),
  msg_signature: z.string().optional(),
  echostr: z.string().optional(),
  appid: z.string().optional(),
});

/** What the log says of a message that is refused; its sender only learns that it is. */
const refusals = {
  plain: "it isn't encrypted, as it must be with WECHAT_PUSH_AES_KEY: choose the safe mode in WeChat's settings",
  "wrongly signed": "its msg_signature is wrong",
  "not decrypted": "WECHAT_PUSH_AES_KEY doesn't decrypt it: is that the EncodingAESKey in WeChat's settings?",
  "of another app": "it is encrypted for an app that isn't in WECHAT_APPS",
  "of two times": "its address is good for an earlier time as well, so it may be a copy",
  "of another body": "its address has come with another body before",
} as const satisfies Record<PushRefusal | "of another body", string>;

const faults: Record<PushFault, Text> = {
  malformed: { zh: "消息格式有误", en: "The message is malformed" },
  encrypted: {
    zh: "请设置 WECHAT_PUSH_AES_KEY，或在微信公众平台把消息加密方式设为明文模式",
    en: "Set WECHAT_PUSH_AES_KEY, or choose the plain mode in WeChat's settings",
  },
};

/**
 * `GET /wechat/push`, with which WeChat checks the address when it is set, and `POST /wechat/push` for its messages.
 * What is handled, unknown or known already is answered `success`; after anything else WeChat tries again.
 */
export async function addPushRoute(server: FastifyInstance, settings: PushSettings, services: Services): Promise<void> {
  const logOf = (request: FastifyRequest) => services.log.child({ requestId: request.id });

  await server.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser("*", { parseAs: "string" }, (_, body, done) => done(null, body));

    scope.addHook("onRequest", async (request, reply): Promise<unknown> => {
      const address = addressShape.safeParse(request.query);
      if (!address.success || !isAddressSigned(settings.token, address.data)) return refuse(403, request, reply);
      if (request.method === "GET" || isAboutNow(address.data.timestamp, services.now())) return undefined;
      logOf(request).warn("a message of WeChat's is too old or from the future: is this server's clock right?");
      return refuse(403, request, reply);
    });

    scope.get(path, async (request, reply) => {
      return reply.type("text/plain; charset=utf-8").send(addressOf(request).echostr ?? "");
    });

    scope.post(path, async (request, reply) => {
      const [address, log] = [addressOf(request), logOf(request)];
      const context = { ...services, em: services.em.fork(), log };
      const opened = openPush(settings, address, bodyOf(request), services.now());
      if (typeof opened === "string") return refuseOpening(opened, log, request, reply);
      const { text, fields, appId } = opened;
      // What is encrypted is signed itself.
      if (appId === undefined && !(await bindPushAddress(context, address.signature, text))) {
        return refuseOpening("of another body", log, request, reply);
      }
      const event = readEvent(fields);
      if (event.name === "unreadable") {
        log.error({ why: event.why }, `a message of WeChat's can't be read: ${faults[event.why].en}`);
        return refuse(event.why === "malformed" ? 400 : 415, request, reply, faults[event.why]);
      }
      const about =
        appId === undefined ? { appIds: settings.appIds, appId: address.appid } : { appIds: [appId], appId };
      await handlePush(context, { event, text, ...about });
      return reply.type("text/plain; charset=utf-8").send("success");
    });
  });
}

function refuseOpening(
  why: keyof typeof refusals,
  log: Logger,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  log.error({ why }, `a message of WeChat's is refused: ${refusals[why]}`);
  return refuse(403, request, reply);
}

const addressOf = (request: FastifyRequest) => addressShape.parse(request.query);

const bodyOf = ({ body }: FastifyRequest) => (typeof body === "string" ? body : "");

function isAboutNow(timestamp: string, now: Date): boolean {
  const time = timeOf(timestamp);
  return time !== undefined && Math.abs(now.getTime() - time) <= maxSkewMs;
}
