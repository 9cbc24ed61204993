import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { inject } from "vitest";
import { createJsdomScreen } from "../../../miniprogram/runner/driver/jsdom-screen.ts";
import { openPhone, type Phone } from "../../../miniprogram/runner/driver/phone.ts";
import { compileProgram } from "../../../miniprogram/runner/program/compile.ts";

/** The files of a program with one page, by their paths; those that aren't given are the least that there must be. */
export type Files = Record<string, string>;

const least: Files = {
  "app.json": '{ "pages": ["pages/only/only"] }',
  "app.ts": "App({});",
  "pages/only/only.ts": "Page({});",
  "pages/only/only.wxml": "<view>hello</view>",
};

/** Compiles a program that is made of these files. */
export function compileFiles(files: Files): Promise<string> {
  const root = mkdtempSync(join(inject("folder"), "program-"));
  for (const [path, text] of Object.entries({ ...least, ...files })) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return compileProgram(root);
}

/** Opens such a program in jsdom, on a phone without a server. */
export async function openFiles(files: Files): Promise<Phone> {
  const program = await compileFiles(files);
  const phone = { person: "alice", phoneNumber: "13800138000", simulatorUrl: "", appId: "wx0", servers: {} };
  return openPhone(phone, (bridge) => createJsdomScreen(bridge, program));
}

/** Opens a program whose only page has this code and template, and which has something to complain of. */
export async function openPage(code: string, template = "<view>hello</view>"): Promise<Phone> {
  return openFiles({ "pages/only/only.ts": code, "pages/only/only.wxml": template });
}
