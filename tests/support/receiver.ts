import { randomBytes } from "node:crypto";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { Webhook } from "standardwebhooks";
import { afterAll } from "vitest";
import { z } from "zod";
import { keepSecret } from "./log-search.js";

const eventShape = z.strictObject({
  type: z.string(),
  timestamp: z.iso.datetime(),
  data: z.looseObject({ userId: z.uuid() }),
});

/** What a receiver got, and believed. */
export interface ReceivedEvent extends z.infer<typeof eventShape> {
  /** `webhook-id`. */
  id: string;
}

/** A secret as `make-secret` prints it. */
export function newWebhookSecret(): string {
  const secret = `whsec_${randomBytes(32).toString("base64")}`;
  keepSecret(secret, secret.slice("whsec_".length));
  return secret;
}

/** A receiver of webhooks on loopback, which verifies what it gets as the standard's own library does. */
export async function startReceiver(secret = newWebhookSecret()) {
  const all: ReceivedEvent[] = [];
  let events: ReceivedEvent[] = [];
  const accept = (response: ServerResponse): unknown => response.writeHead(204).end();
  let answer: (response: ServerResponse, event: ReceivedEvent) => unknown = accept;
  const webhook = new Webhook(secret);
  const server = createServer(async (request, response) => {
    const body = await text(request);
    const headers = z.record(z.string(), z.coerce.string()).parse(request.headers);
    const { "webhook-id": id = "", "webhook-timestamp": seconds = "", "webhook-signature": signatures = "" } = headers;
    const isOfOtherTimes = Math.abs(Number(seconds) - Date.now() / 1_000) > 250;
    // The library knows no clock but the machine's.
    if (!isOfOtherTimes) webhook.verify(body, headers);
    else if (!signatures.split(" ").includes(webhook.sign(id, new Date(Number(seconds) * 1_000), body))) {
      throw new Error("the signature is wrong");
    }
    const event = { id, ...eventShape.parse(JSON.parse(body)) };
    all.push(event);
    events.push(event);
    answer(response, event);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const { port } = Object(address) as AddressInfo;
  afterAll(() => {
    server.close();
    server.closeAllConnections();
  });
  return {
    env: { WEBHOOK_URL: `http://127.0.0.1:${port}/hook`, WEBHOOK_SECRET: secret },
    /** Everything that came so far, in order. */
    all,
    /** The same, without what was forgotten. */
    get events() {
      return events;
    },
    /** Forgets what came about a user. */
    forget(userId: string) {
      events = events.filter(({ data }) => data.userId !== userId);
    },
    /** What comes about one user, as types with what is told. */
    told: (userId: string) =>
      events.filter(({ data }) => data.userId === userId).map(({ type, data: { userId: _, ...data } }) => [type, data]),
    /** What to answer from now on; nothing given, 204. */
    answer(handler: typeof answer = accept) {
      answer = handler;
    },
  };
}
