import type { User } from "./user.js";

/**
 * A nickname as it is searched for, in which case, width and the like are the same. What begins a text also begins its folded
 * form: the upper case of a letter, unlike the lower case of a Greek sigma, doesn't depend on what stands beside it.
 */
export const foldNickname = (text: string): string => text.normalize("NFKC").toLowerCase().toUpperCase();

/** Changes of a user, with the folded nickname if they change the nickname. The database refuses a nickname without it. */
export function withFoldedNickname<Changes extends Partial<Pick<User, "nickname">>>(
  changes: Changes,
): Changes & Partial<Pick<User, "nicknameFolded">> {
  const { nickname } = changes;
  if (nickname === undefined) return changes;
  return { ...changes, nicknameFolded: nickname === null ? null : foldNickname(nickname) };
}

/** The first of all texts that come after those with this beginning, in the order of code points; undefined if none does. */
export function afterPrefix(prefix: string): string | undefined {
  const characters = [...prefix];
  const last = characters.pop()?.codePointAt(0);
  if (last === undefined) return undefined;
  const rest = characters.join("");
  if (last === 0x10ffff) return afterPrefix(rest);
  const afterSurrogates = 0xe000;
  return rest + String.fromCodePoint(last === 0xd7ff ? afterSurrogates : last + 1);
}
