import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { type Browser, chromium } from "playwright-core";
import sharp from "sharp";
import { chromiumArguments, chromiumPath } from "./chromium.ts";
import { createChromiumScreen } from "./driver/chromium-screen.ts";
import { openPhone } from "./driver/phone.ts";
import { compileProgram } from "./program/compile.ts";
import { type ServerProcess, startServer } from "./server-process.ts";

const example = fileURLToPath(new URL("../example", import.meta.url));
const images = fileURLToPath(new URL("../../docs/images/", import.meta.url));

const run = promisify(execFile);

/** An address of its own, so that a server that is running isn't in the way. */
const port = "4790";

/** Takes the README's pictures: the example after the first sign-in and with a profile, the server's explorer and the operator's page. */
async function takeScreenshots(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "wxpass-screenshots-"));
  mkdirSync(images, { recursive: true });
  const settings = {
    PORT: port,
    JWT_SECRET: randomBytes(32).toString("hex"),
    DATABASE_URL: `sqlite:${folder}/wxpass.db`,
    STORAGE_URL: `file:${folder}/avatars`,
    EXPLORER: "graphiql",
    OPERATOR_PAGE: "on",
    LOG_LEVEL: "warn",
  };
  const server = await startServer(settings, () => {});
  const browser = await chromium.launch({ executablePath: chromiumPath ?? "chromium", args: chromiumArguments });
  try {
    await pictureExample(browser, server);
    await pictureExplorer(browser, server);
    await pictureOperatorPage(browser, server, settings);
  } finally {
    await browser.close();
    await server.close();
    rmSync(folder, { recursive: true });
  }
}

async function pictureExample(browser: Browser, { url, simulatorUrl }: ServerProcess): Promise<void> {
  const program = await compileProgram(example);
  const context = await browser.newContext({
    viewport: { width: 375, height: 812 },
    deviceScaleFactor: 2,
    hasTouch: true,
    isMobile: true,
    locale: "zh-CN",
  });
  const page = await context.newPage();
  const who = { person: "xiaoxia", phoneNumber: "13800138000", appId: "wx0000000000000001" };
  const servers = { "http://127.0.0.1:4000": url };
  const phone = await openPhone({ ...who, simulatorUrl, servers }, (bridge) =>
    createChromiumScreen(page, bridge, program),
  );

  await phone.sees("登录成功，欢迎你");
  await page.screenshot({ path: `${images}sign-in.png` });

  phone.hasAvatar({ fileName: "moon.png", type: "image/png", content: (await drawMoonrise()).toString("base64") });
  await phone.tap("完善资料");
  await phone.tap("更换头像");
  await phone.tap("同意");
  await phone.tap("用微信头像");
  await phone.sees("头像已更新");
  await phone.type("昵称", "林小夏");
  await phone.choose("性别", "女");
  await phone.choose("生日", "1998年", "6月", "18日");
  await phone.type("邮箱", "xiaoxia@example.com");
  await phone.type("个性签名", "海上生明月，天涯共此时");
  await phone.type("地址", "浙江省杭州市西湖区");
  await phone.tap("保存");
  await phone.sees("我的", "林小夏");
  await phone.tap("绑定手机号");
  await phone.tap("允许");
  await phone.sees("已绑定");
  await phone.relaunch();
  await phone.sees("林小夏");
  await page.waitForLoadState("networkidle");
  await page.screenshot({ path: `${images}profile.png` });
  await phone.close();
}

async function pictureExplorer(browser: Browser, { url }: ServerProcess): Promise<void> {
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  await page.goto(`${url}/graphql`);
  await page.getByText("mutation Login").waitFor();
  await page.getByRole("button", { name: /^Execute query/ }).click();
  await page.getByRole("menuitem", { name: "Login", exact: true }).click();
  await page.locator(".graphiql-response").getByText("isNewUser").waitFor();
  await page.screenshot({ path: `${images}explorer.png` });
}

/** The person of the example, on the operator's page. */
async function pictureOperatorPage(browser: Browser, { url }: ServerProcess, settings: Record<string, string>) {
  const env = { ...process.env, ...settings };
  const { stdout } = await run(process.execPath, ["dist/admin.js", "login-link", "王芳"], { env });
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: "zh-CN" });
  const page = await context.newPage();
  await page.goto(stdout.trim());
  await page.getByRole("button", { name: "登录" }).click();
  await page.goto(`${url}/operator/?q=${encodeURIComponent("林小夏")}`);
  await page.getByRole("link", { name: "林小夏" }).click();
  await page.screenshot({ path: `${images}operator.png` });
}

/** Somebody's picture: the moon over the sea. */
function drawMoonrise(): Promise<Buffer> {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="512" height="512">
    <defs><linearGradient id="sky" x2="0" y2="1"><stop stop-color="#22325e"/><stop offset="1" stop-color="#f2a65a"/></linearGradient></defs>
    <rect width="512" height="340" fill="url(#sky)"/><circle cx="256" cy="210" r="84" fill="#fff3d6"/>
    <rect y="336" width="512" height="176" fill="#1d3557"/>
    <path d="M190 352h132M206 380h100M176 408h160M214 436h84M196 464h120" stroke="#fff3d6" stroke-width="10" stroke-linecap="round" opacity=".75"/></svg>`;
  return sharp(Buffer.from(svg)).png().toBuffer();
}

await takeScreenshots();
