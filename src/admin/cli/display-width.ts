const wide =
  "\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}\\p{Script=Hangul}\\p{Emoji_Presentation}\\u3000-\\u303f\\uff01-\\uff60\\uffe0-\\uffe6";

const wideCharacter = new RegExp(`[${wide}]`, "gu");

/** How many columns of a terminal a text takes: a Chinese character takes two. */
export const displayWidth = (text: string): number => [...text].length + (text.match(wideCharacter)?.length ?? 0);

/** What stays together in a line: a word, or a Chinese character with the punctuation after it. */
const piece = new RegExp(`\\s+|(?:[${wide}]|[^\\s${wide}]+)[，。、；：！？）”]*`, "gu");

/** A text in lines of so many columns. Chinese may go on in the next line after any character. */
export function wrap(text: string, width: number): string {
  let column = 0;
  const wrapped = text.replace(piece, (part) => {
    const isBreak = part.includes("\n");
    const isOver = !isBreak && column > 0 && column + displayWidth(part) > width;
    if (isBreak || isOver) column = 0;
    if (isOver && part.trim() === "") return "\n";
    if (!isBreak) column += displayWidth(part);
    return isOver ? `\n${part}` : part;
  });
  return wrapped.replace(/ +$/gm, "");
}
