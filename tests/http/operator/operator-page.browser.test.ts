import { describe, expect, test } from "vitest";
import { chromiumPath } from "../../../miniprogram/runner/chromium.ts";
import { openWindow } from "../../support/browser.js";
import { plain } from "../../support/images.js";
import { keepSecret } from "../../support/log-search.js";
import { newLink } from "../../support/operator.js";
import { startTestApp } from "../../support/test-app.js";
import { download, upload } from "../../support/upload.js";

if (!chromiumPath) {
  process.stderr.write("\nNOT TESTED: the operator's page in a browser, because no Chromium was found.\n\n");
}

describe.runIf(chromiumPath)("the operator's page in a browser without scripts", async () => {
  const app = await startTestApp({ env: { OPERATOR_PAGE: "on", PUBLIC_URL: "http://127.0.0.1" } });
  const alice = await app.client.signedIn("alice");
  const profile = {
    nickname: `<b onclick="x">Alice</b>`,
    email: "alice@example.com",
    signature: "路漫漫其修远兮".repeat(12),
  };
  await app.client.updateProfile(alice.token, profile);
  await upload(app, alice.token, await plain("red").png().toBuffer());
  for (let i = 0; i < 3; i++) await app.client.signedIn(`person${i}`);
  keepSecret(profile.email);

  const signIn = async (name: string, options: Parameters<typeof openWindow>[1]) => {
    const window = await openWindow(app.url, { javaScriptEnabled: false, locale: "zh-CN", ...options });
    await window.page.goto(`${app.url}/operator/sign-in?key=${await newLink(app, name)}`);
    await window.page.getByRole("button", { name: `以 ${name} 的身份登录` }).click();
    return window;
  };

  test("an operator signs in, finds a person, disables them, sees that the token died, and undoes it", async () => {
    const { page, violations } = await signIn("王芳", {});
    await page.getByRole("searchbox").fill(alice.user.id.slice(-8).toUpperCase());
    await page.getByRole("button", { name: "查找" }).click();
    await page.getByRole("link", { name: "Alice" }).click();
    expect(await page.getByRole("heading", { level: 1 }).textContent()).toBe(profile.nickname);
    expect(await page.getByText(profile.email).count()).toBe(0);
    await page.getByRole("button", { name: "显示个人信息" }).click();
    expect(await page.getByText(profile.email).count()).toBe(1);

    const disable = page.locator("form[action=disable]");
    await disable.getByLabel("原因").fill("广告，工单 42");
    await disable.getByRole("button").click();
    await page.getByRole("status").getByText("已停用，所有会话已结束").waitFor();
    expect((await app.client.me(alice.token)).outcome).toBe("USER_DISABLED");
    expect(await page.getByText("结束了 1 个会话；广告，工单 42").count()).toBe(1);
    await page.getByRole("button", { name: "恢复账号" }).click();
    await page.getByRole("status").getByText("已恢复").waitFor();
    expect((await app.client.login("alice")).outcome).toBe("ok");

    await page.getByRole("link", { name: "审计日志" }).click();
    expect(await page.getByRole("row").filter({ hasText: "王芳" }).count()).toBeGreaterThanOrEqual(4);
    await page.getByRole("button", { name: "退出" }).click();
    await page.goto(`${app.url}/operator/`);
    expect(await page.getByText("wxpass admin login-link").count()).toBe(1);
    expect(violations).toEqual([]);
  });

  test("every page fits a phone and a desk, light and dark, and loads nothing of others", async () => {
    const { page, foreign, violations } = await openWindow(app.url, { locale: "en" });
    await page.route("http://127.0.0.1/avatars/**", async (route) =>
      route.fulfill({ body: await download(app, route.request().url()), contentType: "image/jpeg" }),
    );
    await page.goto(`${app.url}/operator/sign-in?key=${await newLink(app, "carol")}`);
    await page.getByRole("button").click();
    for (const path of ["", "?status=active", "acts", "health", `people/${alice.user.id}/`]) {
      await page.goto(`${app.url}/operator/${path}`);
      for (const width of [390, 1280]) {
        await page.setViewportSize({ width, height: 800 });
        expect(await page.evaluate("document.documentElement.scrollWidth"), `${path} at ${width}`).toBe(width);
      }
      for (const colorScheme of ["light", "dark"] as const) {
        await page.emulateMedia({ colorScheme });
        const colour = String(await page.evaluate("getComputedStyle(document.body).backgroundColor"));
        expect(colour).toBe(colorScheme === "light" ? "rgb(255, 255, 255)" : "rgb(13, 17, 23)");
      }
    }
    await expect.poll(() => page.evaluate("document.querySelector('img.avatar').naturalWidth")).toBeGreaterThan(0);
    expect({ foreign, violations }).toEqual({ foreign: [], violations: [] });
  });
});
