import { err, ok } from '@monsta/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cellText } from './cells.ts';
import { RowSplitter } from './rows.ts';

/** The rows of a text that comes in pieces cut at these places; or the code of its fault. */
function rowsOf(text: string, cuts: readonly number[] = []): string[][] | string {
  const bytes = Buffer.from(text);
  const rows: string[][] = [];
  const splitter = new RowSplitter(bytes, (cells) => {
    rows.push(Array.from({ length: cells.count }, (_, index) => cellText(cells, index)));
    return ok(null);
  });
  const places = [
    0,
    ...cuts.map((cut) => cut % (bytes.length + 1)).toSorted((left, right) => left - right),
    bytes.length,
  ];
  for (let piece = 1; piece < places.length; piece += 1) {
    const pushed = splitter.push(bytes.subarray(places[piece - 1], places[piece]));
    if (!pushed.ok) return pushed.fault.code;
  }
  const finished = splitter.finish();
  return finished.ok ? rows : finished.fault.code;
}

describe('rows of JSON', () => {
  it('of lists and objects are the same in whatever pieces they come', () => {
    const value = fc.oneof(
      fc.integer().map(String),
      fc.stringMatching(/^[a-z\]}[{, :]{0,6}$/).map((text) => JSON.stringify(text)),
      fc.constantFrom('true', 'null', '1e-05', '"a\\"b"', '0.10'),
    );
    const space = fc.constantFrom('', ' ', '\n', '\t\r\n ');
    const rows = fc.array(fc.tuple(value, value, value), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(
        rows,
        space,
        fc.boolean(),
        fc.boolean(),
        fc.array(fc.nat(), { maxLength: 6 }),
        (list, gap, named, listed, cuts) => {
          const texts = list.map(([a, b, c]) =>
            named ? `{"a":${a},${gap}"b" :${b},"c":${gap}${c}${gap}}` : `[${gap}${a},${b}${gap},${c}]`,
          );
          const text = listed ? `${gap}[${gap}${texts.join(`${gap},${gap}`)}${gap}]${gap}` : texts.join(`\n${gap}`);
          const bare = (cell: string): string => (/^".*"$/.test(cell) ? cell.slice(1, -1) : cell);
          const expected = list.map((row) => row.map(bare));
          expect(rowsOf(text, cuts)).toEqual(named ? [['a', 'b', 'c'], ...expected] : expected);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('of objects have the names of the first; what one of them has not is empty, and what the first had not is left alone', () => {
    expect(rowsOf('[{"a":1,"b":2},{"b":4,"c":9},{"b":6,"a":5}]')).toEqual([
      ['a', 'b'],
      ['1', '2'],
      ['', '4'],
      ['5', '6'],
    ]);
  });

  it.each([
    ['[[1,2],[3,4]', 'truncated'],
    ['[[1,2],[3,', 'truncated'],
    ['[[1,2] [3,4]]', 'corrupt'],
    ['[[1,2],,[3,4]]', 'corrupt'],
    ['[[1,2],]', 'corrupt'],
    ['[[1,2],7]', 'corrupt'],
    ['[[1,2]] x', 'corrupt'],
    ['[[1,[2]]]', 'layout'],
    ['{"a":{"b":1}}', 'layout'],
    ['[{}]', 'corrupt'],
    ['[{a:1}]', 'corrupt'],
    [`[[${'1'.repeat(70_000)}`, 'corrupt'],
  ])('%.20s is %s', (text, code) => {
    expect(rowsOf(text)).toBe(code);
    expect(rowsOf(text, [3, 7])).toBe(code);
  });

  it('of none are none', () => {
    expect(rowsOf('[]')).toEqual([]);
    expect(rowsOf(' [ ]\n')).toEqual([]);
  });

  it('end where whoever takes them says so', () => {
    const splitter = new RowSplitter(Buffer.from('[[1]]'), () => err('corrupt', 'no'));
    expect(splitter.push(Buffer.from('[[1]]'))).toMatchObject({ fault: { code: 'corrupt' } });
  });
});
