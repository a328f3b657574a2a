import { gzipSync } from 'node:zlib';
import { expectOk, ok, seededRandom } from '@monsta/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { temporaryFile } from './files.test-support.ts';
import { readNumberTable } from './index.ts';
import { NumberCell } from './number-cell.ts';

const all = (names: readonly string[]) => ok([names.map((_, index) => index)]);

async function read(content: string | Uint8Array, name = 'table.csv') {
  return readNumberTable(temporaryFile(name, content), all);
}

async function valuesOf(content: string | Uint8Array) {
  const { names, rows, groups } = expectOk(await read(content));
  return { names, rows, values: [...(groups[0] ?? [])] };
}

describe('a number of a table', () => {
  const cell = new NumberCell();
  const numberIn = (text: string): number | null => {
    const bytes = Buffer.from(`,${text},`);
    return cell.read(bytes, 1, bytes.length - 1) ? cell.value : null;
  };

  it('is the nearest double, however it is written', () => {
    fc.assert(
      fc.property(fc.double(), fc.constantFrom('shortest', 'exponent', 'fixed', 'digits'), (value, form) => {
        const texts = {
          shortest: String(value),
          exponent: value.toExponential(12),
          fixed: value.toFixed(7),
          digits: value.toPrecision(17),
        };
        expect(numberIn(texts[form])).toBe(Number(texts[form]));
      }),
      { numRuns: 3_000 },
    );
    expect(numberIn('  +1.50E+01 ')).toBe(15);
    expect(numberIn('.5')).toBe(0.5);
    expect(numberIn('-0')).toBe(-0);
    expect(numberIn('1e99999999')).toBe(Number.POSITIVE_INFINITY);
  });

  it.each(['', ' ', 'NA', 'nan', 'N/A', 'null', 'None'])('may be missing: %j', (text) => {
    expect(numberIn(text)).toBeNaN();
  });

  it.each(['x', '1,5', '1_000', '0x10', '1e', '1.2.3', '--1', '-', '.', '12a', '1 2', '€'])('is not %j', (text) => {
    expect(numberIn(text)).toBeNull();
  });
});

describe('a table of numbers', () => {
  it('is read by its header, in whatever form of CSV', async () => {
    const expected = { names: ['a', 'b, c', 'y'], rows: 2, values: [1, 2.5, 0, -3e-5, Number.NaN, 1] };
    expect(await valuesOf('a,"b, c",y\n1,2.5,0\n-3e-5,,1')).toEqual(expected);
    expect(await valuesOf('\u{feff}a;"b, c";y\r\n"1";"2.5";0\r\n\r\n -3e-5;NA;"1"\r\n')).toEqual(expected);
    expect(await valuesOf(gzipSync('a\tb, c\ty\n1\t2.5\t0\n-3e-5\tnan\t1\n'))).toEqual(expected);
    expect(await valuesOf('only\n1\n2\n')).toEqual({ names: ['only'], rows: 2, values: [1, 2] });
    expect((await valuesOf('"say ""a""\nb",c\n1,2\n')).names).toEqual(['say "a"\nb', 'c']);
  });

  it('gives the groups of columns that are wanted and leaves others alone', async () => {
    const path = temporaryFile('table.csv', 'id,a,y,b\nfirst,1,0,2\nsecond,3,1,4\n');
    const { groups, lines } = expectOk(await readNumberTable(path, () => ok([[3, 1], [2]])));
    expect(groups.map((group) => [...group])).toEqual([
      [2, 1, 4, 3],
      [0, 1],
    ]);
    expect([...lines]).toEqual([2, 3]);
  });

  it('is the same wherever the pieces of its file end', async () => {
    const random = seededRandom(3);
    const rows = Array.from({ length: 60_000 }, () => [random.gaussian(), random.gaussian(), random.integer(9)]);
    const { values } = await valuesOf(
      `a,b,c\n${rows.map((row) => row.map((each) => `"${each}"`).join(',')).join('\n')}\n`,
    );
    expect(values).toEqual(rows.flat());
  });

  it.each([
    ['a,b\n1,x\n', 'table_text', /line 2: column 'b', row 1: 'x' is no number/],
    ['a,b\n\n1,2\n3,"4\n5"\n', 'table_text', /line 4: column 'b', row 2/],
    ['a,b\n1,2\n1\n', 'table_ragged', /line 3: the row has 1 cells, and the header 2/],
    ['a,b\n1,2,3\n', 'table_ragged', /line 2: the row has 3 cells/],
    ['a,a\n1,2\n', 'table_header', /two columns are called 'a'/],
    [',a\n0,2\n', 'table_header', /column 1 of the header has no name.*index=False/],
    ['a,b\n', 'table_empty', /a header and no row/],
    ['', 'table_empty', /is empty/],
    ['\n\n', 'table_empty', /nothing but empty lines/],
    ['a,b\n1,"2\n3,4\n', 'table_corrupt', /line 2: a quote is opened and never closed/],
    [Buffer.from('a,b\n1,2\n', 'utf16le'), 'table_layout', /no text in UTF-8/],
    [gzipSync('a,b\n1,2\n').subarray(0, 20), 'table_truncated', /ends in the middle of its gzip data/],
  ])('says of %j that it is %s, and where', async (content, code, message) => {
    expect(await read(content)).toMatchObject({
      ok: false,
      fault: { code, message: expect.stringMatching(message) as string },
    });
  });

  it('that is not there is named', async () => {
    expect(await readNumberTable('/nowhere/table.csv', all)).toMatchObject({ fault: { code: 'table_missing' } });
  });
});
