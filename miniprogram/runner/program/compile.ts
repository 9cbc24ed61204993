import { existsSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";
import type { Part, PartConfig, Program, WindowConfig } from "../protocol.ts";
import { ProgramFault } from "./program-fault.ts";
import { bundleScripts } from "./scripts.ts";
import { compileStyles } from "./styles.ts";
import { compileTemplates, handlersIn, type TemplateSource } from "./templates.ts";

interface AppConfig {
  pages: string[];
  window?: WindowConfig;
  themeLocation?: string;
  style?: "v2";
  usingComponents?: Record<string, string>;
}

/**
 * Compiles a mini-program's folder, as WeChat DevTools has it, to a script that a phone of this runner can open.
 * @throws ProgramFault that names every file at fault
 */
export async function compileProgram(root: string): Promise<string> {
  const app: AppConfig = readJson(join(root, "app.json"));
  const configs = findParts(root, app);
  const paths = [...configs.keys()];
  const sources = paths.map((path) =>
    readTemplate(root, path, { ...app.usingComponents, ...configs.get(path)?.usingComponents }),
  );
  const templates = compileTemplates(sources);
  const program: Program = {
    pages: app.pages,
    window: themed(root, app),
    style: app.style ?? "v1",
    css: stylesOf(root, "app", undefined, false),
    parts: sources.map(({ path, text }) => toPart(root, app, path, configs.get(path) ?? {}, text)),
  };
  const scripts = await bundleScripts(
    root,
    ["app", ...paths].map((path) => ({ path, file: scriptOf(root, path) })),
  );
  return `wechatPhone.open(${JSON.stringify(program)}, ${templates}, function (scope) { with (scope) { (function () { "use strict";
${scripts}
}).call(undefined); } });`;
}

/** The window's settings, with the light values of a `theme.json` for those that begin with @. */
function themed(root: string, { window = {}, themeLocation }: AppConfig): WindowConfig {
  if (themeLocation === undefined) return window;
  const { light }: { light: Record<string, string> } = readJson(join(root, themeLocation));
  const entries = Object.entries(window).map(([name, value]) =>
    typeof value === "string" && value.startsWith("@") ? [name, light[value.slice(1)]] : [name, value],
  );
  return Object.fromEntries(entries);
}

/** The pages, and the components that they use, and those that these use; components first, so that they exist when they are needed. */
function findParts(root: string, app: AppConfig): Map<string, PartConfig> {
  const found = new Map<string, PartConfig>();
  const visit = (path: string) => {
    if (found.has(path)) return;
    const file = join(root, `${path}.json`);
    const config: PartConfig = existsSync(file) ? readJson(file) : {};
    for (const tag of Object.keys(config.usingComponents ?? {})) {
      visit(componentPath(path, config.usingComponents?.[tag] ?? ""));
    }
    found.set(path, config);
  };
  for (const target of Object.values(app.usingComponents ?? {})) visit(componentPath("app", target));
  for (const page of app.pages) visit(page);
  return found;
}

/** Where a `usingComponents` entry leads to, from the mini-program's folder. */
function componentPath(from: string, target: string): string {
  return target.startsWith("/") ? target.slice(1) : posix.join(posix.dirname(from), target);
}

function toPart(root: string, app: AppConfig, path: string, config: PartConfig, wxml: string): Part {
  const isPage = app.pages.includes(path);
  if (isPage === (config.component === true)) {
    throw new ProgramFault([`${path}.json: "component": true belongs to components, and to them alone`]);
  }
  const styleScope = isPage || String(config.styleIsolation) === "shared" ? undefined : path.replaceAll("/", "-");
  const using = { ...app.usingComponents, ...config.usingComponents };
  const absolute = Object.fromEntries(
    Object.entries(using).map(([tag, target]) => [
      tag,
      `/${componentPath(tag in (config.usingComponents ?? {}) ? path : "app", target)}`,
    ]),
  );
  const css = stylesOf(root, path, styleScope, !isPage);
  return {
    path,
    isPage,
    config: { ...config, usingComponents: absolute },
    css,
    styleScope,
    handlers: handlersIn(wxml),
  };
}

function stylesOf(root: string, path: string, scope: string | undefined, isComponent: boolean): string {
  const file = join(root, `${path}.wxss`);
  return existsSync(file) ? compileStyles(file, { root, scope, isComponent }) : "";
}

function readTemplate(root: string, path: string, using: Record<string, string>): TemplateSource {
  const file = `${path}.wxml`;
  if (!existsSync(join(root, file))) throw new ProgramFault([`${file} is missing`]);
  return { path, file, text: readFileSync(join(root, file), "utf8"), tags: Object.keys(using) };
}

function scriptOf(root: string, path: string): string {
  const file = ["ts", "js"].map((ending) => join(root, `${path}.${ending}`)).find(existsSync);
  if (file === undefined) throw new ProgramFault([`${path}.ts is missing`]);
  return file;
}

function readJson<Shape>(file: string): Shape {
  if (!existsSync(file)) throw new ProgramFault([`${file} is missing`]);
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    throw new ProgramFault([`${file}: ${error instanceof Error ? error.message : error}`]);
  }
}
