import { codeOf, redact } from "../log.js";

/** The settings are not usable. The message has one line a fault and never a value. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly faults: string[];

  constructor(faults: string[], cause?: unknown) {
    super(["wxpass can't start with these settings:", ...faults.map((fault) => `  ${fault}`)].join("\n"), { cause });
    this.faults = faults;
  }
}

/**
 * Does what a setting demands at the start.
 * @param place the setting, with the file or address that it names
 * @throws ConfigError that names the place and what is wrong with it
 */
export async function startingWith<Result>(place: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    throw new ConfigError([`${place}: ${reasonOf(error)}`], error);
  }
}

/** The message without what could be a secret, and the path that the file system refused. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return "failed";
  const path: unknown = Reflect.get(error, "path");
  const words = [error.message.trim() && redact(error.message.trim()), typeof path === "string" && path, codeOf(error)];
  return words.filter(Boolean).join(" ");
}
