import { createInterface } from "node:readline";
import type { BackEnd } from "../../back-end.js";
import type { Language } from "../../errors.js";

/** What a command gets from the process that runs it. */
export interface Streams {
  input: NodeJS.ReadableStream & { isTTY?: boolean };
  output: NodeJS.WritableStream;
  errors: NodeJS.WritableStream & { isTTY?: boolean };
}

/** Where a command is run, and by whom. */
export interface Terminal {
  env: Record<string, string | undefined>;
  now: () => Date;
  fetch: typeof globalThis.fetch;
  /** What an own back end adds. */
  own: BackEnd;
  /** What whoever sits there reads. */
  language: Language;
  print(text: string): void;
  printError(text: string): void;
  /** What is typed or piped in. */
  input: AsyncIterable<string | Uint8Array>;
  /** Shows how far something is: a line that the next one, or whatever is printed next, replaces where somebody watches. */
  showProgress(text: string): void;
  /** Whether somebody sees what is printed as it comes. */
  isWatched: boolean;
  /** Whether somebody can be asked. */
  isInteractive: boolean;
  /** Asks a question. Only `y` or `yes` is a yes; the end of the input is a no. */
  confirm(question: string): Promise<boolean>;
}

/** Makes the terminal of a process's streams. */
export function createTerminal(
  { input, output, errors }: Streams,
  { own = {}, ...surroundings }: Pick<Terminal, "env" | "now" | "fetch"> & Partial<Pick<Terminal, "own">>,
): Terminal {
  const isWatched = errors.isTTY === true;
  let showsProgress = false;

  function clearProgress(): void {
    if (showsProgress) errors.write("\r\u001b[K");
    showsProgress = false;
  }

  return {
    ...surroundings,
    own,
    language: languageOf(surroundings.env),
    print(text) {
      clearProgress();
      output.write(text);
    },
    printError(text) {
      clearProgress();
      errors.write(text);
    },
    showProgress(text) {
      clearProgress();
      errors.write(isWatched ? text : `${text}\n`);
      showsProgress = isWatched;
    },
    input,
    isWatched,
    isInteractive: input.isTTY === true,
    async confirm(question) {
      output.write(`${question} [y/N] `);
      for await (const line of createInterface({ input })) return /^y(es)?$/i.test(line.trim());
      return false;
    },
  };
}

/** Chinese where the locale is. See https://pubs.opengroup.org/onlinepubs/9799919799/basedefs/V1_chap08.html#tag_08_02 */
const languageOf = ({ LC_ALL, LC_MESSAGES, LANG }: Terminal["env"]): Language =>
  (LC_ALL || LC_MESSAGES || LANG || "").startsWith("zh") ? "zh" : "en";
