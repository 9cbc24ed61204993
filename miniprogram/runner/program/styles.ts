import { readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { ProgramFault } from "./program-fault.ts";
import { builtIns } from "./templates.ts";

interface StyleOptions {
  /** The mini-program's folder. */
  root: string;
  /** Put before each class. */
  scope: string | undefined;
  /** Components may select by class alone: WeChat ignores their other selectors. */
  isComponent: boolean;
}

/**
 * Compiles a WXSS file to CSS for a phone as wide as the viewport: `rpx` becomes `vw`, tags become those of the built-in components.
 * @throws ProgramFault
 */
export function compileStyles(file: string, options: StyleOptions): string {
  const css = withImports(file, options.root);
  const name = relative(options.root, file);
  return eachRule(css, (selectors) =>
    selectors
      .split(",")
      .map((selector) => compileSelector(selector.trim(), name, options))
      .join(", "),
  )
    .replace(/(-?\d*\.?\d+)rpx\b/g, (_, number) => `${Number(number) / 7.5}vw`)
    .replace(/(-?\d*\.?\d+)vh\b/g, "calc(var(--page-height) * $1 / 100)");
}

function withImports(file: string, root: string): string {
  const css = readFileSync(file, "utf8").replace(/\/\*[\s\S]*?\*\//g, "");
  return css.replace(/@import\s+["']([^"']+)["']\s*;/g, (_, target: string) =>
    withImports(target.startsWith("/") ? join(root, target) : join(dirname(file), target), root),
  );
}

/** Walks the rules of a style sheet and rewrites their selectors. */
function eachRule(css: string, rewrite: (selectors: string) => string): string {
  let out = "";
  let rest = css;
  for (let open = rest.indexOf("{"); open !== -1; open = rest.indexOf("{")) {
    const [, closing = "", prelude = ""] = /^([\s}]*)([\s\S]*)$/.exec(rest.slice(0, open)) ?? [];
    const isGroup = /^@(media|supports)\b/.test(prelude);
    const end = isGroup ? open : endOfBlock(rest, open);
    out += `${closing}${prelude.startsWith("@") ? prelude : `${rewrite(prelude.trim())} `}${rest.slice(open, end + 1)}`;
    rest = rest.slice(end + 1);
  }
  return out + rest;
}

function endOfBlock(css: string, open: number): number {
  let depth = 0;
  for (let at = open; at < css.length; at++) {
    if (css[at] === "{") depth++;
    if (css[at] === "}" && --depth === 0) return at;
  }
  return css.length;
}

function compileSelector(selector: string, file: string, { scope, isComponent }: StyleOptions): string {
  if (isComponent && scope !== undefined && /(^|[\s>+~])[a-z]|#|\[/i.test(selector)) {
    throw new ProgramFault([`${file}: WeChat ignores the selector ${selector}: a component's may name classes only`]);
  }
  return selector
    .replace(/(^|[\s>+~])([a-z][\w-]*)/gi, (_, before: string, tag: string) => {
      if (tag !== "page" && !builtIns.includes(tag)) {
        throw new ProgramFault([`${file}: ${selector} selects <${tag}>, which is no built-in component`]);
      }
      return `${before}wx-${tag}`;
    })
    .replace(/\.([a-z_][\w-]*)/gi, scope === undefined ? ".$1" : `.${scope}--$1`)
    .replace(/:host\b/g, `[wx-host="${scope}"]`);
}
