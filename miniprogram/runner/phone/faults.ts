import { addGlobalErrorListener, addGlobalWarningListener } from "glass-easel";
import type { Bridge } from "./bridge.ts";

/** Says that the mini-program did something which WeChat warns of or fails at. */
export type ReportFault = (what: unknown) => void;

/** Reports what goes wrong in a page's code, and what glass-easel warns of. */
export function watchFaults(bridge: Bridge): ReportFault {
  const report: ReportFault = (what) => {
    const text = describe(what);
    // biome-ignore lint/suspicious/noConsole: a developer looks for it in the browser's console
    console.error(text);
    bridge("fault", { text });
  };
  addEventListener("error", ({ error, message }) => report(error ?? message));
  addEventListener("unhandledrejection", ({ reason }) => report(reason));
  addGlobalErrorListener((error, method) => {
    report(error instanceof Error ? error : `${method}: ${error}`);
    return false;
  });
  addGlobalWarningListener((message) => {
    report(message);
    return false;
  });
  return report;
}

/** What `wx` rejects with is a plain object. */
function describe(what: unknown): string {
  if (what instanceof Error) return what.stack ?? what.message;
  return typeof what === "string" ? what : JSON.stringify(what);
}
