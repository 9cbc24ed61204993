import { addGlobalErrorListener, addGlobalWarningListener } from "glass-easel";
import type { Bridge } from "./bridge.ts";

/** Says that the mini-program did something which WeChat warns of or fails at. */
export type ReportFault = (what: unknown) => void;

/** Reports what goes wrong in a page's code, and what glass-easel warns of. */
export function watchFaults(bridge: Bridge): ReportFault {
  const report: ReportFault = (what) => {
    const text = what instanceof Error ? (what.stack ?? what.message) : String(what);
    // biome-ignore lint/suspicious/noConsole: a developer looks for it in the browser's console
    console.error(text);
    bridge("fault", { text });
  };
  addEventListener("error", ({ error, message }) => report(error ?? message));
  addEventListener("unhandledrejection", ({ reason }) =>
    report(reason instanceof Error ? reason : `unhandled rejection: ${JSON.stringify(reason)}`),
  );
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
