import { TmplGroup } from "glass-easel-template-compiler";
import { ProgramFault } from "./program-fault.ts";

/** The components that WeChat brings, as far as this runner has them. */
export const builtIns = ["view", "text", "image", "button", "input", "textarea", "picker", "scroll-view"];

/** In the browser they are called `wx-view` and so on, as WeChat does, so that none is taken for HTML's own. */
const builtInTag = new RegExp(`<(/?)(${builtIns.join("|")})(?=[\\s/>])`, "g");

/** Tags that are no components: the template compiler knows them. */
const syntax = ["block", "slot"];

/** A template as it is read. */
export interface TemplateSource {
  path: string;
  file: string;
  text: string;
  /** The tags that stand for components of the mini-program's own. */
  tags: string[];
}

/**
 * Compiles WXML files to one JavaScript expression: an object with a template for each path.
 * @throws ProgramFault that names file and line, for warnings too, and for what only WeChat's older compiler refuses
 */
export function compileTemplates(sources: TemplateSource[]): string {
  const group = new TmplGroup();
  try {
    const faults = sources.flatMap((source) => [...compilerFaults(group, source), ...strayTags(source)]);
    if (faults.length > 0) throw new ProgramFault(faults);
    return group.getTmplGenObjectGroups();
  } finally {
    group.free();
  }
}

/** The names of the methods that a template's events call. */
export function handlersIn(text: string): string[] {
  const names = tagsIn(text).flatMap(({ attributes }) =>
    [...attributes.matchAll(/(?:^|\s)(?:capture-)?(?:bind|catch|mut-bind):?[\w-]+=["'](\w+)["']/g)].map(
      ([, name = ""]) => name,
    ),
  );
  return [...new Set(names)];
}

interface CompilerWarning {
  level: string;
  message: string;
  startLine: number;
}

function compilerFaults(group: TmplGroup, { path, file, text }: TemplateSource): string[] {
  const warnings: CompilerWarning[] = group.addTmpl(path, text.replace(builtInTag, "<$1wx-$2")) ?? [];
  return warnings.map(({ level, message, startLine }) => `${file}:${startLine + 1} ${level.toLowerCase()}: ${message}`);
}

/** What glass-easel's compiler takes and WeChat's refuses, warns about or shows nothing for. */
function strayTags({ file, text, tags }: TemplateSource): string[] {
  const known = new Set([...builtIns, ...syntax, ...tags]);
  return tagsIn(text).flatMap(({ name, attributes, line }) => {
    const faults: string[] = [];
    if (!known.has(name)) faults.push(`there is no component <${name}>`);
    if (/\swx:for=/.test(attributes) && !/\swx:key=/.test(attributes)) faults.push("wx:for needs a wx:key");
    if (/\{\{[^}]*(\?\.|\?\?|`|=>|\w\()[^}]*\}\}/.test(attributes)) faults.push("WXML has no such expression");
    return faults.map((fault) => `${file}:${line} error: ${fault}`);
  });
}

function tagsIn(text: string) {
  const bare = text.replace(/<!--[\s\S]*?-->/g, (comment) => comment.replace(/[^\n]/g, " "));
  return [...bare.matchAll(/<([a-zA-Z][\w-]*)((?:"[^"]*"|'[^']*'|[^"'>])*)>/g)].map(
    ({ 1: name = "", 2: attributes = "", index }) => ({
      name,
      attributes,
      line: bare.slice(0, index).split("\n").length,
    }),
  );
}
