import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Webhook } from "standardwebhooks";
import { expect, test } from "vitest";
import { eventTypes } from "../../src/database/outbox.js";

const pages = ["docs/webhooks.md", "docs/webhooks.zh-CN.md"];
const read = (page: string) => readFileSync(join(import.meta.dirname, "../..", page), "utf8");

test.each(pages)("%s lists every event", (page) => {
  const listed = [...read(page).matchAll(/^\| `([a-z]+\.[a-z]+)` \|/gm)].map(([, type]) => type);
  expect(listed).toEqual(eventTypes);
});

test.each(pages)("what %s shows for a receiver verifies what is signed, and nothing else", async (page) => {
  const secret = `whsec_${randomBytes(32).toString("base64")}`;
  const [, code = ""] = /```js\n(.*?)```/s.exec(read(page)) ?? [];
  const settled = code.replace("process.env.WEBHOOK_SECRET", JSON.stringify(secret));
  const { verify } = await import(`data:text/javascript,${encodeURIComponent(settled)}`);
  const body = JSON.stringify({ type: "user.deleted" });
  const signed = (at: Date) => ({
    "webhook-id": "an-id",
    "webhook-timestamp": String(Math.floor(at.getTime() / 1_000)),
    "webhook-signature": `v1,AAAA ${new Webhook(secret).sign("an-id", at, body)}`,
  });
  const now = new Date();
  expect(verify(signed(now), body)).toEqual({ type: "user.deleted" });
  expect(verify(signed(now), `${body} `)).toBeUndefined();
  expect(verify({ ...signed(now), "webhook-id": "another" }, body)).toBeUndefined();
  expect(verify(signed(new Date(now.getTime() - 400_000)), body)).toBeUndefined();
  expect(verify({}, body)).toBeUndefined();
});
