import { parseArgs } from "node:util";

/** What is measured, and how. */
export interface Options {
  /** The names of the figures. */
  only: readonly string[];
  rounds: number;
  seconds: number;
  /** The names of the programs; empty for all. */
  programs: readonly string[];
  /** A built checkout of wxpass to compare with. */
  against: string | undefined;
}

/** Reads the command line. Undefined if it only asks for help. */
export function readOptions(args: readonly string[], figures: readonly string[]): Options | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: "string", default: figures.join(",") },
      rounds: { type: "string", default: "5" },
      seconds: { type: "string", default: "5" },
      programs: { type: "string", default: "" },
      against: { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return undefined;
  const only = split(values.only);
  const unknown = only.filter((name) => !figures.includes(name));
  if (unknown.length > 0) throw new Error(`--only ${unknown.join(",")}: there are ${figures.join(", ")}`);
  return {
    only,
    rounds: between("rounds", values.rounds, 1, 50),
    seconds: between("seconds", values.seconds, 1, 60),
    programs: split(values.programs),
    against: values.against,
  };
}

const split = (list: string) => list.split(",").filter((name) => name !== "");

function between(name: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw new Error(`--${name} ${text}: a whole number from ${least} to ${most}`);
}
