/** Something that was JSON, or came from outside in another way, and may be anything. */
export interface JsonObject {
  [name: string]: unknown;
}

export const { assign } = Object;

export const isObject = (value: unknown): value is JsonObject => typeof value === "object" && value !== null;

/** Parses text, and leaves alone what is parsed already; undefined if there is no object in it. */
export function parseObject(data: unknown): JsonObject | undefined {
  try {
    const value: unknown = typeof data === "string" ? JSON.parse(data) : data;
    return isObject(value) ? value : undefined;
  } catch (_) {
    return undefined;
  }
}
