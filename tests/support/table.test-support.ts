import { seededRandom, type Random } from '@monsta/core';

/** What the label of a row is, from its four columns. */
export type Label = (cells: readonly number[], random: Random) => number;

/** With `a > 0` of the class 1 with odds of 9 to 1, turned round where `b > 1`. */
const usualLabel: Label = ([a = 0, b = 0], random) => ((a > 0 !== b > 1) !== random.next() < 0.1 ? 1 : 0);

/** Text of a table of the columns a, b, c, d and y; a tenth of the cells of c is empty. */
export function tableText(rows: number, seed: number, label: Label = usualLabel): string {
  const random = seededRandom(seed);
  const lines = ['a,b,c,d,y'];
  for (let row = 0; row < rows; row += 1) {
    const cells = [random.gaussian(), random.gaussian(), random.gaussian(), random.integer(6)];
    const y = label(cells, random);
    const texts = cells.map((value, column) => (column === 2 && random.next() < 0.1 ? '' : String(value)));
    lines.push([...texts, String(y)].join(','));
  }
  return `${lines.join('\n')}\n`;
}
