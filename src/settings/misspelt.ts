/** Letters that differ in a word that is still the same: with short ones, another word is as near. */
const reachOf = (name: string) => (name.length < 8 ? 1 : 2);

const lettersOf = (name: string) => name.toUpperCase().replace(/[^A-Z0-9]/g, "");

/**
 * Finds names that are none of ours but nearly so, such as `NODE_EVN` or `wechat_apps`.
 * @returns each with the name that may have been meant
 */
export function misspelt(given: readonly string[], names: readonly string[]): [given: string, meant: string][] {
  const known = names.map((name) => ({ name, letters: lettersOf(name), reach: reachOf(name) }));
  return given.flatMap((word): [string, string][] => {
    if (names.includes(word)) return [];
    const letters = lettersOf(word);
    const meant = known.find((name) => distance(letters, name.letters, name.reach) <= name.reach)?.name;
    return meant === undefined || given.includes(meant) ? [] : [[word, meant]];
  });
}

/** How many letters to put in, leave out, exchange or swap with their neighbour: the optimal string alignment distance, unless it is out of reach. */
function distance(a: string, b: string, reach: number): number {
  if (Math.abs(a.length - b.length) > reach) return Number.POSITIVE_INFINITY;
  let [before, last]: [number[], number[]] = [[], Array.from({ length: b.length + 1 }, (_, j) => j)];
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      const swapped = a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const near = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + (same ? 0 : 1));
      row.push(swapped && i > 1 && j > 1 ? Math.min(near, (before[j - 2] ?? 0) + 1) : near);
    }
    if (Math.min(...row, ...last) > reach) return Number.POSITIVE_INFINITY;
    [before, last] = [last, row];
  }
  return last[b.length] ?? 0;
}
