/** How many letters have to be put in, taken out or changed (Levenshtein). */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1)
      next.push(
        Math.min(
          (row[j] ?? 0) + 1,
          (next[j - 1] ?? 0) + 1,
          (row[j - 1] ?? 0) + (a.charAt(i - 1) === b.charAt(j - 1) ? 0 : 1),
        ),
      );
    row = next;
  }
  return row[b.length] ?? 0;
}

/** Says which of the names was meant, where one is near, and all there are. */
export function nearest(name: string, names: readonly string[]): string {
  const asked = name.slice(0, 60);
  const [best] = [...names].sort((a, b) => distance(asked, a) - distance(asked, b));
  const meant = best !== undefined && distance(asked, best) <= 3 ? `did you mean '${best}'? ` : '';
  return `${meant}There are: ${names.join(', ')}`;
}
