import type { FastifyInstance, FastifyRequest } from "fastify";
import { z } from "zod";
import type { Services } from "../context.js";
import type { Text } from "../errors.js";
import { handlePush } from "../privacy/handle-push.js";
import type { WechatApp } from "../wechat/app.js";
import { isSigned, type PushFault, parsePush } from "../wechat/push.js";
import { refuse } from "./request-errors.js";

interface PushOptions {
  /** The token that is set at WeChat's too. */
  token: string;
  apps: readonly WechatApp[];
  services: Services;
}

const path = "/wechat/push";

/** By which WeChat's clock and ours may differ. A signed address that somebody has read is useless after that. */
const maxAgeMs = 10 * 60_000;

const addressShape = z.object({
  signature: z.string(),
  timestamp: z.string().max(32),
  nonce: z.string().max(128),
  echostr: z.string().optional(),
  appid: z.string().optional(),
});

const faults: Record<PushFault, Text> = {
  malformed: { zh: "消息格式有误", en: "The message is malformed" },
  xml: { zh: "请在微信公众平台把消息推送的数据格式设为 JSON", en: "Choose the data format JSON in WeChat's settings" },
  encrypted: { zh: "请在微信公众平台把消息加密方式设为明文模式", en: "Choose the plain mode in WeChat's settings" },
};

/**
 * `GET /wechat/push`, with which WeChat checks the address when it is set, and `POST /wechat/push` for its messages.
 * What is handled, unknown or known already is answered `success`; after anything else WeChat tries again.
 */
export async function addPushRoute(server: FastifyInstance, { token, apps, services }: PushOptions): Promise<void> {
  const { now, log } = services;
  const appIds = apps.map(({ appId }) => appId);

  await server.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser("*", { parseAs: "string" }, (_, body, done) => done(null, body));

    scope.addHook("onRequest", async (request, reply): Promise<unknown> => {
      const address = addressShape.safeParse(request.query);
      if (!address.success || !isSigned(token, address.data)) return refuse(403, request, reply);
      if (request.method === "GET" || isRecent(address.data.timestamp, now())) return undefined;
      log.warn("a message of WeChat's is too old or from the future: is this server's clock right?");
      return refuse(403, request, reply);
    });

    scope.get(path, async (request, reply) => {
      return reply.type("text/plain; charset=utf-8").send(addressOf(request).echostr ?? "");
    });

    scope.post(path, async (request, reply) => {
      const body = typeof request.body === "string" ? request.body : "";
      const event = parsePush(body);
      if (event.name === "unreadable") {
        log.error({ why: event.why }, `a message of WeChat's can't be read: ${faults[event.why].en}`);
        return refuse(event.why === "malformed" ? 400 : 415, request, reply, faults[event.why]);
      }
      const context = { ...services, em: services.em.fork(), appIds, log: log.child({ requestId: request.id }) };
      await handlePush(context, { event, body, appId: addressOf(request).appid });
      return reply.type("text/plain; charset=utf-8").send("success");
    });
  });
}

const addressOf = (request: FastifyRequest) => addressShape.parse(request.query);

function isRecent(timestamp: string, now: Date): boolean {
  return /^\d{1,12}$/.test(timestamp) && Math.abs(now.getTime() - Number(timestamp) * 1_000) <= maxAgeMs;
}
