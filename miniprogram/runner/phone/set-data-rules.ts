import type { CodeSpace } from "glass-easel-miniprogram-adapter";
import type { ReportFault } from "./faults.ts";

/**
 * WeChat sends what `setData` gets to another thread as JSON: `undefined` is refused with a warning, and functions, dates and
 * class instances don't arrive as what they were. glass-easel would take them all, so this reports them.
 */
export function checkSetData(space: CodeSpace, report: ReportFault): void {
  const behavior = space.getComponentSpace().defineBehavior({
    lifetimes: {
      created() {
        // For the adapter's components this is the page's own `this`.
        const caller: { setData(data: object, callback?: () => void): void } = this;
        const { setData } = caller;
        Object.defineProperty(caller, "setData", {
          value(data: Record<string, unknown>, callback?: () => void) {
            for (const [path, value] of Object.entries(data)) check(path, value, report);
            setData.call(caller, data, callback);
          },
        });
      },
    },
  });
  space.setOverallBehavior(behavior.general());
}

function check(path: string, value: unknown, report: ReportFault): void {
  if (value === undefined) report(`Setting data field "${path}" to undefined is invalid.`);
  else if (typeof value === "function") report(`Setting data field "${path}" to a function is invalid.`);
  else if (Array.isArray(value)) for (const [at, item] of value.entries()) check(`${path}[${at}]`, item, report);
  else if (typeof value === "object" && value !== null) {
    if (Object.getPrototypeOf(value) !== Object.prototype && Object.getPrototypeOf(value) !== null) {
      report(`Setting data field "${path}" to a ${value.constructor.name} is invalid: it doesn't survive as JSON.`);
      return;
    }
    for (const [name, item] of Object.entries(value)) check(`${path}.${name}`, item, report);
  }
}
