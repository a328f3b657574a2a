import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { testFolder } from '../support/backtest.test-support.ts';
import { runCommand, type CommandOutcome } from '../support/command.test-support.ts';
import { ROOT } from '../support/program.test-support.ts';

const REAL = join(ROOT, '../shared/data/BTCUSDT-1h-20170817-20240421.csv.gz');
const HOUR = 3_600_000;
const START = Date.UTC(2024, 0, 30);
const TIMEOUT = { timeout: 120_000 };

/** An hour's line, with prices that no two hours share. */
const line = (hour: number, shift = 0): string =>
  `${START + (hour + shift) * HOUR},${42_000 + hour}.10,${42_050 + hour}.25,${41_990 + hour}.00,${42_010 + hour}.50,${hour + 1}.5\n`;

interface World {
  readonly file: (name: string, content?: string) => string;
  readonly data: (...words: readonly string[]) => Promise<CommandOutcome>;
}

function world(): World {
  const folder = testFolder();
  return {
    file(name, content) {
      const path = join(folder, name);
      if (content !== undefined) writeFileSync(path, content);
      return path;
    },
    data: (...words) => runCommand(['data', ...words, '--data-dir', join(folder, 'data'), '--json']),
  };
}

const hours = (from: number, to: number, shift = 0): string =>
  Array.from({ length: to - from }, (_, at) => line(from + at, shift)).join('');

