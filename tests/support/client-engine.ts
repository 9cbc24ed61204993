import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createContext, Script } from "node:vm";
import { transform } from "@babel/standalone";
import type * as client from "../../miniprogram/client/dist/wxpass.js";
import { createPhone, type Phone } from "./phone.js";
import type { TestApp } from "./test-app.js";

type Client = Pick<typeof client, "createWxpass" | "cloudTransport" | "isWxpassError">;

export const builtClient = readFileSync(join(import.meta.dirname, "../../miniprogram/client/dist/wxpass.js"), "utf8");

/** The client as WeChat's tools leave it when "ES6 转 ES5" is ticked. */
export function compileToES5(source: string): string {
  const { code } = transform(source, { presets: ["env"], sourceType: "script" });
  if (!code) throw new TypeError("Babel gave nothing");
  return code;
}

/** Leaves an engine as it was in 2015. */
const forgetTheFuture = `
  for (const [owner, names] of [
    [globalThis, ["BigInt", "WebAssembly", "Atomics", "SharedArrayBuffer", "AggregateError", "WeakRef",
      "FinalizationRegistry", "BigInt64Array", "BigUint64Array", "Iterator", "Intl", "console", "escape", "unescape"]],
    [Object, ["entries", "values", "fromEntries", "getOwnPropertyDescriptors", "hasOwn", "groupBy"]],
    [Promise, ["allSettled", "any", "withResolvers", "try"]],
    [Promise.prototype, ["finally"]],
    [Array.prototype, ["includes", "flat", "flatMap", "at", "findLast", "findLastIndex", "toSorted", "toReversed", "with"]],
    [String.prototype, ["padStart", "padEnd", "trimStart", "trimEnd", "matchAll", "replaceAll", "at"]],
  ]) for (const name of names) delete owner[name];
  Date.now = now;
  delete globalThis.now;
  delete globalThis.globalThis;
`;

const prepare = new Script(forgetTheFuture);

/** Lets a script be run like a CommonJS module that requires nothing. */
const asModule = (source: string) => new Script(`(function (exports) {${source}\n})`, { filename: "wxpass.js" });

const asBuilt = asModule(builtClient);

/** The client compiled to ES5. */
export const compiledClient = asModule(compileToES5(builtClient));

/** Runs the client as a mini-program does: with the language of 2015, \`wx` and timers, and nothing else. */
export function runClient(phone: Phone, script = asBuilt): Client {
  let timers = 0;
  const context = createContext(
    {
      wx: phone.wx,
      now: () => Date.now() + phone.ahead,
      setTimeout(callback: () => void) {
        phone.timers.set(++timers, callback);
        return timers;
      },
      clearTimeout: (timer: number) => void phone.timers.delete(timer),
    },
    { codeGeneration: { strings: false, wasm: false } },
  );
  prepare.runInContext(context);
  const exports: Partial<Client> = {};
  script.runInContext(context)(exports);
  return complete(exports);
}

/** Lets so much happen elsewhere that what was about to be sent would have been sent. */
export async function passTime(app: TestApp): Promise<void> {
  for (const person of ["bystander1", "bystander2"]) {
    await runClient(createPhone(app, person)).createWxpass({ url: app.url }).me();
  }
}

function complete({ createWxpass, cloudTransport, isWxpassError }: Partial<Client>): Client {
  if (!createWxpass || !cloudTransport || !isWxpassError) throw new TypeError("the client lacks an export");
  return { createWxpass, cloudTransport, isWxpassError };
}
