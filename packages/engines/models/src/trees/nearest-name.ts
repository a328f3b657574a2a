/** Steps (insert, delete, replace a letter) from one word to another (Levenshtein 1966). */
function distance(left: string, right: string): number {
  let previous = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let row = 0; row < left.length; row += 1) {
    const current = [row + 1];
    for (let column = 0; column < right.length; column += 1) {
      const replaced = (previous[column] ?? 0) + (left[row] === right[column] ? 0 : 1);
      current.push(Math.min(replaced, (previous[column + 1] ?? 0) + 1, (current[column] ?? 0) + 1));
    }
    previous = current;
  }
  return previous[right.length] ?? 0;
}

/** The one of `names` that `given` is nearest to, as one mistypes: capitals, dashes and underscores count little. `names` must not be empty. */
export function nearestName(given: string, names: readonly string[]): string {
  const plain = (name: string): string => name.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
  const wanted = plain(given.slice(0, 64));
  const ranked = names.map((name) => ({ name, steps: distance(wanted, plain(name)) }));
  return ranked.reduce((best, each) => (each.steps < best.steps ? each : best)).name;
}