describe('monsta data', TIMEOUT, () => {
  it('imports bars, knows them the next time, and exports what can be imported again to the same', async () => {
    const { file, data } = world();
    const bars = file('bars.csv', hours(0, 100));
    const of = ['--instrument', 'btcusdt'];
    const dry = await data('import', bars, ...of, '--dry-run');
    expect(dry).toMatchObject({
      status: 0,
      document: {
        ...{ dryRun: true, interval: '1h', tick: '0.01', added: 100, notices: [] },
        understood: {
          form: { form: 'csv', packing: 'plain', delimiter: ',' },
          columns: { by: 'columns', read: { time: '1', open: '2', high: '3', low: '4', close: '5', volume: '6' } },
          times: [{ unit: 'ms', rows: 100 }],
          tickFrom: 'finest',
        },
      },
    });
    expect(await data('list')).toMatchObject({ document: { items: [] } });
    expect(await data('import', bars, ...of)).toMatchObject({ status: 0, document: { added: 100, known: 0 } });
    expect(await data('import', bars, ...of)).toMatchObject({ status: 0, document: { added: 0, known: 100 } });
    expect(await data('list')).toMatchObject({
      document: { items: [{ kind: 'bars', instrument: 'BTCUSDT', interval: '1h', rows: 100, first: START }] },
    });
    const wanted = ['--instrument', 'BTCUSDT', '--interval', '1h'];
    for (const name of ['out.csv', 'out.json.gz', 'out.ndjson', 'out.zip', 'out.parquet']) {
      expect(await data('export', file(name), ...wanted)).toMatchObject({ status: 0 });
      const again = await data('import', file(name), ...of);
      expect(again).toMatchObject({ status: 0, document: { added: 0, known: 100, quality: { bars: 100 } } });
    }
    expect(readFileSync(file('out.csv'), 'utf8').split('\r\n')[1]).toBe(
      `${START},42000.10,42050.25,41990.00,42010.50,1.50000000`,
    );
    const again = await data('export', file('out.csv'), ...wanted);
    expect(again).toMatchObject({ status: 1, document: { error: { code: 'data_exists' } } });
    expect(await data('export', file('out.csv'), ...wanted, '--force')).toMatchObject({ status: 0 });
    const part = await data('export', file('day.csv'), ...wanted, '--from', '2024-01-31', '--to', '2024-01-31');
    expect(part).toMatchObject({ document: { quality: { bars: 24, firstMs: START + 24 * HOUR } } });
  });

  it('says of a faulty file what is wrong where, and stores none of it', async () => {
    const { file, data } = world();
    const lines = [...hours(0, 50).trim().split('\n')];
    lines[10] = lines[10]?.replace(',42060.25,', ',1,') ?? '';
    lines.splice(20, 0, lines[18] ?? '');
    lines.splice(30, 2);
    const bars = file('bad.csv', lines.join('\n'));
    const faulty = await data('import', bars, '--instrument', 'BTCUSDT');
    expect(faulty).toMatchObject({
      status: 1,
      document: {
        added: 0,
        quality: { gaps: { count: 2, missing: 3 } },
        faults: [
          { kind: 'impossible', count: 1, examples: [{ line: 11 }] },
          { kind: 'duplicate', count: 1, examples: [{ line: 21 }] },
        ],
      },
    });
    expect(await data('list')).toMatchObject({ document: { items: [] } });
    const verified = await data('verify', '--file', bars, '--instrument', 'BTCUSDT');
    expect(verified).toMatchObject({ status: 1, document: { items: [{ faults: [{}, {}] }] } });
  });

  it('finds bars that disagree with the catalogue, and a clock that was hours off', async () => {
    const { file, data } = world();
    await data('import', file('bars.csv', hours(0, 100)), '--instrument', 'BTCUSDT');
    const other = file(
      'other.csv',
      hours(50, 90).replace(`${42_060}.10`, `${42_060}.1`).replace('42065.50', '42065.40'),
    );
    expect(await data('import', other, '--instrument', 'BTCUSDT')).toMatchObject({
      status: 1,
      document: { overlap: { same: 39, disagreeing: 1, examples: [START + 55 * HOUR], shifts: [] } },
    });
    const elsewhere = file('elsewhere.csv', hours(10, 90, 5));
    expect(await data('verify', '--file', elsewhere, '--instrument', 'BTCUSDT')).toMatchObject({
      status: 1,
      document: { items: [{ overlap: { same: 0, disagreeing: 80, shifts: [{ bars: 80, minutes: -300 }] } }] },
    });
    // Prices of one digit lie on the finer tick of what is there.
    const coarse = file('coarse.csv', `${START + 100 * HOUR},1.5,1.5,1.5,1.5,0\n${START + 101 * HOUR},2,2,2,2,0\n`);
    expect(await data('import', coarse, '--instrument', 'BTCUSDT')).toMatchObject({
      status: 0,
      document: { added: 2 },
    });
    expect(await data('verify')).toMatchObject({
      status: 0,
      document: { items: [{ interval: '1h', fault: null, quality: { bars: 102, zeroVolume: { runs: 1, bars: 2 } } }] },
    });
  });

  it('imports trades of the archive', async () => {
    const { file, data } = world();
    const trades = file('trades.csv', `7,42.5,0.1,4.25,${START},True,True\n8,42.6,0.2,8.52,${START + 5},False,True\n`);
    const words = ['import', trades, '--instrument', 'BTCUSDT', '--trades'];
    expect(await data(...words, '--dry-run')).toMatchObject({
      status: 0,
      document: { quality: { trades: 2 }, dryRun: true },
    });
    expect(await data(...words)).toMatchObject({ status: 0, document: { added: 2, known: 0 } });
    expect(await data(...words)).toMatchObject({ status: 0, document: { added: 0, known: 2 } });
    expect(await data('list')).toMatchObject({ document: { items: [{ kind: 'trades', rows: 2, first: 7, last: 8 }] } });
    for (const name of ['out.csv', 'out.json', 'out.parquet']) {
      const words = ['export', file(name), '--instrument', 'BTCUSDT', '--trades'];
      expect(await data(...words)).toMatchObject({ status: 0, document: { kind: 'trades', trades: 2 } });
      const known = await data('import', file(name), '--instrument', 'BTCUSDT', '--trades');
      expect(known).toMatchObject({ status: 0, document: { added: 0, known: 2 } });
    }
  });

  it('verifies trades: those of a file, beside the catalogue, and those of the catalogue', async () => {
    const { file, data } = world();
    const row = (id: number, price = '42.5'): string => `${id},${price},0.1,4.25,${START + id},True,True`;
    const of = ['--instrument', 'BTCUSDT', '--trades'];
    await data('import', file('trades.csv', [1, 2, 3, 7, 8].map((id) => row(id)).join('\n')), ...of);
    expect(await data('verify')).toMatchObject({
      status: 0,
      document: { items: [{ kind: 'trades', quality: { trades: 5, gaps: { count: 1, missing: 3 } }, fault: null }] },
    });
    const other = file('other.csv', [row(6), row(7), row(8, '42.6'), row(8), row(5), row(9, '0')].join('\n'));
    expect(await data('verify', '--file', other, ...of)).toMatchObject({
      status: 1,
      document: {
        items: [
          {
            faults: [
              { kind: 'impossible', examples: [{ line: 6 }] },
              { kind: 'duplicate', examples: [{ line: 4 }] },
              { kind: 'disorder', examples: [{ line: 5 }] },
            ],
            overlap: { same: 1, disagreeing: 1, examples: [8] },
          },
        ],
      },
    });
    expect(await data('import', other, ...of)).toMatchObject({ status: 1, document: { added: 0 } });
  });

  it('tells an outage, which others have too, from what was lost on the way', async () => {
    const { file, data } = world();
    const without = (...missing: readonly number[]): string =>
      Array.from({ length: 60 }, (_, hour) => hour)
        .filter((hour) => !missing.includes(hour))
        .map((hour) => line(hour))
        .join('');
    await data('import', file('eth.csv', without(20, 21, 22)), '--instrument', 'ETHUSDT');
    await data('import', file('btc.csv', without(20, 21, 22, 40)), '--instrument', 'BTCUSDT');
    const at = (hour: number): object => ({ beforeMs: START + (hour - 1) * HOUR });
    expect(await data('verify', '--instrument', 'BTCUSDT')).toMatchObject({
      document: {
        items: [
          {
            quality: {
              gaps: {
                ...{ count: 2, missing: 4, missingToo: 1, presentElsewhere: 1 },
                examples: [
                  { ...at(20), missing: 3, missingToo: ['ETHUSDT 1h'], presentIn: [] },
                  { ...at(40), missing: 1, missingToo: [], presentIn: ['ETHUSDT 1h'] },
                ],
              },
            },
          },
        ],
      },
    });
    const few = await data('verify', '--instrument', 'BTCUSDT', '--examples', '1');
    expect(few).toMatchObject({
      document: { items: [{ quality: { gaps: { count: 2, examples: [{ missing: 3 }] } } }] },
    });
  });

  it.each([
    ['import', 'x.csv'],
    ['import', 'x.csv', '--instrument', 'BTCUSDT', '--interval', '7m'],
    ['import', 'x.csv', '--instrument', 'BTCUSDT', '--tick', 'x'],
    ['import', 'x.csv', '--instrument', 'BTCUSDT', '--off-tick', 'round'],
    ['export', 'x.csv', '--instrument', 'BTCUSDT'],
    ['export', 'x.csv', '--instrument', 'BTCUSDT', '--interval', '1h', '--from', 'soon'],
    ['export', 'x.csv', '--instrument', 'BTCUSDT', '--trades', '--interval', '1h'],
    ['export', 'x.csv', '--instrument', 'BTCUSDT', '--trades', '--from', '2024-02-01', '--to', '2024-01-01'],
    ['verify', '--examples', 'many'],
  ])('refuses %s %s %s %s %s %s as bad usage', async (...words) => {
    const refused = await world().data(...words.filter((word) => word !== undefined));
    expect(refused).toMatchObject({ status: 2, document: { error: { code: 'flag_invalid' } } });
  });

  it('says what it can’t read, write, or hasn’t got', async () => {
    const { file, data } = world();
    const missing = await data('import', file('none.csv'), '--instrument', 'BTCUSDT');
    expect(missing).toMatchObject({ status: 1, document: { error: { code: 'bars_missing' } } });
    const none = await data('export', file('x.csv'), '--instrument', 'BTCUSDT', '--interval', '1h');
    expect(none).toMatchObject({ status: 1, document: { error: { code: 'data_none' } } });
  });

  it.skipIf(!existsSync(REAL))(`finds in ${REAL} its 28 gaps, and no fault (skipped where absent)`, async () => {
    const verified = await world().data('verify', '--file', REAL, '--instrument', 'BTCUSDT');
    expect(verified).toMatchObject({
      status: 0,
      document: {
        items: [
          {
            ...{ interval: '1h', faults: [], notices: [], clockSetBack: [], offsetMinutes: 0 },
            quality: {
              bars: 58_419,
              gaps: { count: 28, missing: 128 },
              zeroVolume: { runs: 4, bars: 4 },
              repeated: { runs: 0 },
              flat: { runs: 0 },
              jumps: { count: 0 },
              clockSetForward: { count: 0 },
            },
          },
        ],
      },
    });
  });
});
