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
    expect(dry).toMatchObject({ status: 0, document: { dryRun: true, interval: '1h', tick: '0.01', added: 100 } });
    expect(await data('list')).toMatchObject({ document: { items: [] } });
    expect(await data('import', bars, ...of)).toMatchObject({ status: 0, document: { added: 100, known: 0 } });
    expect(await data('import', bars, ...of)).toMatchObject({ status: 0, document: { added: 0, known: 100 } });
    expect(await data('list')).toMatchObject({
      document: { items: [{ kind: 'bars', instrument: 'BTCUSDT', interval: '1h', rows: 100, first: START }] },
    });
    const wanted = ['--instrument', 'BTCUSDT', '--interval', '1h'];
    for (const name of ['out.csv', 'out.parquet']) {
      expect(await data('export', file(name), ...wanted)).toMatchObject({ status: 0 });
      const again = await data('import', file(name), ...of);
      expect(again).toMatchObject({ status: 0, document: { added: 0, known: 100, quality: { bars: 100 } } });
    }
    expect(readFileSync(file('out.csv'), 'utf8').split('\r\n')[1]).toBe(
      `${START},42000.10,42050.25,41990.00,42010.50,1.50000000`,
    );
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
  });

  it.each([
    ['import', 'x.csv'],
    ['import', 'x.csv', '--instrument', 'BTCUSDT', '--interval', '7m'],
    ['import', 'x.csv', '--instrument', 'BTCUSDT', '--tick', 'x'],
    ['import', 'x.csv', '--instrument', 'BTCUSDT', '--off-tick', 'round'],
    ['export', 'x.csv', '--instrument', 'BTCUSDT'],
    ['export', 'x.csv', '--instrument', 'BTCUSDT', '--interval', '1h', '--from', 'soon'],
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
        items: [{ interval: '1h', faults: [], quality: { bars: 58_419, gaps: { count: 28, missing: 128 } } }],
      },
    });
  });
});
