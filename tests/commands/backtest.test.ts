import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { backtestDocumentSchema, type BacktestDocument } from '@monsta/contracts';
import { describe, expect, it } from 'vitest';
import { testFolder, writeHours, writeStrategy } from '../support/backtest.test-support.ts';
import { ONLY_PROGRESS, runCommand, type CommandOutcome } from '../support/command.test-support.ts';
import { writeTape } from '../support/tape.test-support.ts';
import { ROOT } from '../support/program.test-support.ts';

const REAL = join(ROOT, '../shared/data/BTCUSDT-1h-20170817-20240421.csv.gz');
/** Keeps a strategy at it for a moment at each bar. */
const BUSY = 'let sum = 0; for (let n = 0; n < 300_000; n += 1) sum += Math.sqrt(n); if (sum < 0) throw sum;';
const TIMEOUT = { timeout: 120_000 };

interface World {
  readonly folder: string;
  readonly bars: string;
  readonly strategy: string;
  readonly file: (name: string) => string;
  readonly data: readonly string[];
}

function world(count = 400, line = ''): World {
  const folder = testFolder();
  const file = (name: string): string => join(folder, name);
  return {
    folder,
    file,
    bars: writeHours(file('BTCUSDT-1h.csv'), count),
    strategy: writeStrategy(file('above-average.ts'), line),
    data: ['--data-dir', file('data')],
  };
}

const backtest = ({ bars, strategy, data }: World, ...flags: readonly string[]): Promise<CommandOutcome> =>
  runCommand(['backtest', '--strategy', strategy, '--bars', bars, '--instrument', 'BTCUSDT', ...data, ...flags]);

const documentOf = ({ document }: CommandOutcome): BacktestDocument => backtestDocumentSchema.parse(document);

/** What of a document two runs of the same have alike: all but their names. */
const compared = ({ document }: CommandOutcome): string => {
  const { id: _id, createdMs: _created, ...rest } = document as BacktestDocument;
  return JSON.stringify(rest);
};

/** Runs a backtest in a process of its own, ends it by a signal once it is well under way, and gives the id of what it has left. */
async function ended(signal: 'SIGKILL' | 'SIGINT', asked: readonly string[], { file, data }: World): Promise<string> {
  const argv = ['backtest', ...asked, ...data];
  const child = spawn(process.execPath, [join(ROOT, 'apps/monsta/src/main.ts'), ...argv], { stdio: 'ignore' });
  const gone = new Promise((done) => child.once('exit', done));
  const runs = file('other/backtests');
  const withFile = (name: string): string | undefined =>
    existsSync(runs) ? readdirSync(runs).find((id) => existsSync(join(runs, id, name))) : undefined;
  await expect
    .poll(() => withFile(signal === 'SIGKILL' ? 'checkpoint.bin' : 'summary.json'), { timeout: 60_000 })
    .toBeDefined();
  child.kill(signal);
  expect(await gone).toBe(signal === 'SIGINT' ? 1 : null);
  return withFile('checkpoint.bin') ?? '';
}

