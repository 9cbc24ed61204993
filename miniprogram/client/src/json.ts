/** Something that was JSON, or came from outside in another way, and may be anything. */
export interface JsonObject {
  [name: string]: unknown;
}

export const { assign } = Object;

export const isString = (value: unknown): value is string => typeof value === "string";

export const isObject = (value: unknown): value is JsonObject => typeof value === "object" && value !== null;

/** Parses text, and leaves alone what is parsed already; undefined if there is no object in it. */
export function parseObject(data: unknown): JsonObject | undefined {
  try {
    const value: unknown = isString(data) ? JSON.parse(data) : data;
    if (isObject(value)) return value;
  } catch (_) {
    // Then there is none.
  }
}
