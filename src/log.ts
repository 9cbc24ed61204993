/** An error as the log shows it: kinds, driver codes and places, without the values that a message may carry. */
export interface ErrorDescription {
  type: string;
  code?: string;
  message: string;
  stack?: string[];
  cause?: ErrorDescription;
}

/** Describes an unexpected error for the log, with everything cut out that could be a secret or somebody's data. */
export function describeError(error: unknown): ErrorDescription {
  if (!(error instanceof Error)) return { type: typeof error, message: "a value that is no Error was thrown" };
  const code = codeOf(error);
  return {
    type: error.constructor.name,
    ...(code !== undefined && { code }),
    message: redact(error.message),
    stack: stackOf(error),
    ...(error.cause instanceof Error && { cause: describeError(error.cause) }),
  };
}

/** The code that Node, a driver or a library gave an error, such as `ENOENT`; undefined if there is none. */
export function codeOf(error: unknown): string | undefined {
  const code: unknown = error instanceof Error ? Reflect.get(error, "code") : undefined;
  return typeof code === "string" ? code : undefined;
}

/** The stack without its head: the head repeats the message, values included. */
function stackOf(error: Error): string[] {
  const frames = error.stack?.split("\n").filter((line) => /^\s+at /.test(line)) ?? [];
  return frames.slice(0, 12).map((frame) => frame.trim());
}

/**
 * Cuts out of a message what could be a secret or somebody's data: quoted text, queries of addresses, e-mail addresses,
 * and any run of twenty letters or eight digits. Database drivers put the whole statement before their own words, and
 * " - " between them; the statement goes.
 */
export function redact(message: string): string {
  return message
    .slice(message.lastIndexOf(" - ") + 1)
    .replace(/"[^"]*"|'[^']*'|`[^`]*`/g, "[cut]")
    .replace(/\?\S*/g, "?[cut]")
    .replace(/\S+@\S+/g, "[cut]")
    .replace(/[\w+/=-]{20,}|\+?\d[\d-]{6,}\d/g, "[cut]");
}
