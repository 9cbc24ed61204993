import { expect, test } from "vitest";
import { plain } from "../support/images.js";
import { messageAbout, push, pushToken } from "../support/push.js";
import { startTestApp } from "../support/test-app.js";
import { upload } from "../support/upload.js";

/** How many timers are set that keep the process alive. */
const timers = () => process.getActiveResourcesInfo().filter((name) => name === "Timeout").length;

test("no timer outlives the request for which it was set", async () => {
  const app = await startTestApp({
    env: { RATE_LIMIT: "on", WECHAT_CONTENT_CHECK: "on", WECHAT_PUSH_TOKEN: pushToken, METRICS: "on" },
  });
  const image = await plain("red").png().toBuffer();

  async function everything(round: number): Promise<void> {
    const { token, refreshToken } = await app.client.signedIn("alice");
    const { errors } = await app.client.updateProfile(token, { nickname: `Alice ${round}` });
    expect([...errors, ...(await upload(app, token, image)).errors]).toEqual([]);
    for (const outcome of [await app.client.refresh(refreshToken), await app.client.bindPhone(token, "alice")]) {
      expect(outcome.outcome).toBe("ok");
    }
    for (const path of ["/readyz", "/metrics"]) expect((await fetch(app.url + path)).status).toBe(200);
    expect((await push(app, messageAbout("alice", "user_info_modified"))).text).toBe("success");
  }

  await everything(1);
  const before = timers();
  const rounds = [2, 3, 4, 5];
  for (const round of rounds) await everything(round);
  // One that stays would be there once a round; the poll has timers of its own.
  await expect.poll(timers, { timeout: 3_000 }).toBeLessThan(before + rounds.length);
});
