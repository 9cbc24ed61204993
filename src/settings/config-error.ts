/** The settings are not usable. The message has one line a fault and never a value. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly faults: string[];

  constructor(faults: string[]) {
    super(["wxpass can't start with these settings:", ...faults.map((fault) => `  ${fault}`)].join("\n"));
    this.faults = faults;
  }
}
