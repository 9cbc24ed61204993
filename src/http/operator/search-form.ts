import { html } from "hono/html";
import { z } from "zod";
import { boundsOfDay } from "../../clock.js";
import type { Html } from "./layout.js";

/** A day of a date field, such as `2026-01-31`; undefined if it is empty or none. */
export const dayShape = z.string().refine(boundsOfDay).optional().catch(undefined);

/** What is typed into a field; what no column can hold counts as not given. */
export const textShape = z
  .string()
  .trim()
  .regex(/^[^\p{Cc}\p{Cs}]{1,200}$/u)
  .optional()
  .catch(undefined);

/** A choice of a list. */
export const option = (value: string, label: string, chosen: string): Html =>
  html`<option value="${value}" ${value === chosen ? html`selected` : ""}>${label}</option>`;

/** A relative address with what a form holds. */
export function addressWith(path: string, fields: Record<string, string | undefined>): string {
  const given = Object.entries(fields).flatMap(([name, value]) => (value ? [[name, value]] : []));
  return `${path}?${new URLSearchParams(given)}`;
}
