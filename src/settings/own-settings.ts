import { errorKinds } from "../errors.js";
import { limitedActions, type RateLimitPair } from "../limits/rate-limits.js";
import { rateLimits } from "./setting-types.js";
import { settingNames } from "./settings.js";

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
export function checkOwnSettings(own: OwnSettings, given: Record<string, string | undefined>) {
  const values: Record<string, unknown> = {};
  const faults: string[] = [];
  for (const [name, setting] of Object.entries(own)) {
    const checked = settingNames.includes(name) ? taken : check(setting, given[name]);
    if (checked.issues) faults.push(`${name}: ${checked.issues[0]?.message ?? "is wrong"}`);
    else values[name] = checked.value;
  }
  return { values, faults };
}

const refusal = (message: string) => ({ issues: [{ message }] });

const taken = refusal("wxpass has a setting of this name");

function check(setting: OwnSetting, value: string | undefined): Checked<unknown> {
  try {
    const checked = setting["~standard"].validate(value);
    if (!("then" in checked)) return checked.issues ? refusal(hide(value, checked.issues[0]?.message)) : checked;
    checked.then(undefined, () => {});
    return refusal("its schema throws, or takes its time, which none may");
  } catch {
    return refusal("its schema throws");
  }
}

/** A message without the value, which may be a secret. Of less than four characters none is, and a number could be any. */
function hide(value: string | undefined, message = "is wrong"): string {
  return value === undefined || value.length < 4 ? message : message.replaceAll(value, "…");
}

/** What is wrong with own error codes. */
export function faultsOfErrors(own: Record<string, unknown>): string[] {
  return Object.keys(own).flatMap((code) => {
    if (Object.hasOwn(errorKinds, code)) return [`errors.${code}: wxpass has one of this name`];
    return /^[A-Z][A-Z0-9_]*$/.test(code) ? [] : [`errors.${code}: must be in capitals, such as OUT_OF_STOCK`];
  });
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