describe('monsta backtest', TIMEOUT, () => {
  it('prints one document whose every part has its schema, and the same again for the same', async () => {
    const here = world();
    const first = await backtest(here, '--json');
    expect(first).toMatchObject({ status: 0, stderr: ONLY_PROGRESS });
    const document = documentOf(first);
    const { summary, equity, trades, orders, fills, periods, versusBuyAndHold } = document;
    expect(summary).toMatchObject({ strategy: 'above-average', interval: '1h', bars: 400, initialCash: 10_000 });
    expect(equity?.timeMs).toHaveLength(401);
    expect(equity?.equity.at(-1)).toBe(summary.finalEquity);
    expect(trades.length).toBeGreaterThan(5);
    expect(orders).toHaveLength(summary.orders);
    expect(fills).toHaveLength(summary.fills);
    expect(periods.month.map(({ fromMs }) => new Date(fromMs).getUTCMonth())).toEqual([0]);
    expect(versusBuyAndHold.strategy.totalReturn).toBeCloseTo(summary.finalEquity / 10_000 - 1, 12);
    // Strict: nothing in it that the schema does not know.
    expect(document).toEqual(first.document);

    const again = await backtest(here, '--json');
    expect(compared(again)).toBe(compared(first));
    expect(documentOf(again).honesty.trials).toBe(1);
    const other = documentOf(await backtest(here, '--params', '{"length":9}', '--json'));
    expect(other.honesty.trials).toBe(2);

    const shown = await runCommand(['backtests', 'show', document.id, ...here.data, '--json']);
    expect(shown.stdout).toBe(first.stdout);
    const list = await runCommand(['backtests', 'list', ...here.data, '--json']);
    expect(list.document).toMatchObject({ items: [{ state: 'done' }, { state: 'done' }, { id: document.id }] });
    const two = await runCommand(['backtests', 'compare', `${document.id},${other.id}`, ...here.data, '--json']);
    expect(two.document).toMatchObject({ differences: { 'params.length': [null, 9] }, runs: [{}, {}] });
    expect(await runCommand(['backtests', 'delete', other.id, ...here.data])).toMatchObject({ status: 0 });
    expect(await runCommand(['backtests', 'show', other.id, ...here.data])).toMatchObject({ status: 2 });
  });

  it('tells a person the figures beside buy-and-hold, the warnings and every assumption', async () => {
    const here = world();
    const { status, stdout } = await backtest(here, '--fee-bps', '20', '--slippage-bps', '0', '--lot', '1');
    expect(status).toBe(0);
    for (const part of [
      /above-average \(length=5\) on BTCUSDT, 1h/,
      /strategy {2}buy and hold/,
      /Fees: 20 bps/,
      /Slippage: none/,
      /lot 1;/,
      /Luck: /,
      /2024 /,
    ])
      expect(stdout).toMatch(part);
  });

  it('reckons what is annual by a year of so many days, says so everywhere, and counts no other trial for it', async () => {
    const here = world();
    const byTime = documentOf(await backtest(here, '--json'));
    const asked = await backtest(here, '--year-days', '252', '--json', '--out', here.file('out'), '--language', 'ko');
    const byDays = documentOf(asked);
    expect(byDays.spec).toMatchObject({ yearDays: 252 });
    expect(byDays.honesty.trials).toBe(1);
    const { sharpe, cagr, days, totalReturn } = byDays.statistics;
    expect(sharpe).toBeCloseTo(
      (byTime.statistics['sharpe'] ?? NaN) * Math.sqrt((252 * 400) / ((days ?? NaN) * 365 * 24)),
      10,
    );
    expect(cagr).toBeCloseTo((1 + (totalReturn ?? NaN)) ** (252 / (days ?? NaN)) - 1, 10);
    expect(byDays.versusBuyAndHold.strategy.sharpe).toBe(sharpe);
    expect(byDays.honesty.sharpeDaily).toBe(byDays.statistics['sharpeDaily']);
    expect(byDays.assumptions.map(({ text }) => text).join(' ')).toContain('A year: 252 days of the data');
    expect(readFileSync(here.file('out/report.html'), 'utf8')).toMatch(/데이터에 있는 날 252일/);
    const shown = await runCommand(['backtests', 'show', byDays.id, ...here.data]);
    expect(shown.stdout).toMatch(/a year of 252 days \(CAGR\)/);
    const refused = await backtest(here, '--year-days', '0');
    expect(refused).toMatchObject({ status: 2 });
    expect(refused.stderr).toMatch(/--year-days: a year has 1 to 366 days, such as 252/);
  });

  it('goes by a specification in a file, which flags win over, and keeps it with the result', async () => {
    const here = world();
    const { strategy, bars } = here;
    const spec = { strategy, data: { kind: 'file', paths: [bars] }, instruments: ['BTCUSDT'], cash: '500' };
    writeFileSync(here.file('spec.json'), JSON.stringify(spec));
    const run = documentOf(
      await runCommand(['backtest', '--spec', here.file('spec.json'), '--fill', 'close', ...here.data, '--json']),
    );
    expect(run.spec).toMatchObject({ cash: '500', fills: { acts: 'close' } });
    expect(run.warnings.map(({ code }) => code)).toContain('looks-ahead');
  });

  it('keeps no orders, fills and curve where nobody wants them, and comes to the same figures', async () => {
    const here = world();
    const [whole, bare] = [
      documentOf(await backtest(here, '--json')),
      documentOf(await backtest(here, '--no-records', '--json')),
    ];
    expect(bare).toMatchObject({ orders: null, fills: null, equity: null });
    expect(bare.statistics).toEqual(whole.statistics);
    expect(bare.trades).toEqual(whole.trades);
  });

  it('writes the report, and every list as CSV and as Parquet, where it is told to', async () => {
    const here = world();
    const run = documentOf(await backtest(here, '--out', here.file('out'), '--language', 'ko', '--json'));
    const names = ['trades', 'orders', 'fills', 'months', 'equity'].flatMap((name) => [
      `${name}.csv`,
      `${name}.parquet`,
    ]);
    expect(readdirSync(here.file('out')).toSorted()).toEqual([...names, 'report.html'].toSorted());
    expect(readFileSync(here.file('out/report.html'), 'utf8')).toMatch(/<html lang="ko"[^]*above-average/);
    const [header, first] = readFileSync(here.file('out/trades.csv'), 'utf8').split('\r\n');
    expect(header).toBe(Object.keys(run.trades[0] ?? {}).join(','));
    expect(first).toContain(run.trades[0]?.profit);
  });

  it('trades several instruments from one account, each from its own file', async () => {
    const here = world();
    const second = writeHours(here.file('ETHUSDT-1h.csv'), 400, 2);
    const run = await backtest(here, '--instrument', 'ETHUSDT', '--bars', second, '--sizing', 'fraction=0.5', '--json');
    const { trades, summary } = documentOf(run);
    expect(summary.instruments).toEqual(['BTCUSDT', 'ETHUSDT']);
    expect(new Set(trades.map(({ instrument }) => instrument)).size).toBe(2);
  });

  it.each([
    [['--fee-bps', 'x'], /--fee-bps 'x' is not a number/],
    [['--from', '2030-01-01'], /no bar of BTCUSDT lies between --from and --to/],
    [['--params', '{"lenght":3}'], /--params: .*'lenght' is unknown/],
    [['--interval', '5m'], /--bars: .*of 1h, not of 5m/],
    [['--language', 'fr'], /--language: 'fr' is neither en nor ko/],
  ])('refuses %j with status 2, and says which flag, what and how to mend it', async (flags, message) => {
    const here = world(30);
    const { status, stderr, stdout } = await backtest(here, ...flags);
    expect(stderr).toMatch(message);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(existsSync(here.file('data/backtests')) ? readdirSync(here.file('data/backtests')) : []).toEqual([]);
  });

  it.each([
    ['openTimeMs,open,high,low,close,volume\n1704067200000,1,0.5,1,1,1\n', /--bars: .*line 2/],
    ['', /--bars: .*empty/],
    ['a,b,c\n', /--bars: /],
  ])('refuses the file of bars %j', async (content, message) => {
    const here = world();
    writeFileSync(here.bars, content);
    const { status, stderr } = await backtest(here);
    expect({ status, said: stderr }).toMatchObject({ status: 2, said: expect.stringMatching(message) as string });
  });

  it('refuses files that are missing, strategies that do not compile, and names that nobody has', async () => {
    const here = world();
    expect((await backtest({ ...here, bars: here.file('none.csv') })).stderr).toMatch(/--bars: there is no file/);
    expect((await backtest({ ...here, strategy: here.file('none.ts') })).stderr).toMatch(
      /--strategy: .*does not exist/,
    );
    expect((await backtest({ ...here, strategy: 'sma-crosses' })).stderr).toMatch(/--strategy: .*there are: /);
    writeFileSync(here.strategy, 'export default {\n  name: ,\n};\n');
    expect((await backtest(here)).stderr).toMatch(/--strategy: .*above-average\.ts, line 2/);
    const { stderr } = await runCommand(['backtest', ...here.data]);
    for (const flag of ['--strategy', '--instrument', '--bars']) expect(stderr).toContain(`${flag} is missing`);
  });

  it('of a strategy that throws tells file and line, keeps the part before, and ends with status 1', async () => {
    const run = await backtest(world(400, 'if (state.seen > 100) throw new Error(`at ${bar.close}`);'), '--json');
    expect(run.status).toBe(1);
    const { summary, warnings } = documentOf(run);
    expect(summary.failures).toMatchObject([{ line: 11, message: expect.stringMatching(/^Error: at /) as string }]);
    expect(warnings[0]?.text).toMatch(/FAILED .*above-average\.ts, line 11/);
  });

  it('cuts off a strategy that never returns, in a handler and while it is loaded', async () => {
    const [looping, unloadable] = [world(400, 'if (state.seen > 100) for (;;);'), world(400)];
    writeFileSync(unloadable.strategy, 'for (;;);\n');
    const [inHandler, atLoad] = await Promise.all([backtest(looping), backtest(unloadable)]);
    expect(inHandler).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/in onBar, its call number/) as string,
    });
    expect(atLoad).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/while it was loaded or set up/) as string,
    });
    const list = await runCommand(['backtests', 'list', ...looping.data, '--json']);
    expect(list.document).toMatchObject({ items: [{ state: 'failed', fault: { code: 'strategy_stuck' } }] });
  });

  it.each(['SIGKILL', 'SIGINT'] as const)('ended by %s goes on to the very same result', async (signal) => {
    const here = world(4_000, BUSY);
    const whole = await backtest(here, '--json');
    const other: World = { ...here, data: ['--data-dir', here.file('other')] };
    const asked = ['--strategy', here.strategy, '--bars', here.bars, '--instrument', 'BTCUSDT'];
    const id = await ended(signal, asked, other);
    const list = await runCommand(['backtests', 'list', ...other.data, '--json']);
    const told =
      signal === 'SIGINT' ? { state: 'canceled' } : { state: 'failed', fault: { code: 'backtest_interrupted' } };
    expect(list.document).toMatchObject({ items: [told] });
    const resume = (...flags: readonly string[]) => runCommand(['backtest', '--resume', id, ...other.data, ...flags]);
    expect(await resume('--cash', '5')).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('--cash') as string,
    });
    writeStrategy(here.strategy, 'setTarget(0, { reason: "never" });');
    const changed = expect.stringContaining('the strategy file is not what it was') as string;
    expect(await resume()).toMatchObject({ status: 1, stderr: changed });
    writeStrategy(here.strategy, BUSY);
    const resumed = await resume('--json');
    expect(resumed.status).toBe(0);
    expect(documentOf(resumed).id).toBe(id);
    expect(compared(resumed)).toBe(compared(whole));
    // A run that is done is shown, not run again.
    expect((await resume('--json')).stdout).toBe(resumed.stdout);
  });

  it('killed on ticks goes on to the very same result: queues, latency, brackets', async () => {
    const here = world();
    writeTape(here.file('tape.ndjson'), { BTCUSDT: 60_000 }, 40);
    writeFileSync(
      here.strategy,
      `import { defineStrategy } from 'monsta';
export default defineStrategy({
  name: 'maker', parameters: {}, intervals: () => ['1m'], state: () => ({ turn: 0 }),
  onTrade({ state, order, orders, cancelAll, quote }) {
    let sum = 0; for (let n = 0; n < 1_200_000; n += 1) sum += Math.sqrt(n); if (sum < 0) throw sum;
    state.turn += 1;
    if (state.turn % 11 === 0) cancelAll();
    else if (state.turn % 4 === 0 && orders.length < 6) order({ side: 'buy', type: 'limit', notional: 50, limitPrice: quote.bid });
  },
  onBar: ({ bracket }) => bracket({ notional: 300, stopDistance: 0.0005, takeProfitDistance: 0.0006 }),
});
`,
    );
    const asked = ['--strategy', here.strategy, '--ticks', here.file('tape.ndjson'), '--instrument', 'BTCUSDT'];
    asked.push('--latency-ms', '5,2500,900');
    const whole = await runCommand(['backtest', ...asked, ...here.data, '--json']);
    expect(documentOf(whole).summary.fills).toBeGreaterThan(40);
    const other: World = { ...here, data: ['--data-dir', here.file('other')] };
    const id = await ended('SIGKILL', asked, other);
    const resumed = await runCommand(['backtest', '--resume', id, ...other.data, '--json']);
    expect(resumed.status).toBe(0);
    expect(documentOf(resumed).id).toBe(id);
    expect(compared(resumed)).toBe(compared(whole));
  });

  it('runs on recorded trades, quotes and books, with bars built from them, latency and places in the queue', async () => {
    const here = world();
    writeTape(here.file('tape.ndjson'), { BTCUSDT: 60_000 }, 20);
    writeFileSync(
      here.strategy,
      `import { defineStrategy } from 'monsta';
export default defineStrategy({
  name: 'each-minute', parameters: {}, intervals: () => ['1m'],
  onBar: ({ bar, setTarget }) => setTarget((bar.openTimeMs / 60_000) % 2, { reason: 'in and out' }),
});
`,
    );
    const argv = [
      'backtest',
      '--strategy',
      here.strategy,
      '--ticks',
      here.file('tape.ndjson'),
      '--instrument',
      'BTCUSDT',
    ];
    const run = await runCommand([...argv, '--latency-ms', '5,20,20', '--queue', 'through', ...here.data, '--json']);
    expect(run.status).toBe(0);
    const { summary, data, assumptions, trades, fills, equity } = documentOf(run);
    expect(summary).toMatchObject({ interval: null, denials: {}, failures: [] });
    expect(data).toMatchObject([{ instrument: 'BTCUSDT', interval: null }]);
    expect(trades.length).toBeGreaterThan(5);
    // An order that a bar brings about is 25 ms late.
    for (const { timeMs } of fills ?? []) expect(timeMs % 60_000).toBeGreaterThanOrEqual(25);
    expect(equity?.timeMs.slice(1, 3).map((ms) => ms % 1_000)).toEqual([0, 0]);
    expect(assumptions.map(({ text }) => text).join()).toMatch(/data arrives 5 ms late/);
    expect(
      compared(await runCommand([...argv, '--latency-ms', '5,20,20', '--queue', 'through', ...here.data, '--json'])),
    ).toBe(compared(run));
    const refused = await runCommand([...argv, '--gaps', 'join', ...here.data]);
    expect(refused).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('--gaps is for runs of bars') as string,
    });
  });

  it.skipIf(!existsSync(REAL))(
    'runs on years of real hours with their gaps (skipped where ../shared/data has none)',
    async () => {
      const here = world();
      const run = await backtest(
        { ...here, bars: REAL, strategy: 'sma-cross' },
        '--params',
        '{"fast":20,"slow":100}',
        '--json',
      );
      const { summary, data, warnings, statistics } = documentOf(run);
      expect(data).toMatchObject([{ bars: 58_419, gaps: 28, missingBars: 128 }]);
      expect(summary).toMatchObject({ bars: 58_419, denials: {}, failures: [] });
      expect(warnings.map(({ text }) => text).join()).toMatch(/128 bars of BTCUSDT are missing/);
      expect(statistics['trades']).toBeGreaterThan(300);
      expect(statistics['buyAndHoldReturn']).toBeCloseTo(14.04, 1);
    },
  );
});
