import { admin } from "./admin.js";
import { keepSecret } from "./log-search.js";
import type { TestApp } from "./test-app.js";

/** A page as a browser gets it. */
export interface PageAnswer {
  status: number;
  headers: Headers;
  html: string;
}

type Fields = Record<string, string>;

/** An operator's browser without a window: it keeps the cookie, and sends forms as the page has them. */
export interface OperatorBrowser {
  get(path: string): Promise<PageAnswer>;
  post(path: string, fields?: Fields, headers?: Fields): Promise<PageAnswer>;
  /** The hidden fields of a form on a person's page, as the operator sees it now. */
  formOf(userId: string, action: string): Promise<Fields>;
  /** Opens a person's page and sends a form of it. */
  act(userId: string, action: string, typed?: Fields): Promise<PageAnswer>;
}

/** The key of a new link to sign in with. */
export async function newLink(app: TestApp, name: string): Promise<string> {
  const env = { DATABASE_URL: app.databaseUrl, OPERATOR_PAGE: "on", PUBLIC_URL: app.url };
  const { output, errors } = await admin(["login-link", name], { env, now: app.now });
  const key = new URL(output).searchParams.get("key") ?? errors;
  keepSecret(key);
  return key;
}

/** A browser in which nobody is signed in, or the holder of this cookie. */
export function openBrowser(app: TestApp, cookie = "", language = "en"): OperatorBrowser {
  async function send(path: string, init: RequestInit): Promise<PageAnswer> {
    const headers = { "accept-language": language, ...(cookie && { cookie }), ...Object(init.headers) };
    const answer = await fetch(`${app.url}/operator/${path}`, { redirect: "manual", ...init, headers });
    return { status: answer.status, headers: answer.headers, html: await answer.text() };
  }

  const browser: OperatorBrowser = {
    get: (path) => send(path, {}),
    post: (path, fields = {}, headers = {}) =>
      send(path, { method: "POST", body: new URLSearchParams(fields), headers: { origin: app.url, ...headers } }),
    async formOf(userId, action) {
      const { html } = await browser.get(`people/${userId}/`);
      const [, form] = new RegExp(`<form method="post" action="${action}">(.*?)</form>`, "s").exec(html) ?? [];
      if (form === undefined) throw new Error(`there is no form ${action}`);
      return Object.fromEntries(
        [...form.matchAll(/type="hidden" name="(\w+)" value="([^"]*)"/g)].map((m) => [m[1], m[2]]),
      );
    },
    act: async (userId, action, typed = {}) =>
      browser.post(`people/${userId}/${action}`, { ...(await browser.formOf(userId, action)), ...typed }),
  };
  return browser;
}

/** The cookie of an operator who signs in by a new link. */
export async function signedInCookie(app: TestApp, name: string): Promise<string> {
  const { headers } = await openBrowser(app).post("sign-in", { key: await newLink(app, name) });
  const [cookie = ""] = (headers.get("set-cookie") ?? "").split(";");
  keepSecret(cookie.split("=")[1]);
  return cookie;
}

/** A browser in which an operator is signed in. */
export const signInOperator = async (app: TestApp, name = "anna", language = "en") =>
  openBrowser(app, await signedInCookie(app, name), language);
