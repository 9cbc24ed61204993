import { limitedActions, type RateLimitPair } from "../limits/rate-limits.js";
import { rateLimits } from "./setting-types.js";

/**
 * A setting of an own back end: what a value must look like, by any library that follows the standard, such as zod.
 * @see https://standardschema.dev
 */
export interface OwnSetting<Value = unknown> {
  readonly "~standard": {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => Checked<Value> | Promise<Checked<Value>>;
    readonly types?: { readonly input: unknown; readonly output: Value } | undefined;
  };
}

type Checked<Value> =
  | { readonly value: Value; readonly issues?: undefined }
  | { readonly issues: readonly { readonly message: string }[] };

/** Settings of an own back end, by name. */
export type OwnSettings = Record<string, OwnSetting>;

/** The values of own settings. */
export type ValuesOf<Own extends OwnSettings> = {
  [Name in keyof Own]: NonNullable<Own[Name]["~standard"]["types"]>["output"];
};

/** Checks own settings. The faults begin with the setting's name, and show no value. */
export function checkOwnSettings(own: OwnSettings, given: Record<string, unknown>) {
  const values: Record<string, unknown> = {};
  const faults: string[] = [];
  for (const [name, setting] of Object.entries(own)) {
    const checked = setting["~standard"].validate(given[name]);
    if (checked instanceof Promise) faults.push(`${name}: is checked by a schema that takes its time, which none may`);
    else if (checked.issues) faults.push(`${name}: ${checked.issues[0]?.message ?? "is wrong"}`);
    else values[name] = checked.value;
  }
  return { values, faults };
}

/** Reads own rate limits, such as `10/1m,600/1m`. */
export function parseOwnLimits(own: Record<string, string>) {
  const limits: Record<string, RateLimitPair> = {};
  const faults: string[] = [];
  for (const [name, text] of Object.entries(own)) {
    const parsed = rateLimits.safeParse(text);
    if (limitedActions.some((action) => action === name)) faults.push(`limits.${name}: wxpass has one of this name`);
    else if (parsed.success) limits[name] = parsed.data;
    else faults.push(`limits.${name}: ${parsed.error.issues[0]?.message}`);
  }
  return { limits, faults };
}
