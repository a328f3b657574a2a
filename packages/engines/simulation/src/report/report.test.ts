import { describe, expect, it } from 'vitest';
import { renderComparison } from './comparison.ts';
import { renderReport } from './report.ts';
import { runOf } from './runs.test-support.ts';
import { tradeOf } from '../statistics/outcomes.test-support.ts';

const EVIL = `<script>alert("x")</script>'&`;

/** What a browser would show, without tags. */
const textOf = (html: string): string =>
  html
    .replaceAll(/<style>[^]*?<\/style>/g, '')
    .replaceAll(/<[^>]+>/g, ' ')
    .replaceAll(/\s+/g, ' ');

describe('the report of a backtest', () => {
  it('stands alone: no script, nothing from the network, and a policy that allows none', () => {
    const report = renderReport(runOf(), 'en');
    expect(report).toMatch(/^<!doctype html>/);
    expect(report).not.toMatch(/<script|<link|<img|@import|url\(|https?:|\bon\w+=/i);
    expect(report).toContain(`content="default-src 'none'; style-src 'unsafe-inline'"`);
  });

  it('escapes all that comes from outside', () => {
    const trade = tradeOf({ profit: 1, exitTag: EVIL, entryTag: EVIL, id: EVIL });
    const run = runOf({ trades: 0 });
    const report = renderReport(
      {
        ...run,
        strategy: EVIL,
        id: EVIL,
        version: EVIL,
        instruments: [EVIL],
        quoteAsset: EVIL,
        warnings: [EVIL],
        assumptions: [EVIL],
        spec: { [EVIL]: EVIL },
        outcome: { ...run.outcome, trades: [trade] },
        prices: run.prices.map((each) => ({ ...each, instrument: EVIL })),
      },
      'en',
    );
    expect(report).not.toContain('<script>');
    expect(report).not.toContain(EVIL);
    expect(report).toContain('&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;&#39;&amp;');
  });

  it('tells warnings and assumptions before any figure', () => {
    const text = textOf(renderReport(runOf({}, { warnings: ['Twelve bars are missing.'] }), 'en'));
    const places = ['Twelve bars are missing.', 'Orders decided at a close', 'Total return'].map((each) =>
      text.indexOf(each),
    );
    expect(places).toEqual(places.toSorted((left, right) => left - right));
    expect(places[0]).toBeGreaterThan(0);
  });

  it('says what many trials do to a Sharpe ratio, and that there is no evidence of skill', () => {
    const trials = Object.fromEntries(Array.from({ length: 100 }, (_, index) => [String(index), Math.sin(index) / 5]));
    const text = textOf(renderReport(runOf({ trials }), 'en'));
    expect(text).toContain('No evidence of skill');
    expect(text).toMatch(/100 different things have been tried .* expected to show a Sharpe ratio of [\d.]+ a year/);
    expect(text).toContain('deflated Sharpe ratio');
  });

  it('says that there is too little to tell of a short run, and shows what is unknown as unknown', () => {
    const text = textOf(renderReport(runOf({ bars: 10, trades: 0 }), 'en'));
    expect(text).toContain('Too little to tell');
    expect(text).toContain('There were no trades.');
    expect(text).toMatch(/Profit factor —/);
    expect(text).not.toMatch(/NaN|Infinity|undefined|null %/);
  });

  it('shows all statistics with their definitions', () => {
    const report = renderReport(runOf(), 'en');
    expect(report.match(/data-tip=/g)?.length).toBeGreaterThanOrEqual(78);
    expect(report).toContain('data-tip="Sum of the profits ÷ sum of the losses"');
  });

  it('is in Korean where it is asked for', () => {
    const report = renderReport(runOf(), 'ko');
    expect(report).toContain('<html lang="ko">');
    expect(textOf(report)).toContain('운이 차지하는 몫');
    expect(textOf(report)).not.toMatch(/Drawdown|Sharpe ratio|Trades/);
  });

  it('loses no spike of a price or an equity, however many bars there are', () => {
    const run = runOf({ bars: 100_000, stepMs: 60_000 });
    const { equity } = run.outcome.curve;
    const [prices] = run.prices;
    if (prices === undefined) throw new Error('there are prices');
    const high = Float64Array.from(prices.high);
    equity[54_321] = 10 * Math.max(...equity.subarray(0, 1_000));
    high[77_777] = 10 * Math.max(...high.subarray(0, 1_000));
    const report = renderReport({ ...run, prices: [{ ...prices, high }] }, 'en');
    // The top of a drawing is 0, and the room above what is highest is 4 of 108 parts of its 300 units.
    const top = /[ML ]([\d.]+) (1[01](?:\.\d)?)(?=[LZ"])/g;
    const places = [...report.matchAll(top)].map(([, x]) => Number(x));
    expect(places.some((x) => Math.abs(x - 543.2) < 0.2)).toBe(true);
    expect(places.some((x) => Math.abs(x - 778) < 1)).toBe(true);
  });

  it('stays below two megabytes whatever the number of bars and with fifty thousand trades, and says what it leaves out', () => {
    const report = renderReport(runOf({ bars: 250_000, stepMs: 60_000, trades: 50_000, resamples: 10 }), 'en');
    expect(report.length).toBeLessThan(2_000_000);
    expect(textOf(report)).toContain('The first and the last 50 of 50,000');
    expect(textOf(report)).toContain('500 of 50,000 trades are drawn');
  }, 30_000);

  it('draws by factors what grew tenfold, and says so', () => {
    const run = runOf();
    const { curve } = run.outcome;
    const grown = { ...curve, equity: curve.equity.map((each, index) => each * 1.002 ** index) };
    const report = (equity: typeof curve) => renderReport({ ...run, outcome: { ...run.outcome, curve: equity } }, 'en');
    expect(textOf(report(grown))).toContain('Equity (logarithmic)');
    expect(textOf(report(curve))).not.toContain('logarithmic');
  });

  it('is the same for the same run', () => {
    expect(renderReport(runOf(), 'en')).toBe(renderReport(runOf(), 'en'));
  });
});

describe('backtests side by side', () => {
  const one = runOf({ edge: 0.0005 });
  const other = runOf({ seed: 2 }, { strategy: 'ema-cross', spec: { ...one.spec, params: { fast: 5, slow: 50 } } });

  it('tell what they differ in, and nothing else', () => {
    const text = textOf(renderComparison([one, other], 'en'));
    expect(text).toMatch(/params\.fast 10 5/);
    expect(text).not.toContain('params.slow');
  });

  it('mark the best of a row', () => {
    const report = renderComparison([one, other], 'en');
    const row = /Total return<\/span><\/td><td>(.*?)<\/td><td>(.*?)<\/td>/.exec(report.replaceAll(/\s*\n\s*/g, ''));
    expect(row?.[1]).toMatch(/^<b>/);
    expect(row?.[2]).not.toMatch(/^<b>/);
  });

  it('warn where they are not of the same span of time', () => {
    expect(renderComparison([one, other], 'en')).not.toContain('not of the same span');
    expect(renderComparison([one, runOf({ bars: 1_000 })], 'en')).toContain('not of the same span');
  });

  it('are between one and six, in either language, and escaped', () => {
    expect(() => renderComparison([], 'en')).toThrow(RangeError);
    expect(() => renderComparison(new Array<typeof one>(7).fill(one), 'en')).toThrow(RangeError);
    const report = renderComparison([one, runOf({}, { strategy: EVIL, spec: { [EVIL]: 1 } })], 'ko');
    expect(report).toContain('나란히 보기');
    expect(report).not.toContain('<script>');
  });
});
