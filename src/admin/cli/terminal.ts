import { createInterface } from "node:readline";
import type { BackEnd } from "../../back-end.js";
import { type Language, type Translate, translateTo } from "../../errors.js";

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
  /** What whoever runs it reads. */
  language: Language;
  /** Says something in that language. */
  t: Translate;
  /** What an own back end adds. */
  own: BackEnd;
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
  /** Asks a question. Only `y`, `yes` or 是 is a yes; the end of the input is a no. */
  confirm(question: string): Promise<boolean>;
}

/**
 * The language of a locale: Chinese for `zh` of whatever place, English for any other, and where none is set.
 * @see https://pubs.opengroup.org/onlinepubs/9799919799/basedefs/V1_chap08.html
 */
function languageOf({ LC_ALL, LC_MESSAGES, LANG }: Terminal["env"]): Language {
  return /^zh/i.test(LC_ALL || LC_MESSAGES || LANG || "") ? "zh" : "en";
}

/** Makes the terminal of a process's streams. */
export function createTerminal(
  { input, output, errors }: Streams,
  { own = {}, ...surroundings }: Pick<Terminal, "env" | "now" | "fetch"> & Partial<Pick<Terminal, "own">>,
): Terminal {
  const isWatched = errors.isTTY === true;
  const language = languageOf(surroundings.env);
  let showsProgress = false;

  function clearProgress(): void {
    if (showsProgress) errors.write("\r\u001b[K");
    showsProgress = false;
  }

  return {
    ...surroundings,
    language,
    t: translateTo(language),
    own,
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
      for await (const line of createInterface({ input })) return /^(y(es)?|是)$/i.test(line.trim());
      return false;
    },
  };
}
