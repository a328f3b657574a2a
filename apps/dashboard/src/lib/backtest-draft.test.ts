import { backtestSpecSchema } from '@monsta/contracts';
import { describe, expect, it } from 'vitest';
import {
  dayMs,
  draftFaults,
  draftOf,
  EMPTY_DRAFT,
  followsData,
  paramsOf,
  placeOf,
  specOf,
  type BacktestDraft,
} from './backtest-draft.ts';

const draft = (more: Partial<BacktestDraft> = {}): BacktestDraft => ({
  ...EMPTY_DRAFT,
  strategy: 'ema-cross',
  instruments: ['BTCUSDT'],
  ...more,
});
const parsed = (more: Partial<BacktestDraft> = {}) => backtestSpecSchema.parse(specOf(draft(more), { fast: 5 }));

describe('the form of a backtest', () => {
  it('begins with what a specification has where nothing is said', () => {
    const usual = backtestSpecSchema.parse({
      strategy: 'ema-cross',
      params: { fast: 5 },
      data: { kind: 'collected' },
      instruments: ['BTCUSDT'],
      interval: '1h',
    });
    expect(parsed()).toEqual(usual);
    expect(draftFaults(draft())).toEqual({});
  });

  it('says percents as shares, and days as whole ones', () => {
    const spec = parsed({
      size: '12.5',
      volumeShare: '0.1',
      from: '2024-08-01',
      to: '2024-08-02',
      short: true,
      margin: '50',
    });
    expect(spec).toMatchObject({
      sizing: { kind: 'fraction', share: 0.125 },
      fills: { volumeShare: 0.001 },
      short: { initialMargin: 0.5 },
      fromMs: Date.UTC(2024, 7, 1),
      toMs: Date.UTC(2024, 7, 3),
    });
    expect([dayMs('2024-02-30x'), dayMs('')]).toEqual([null, null]);
  });

  it.each<Partial<BacktestDraft>>([
    { sizing: 'fixed', size: '250' },
    { sizing: 'units', size: '2' },
    { sizing: 'volatility', size: '40', volatilityBars: '20' },
    { sizing: 'kelly', size: '25' },
    {
      source: 'file',
      instruments: ['A', 'B'],
      files: [
        { instrument: 'A', path: 'a.csv' },
        { instrument: 'B', path: 'b.csv' },
      ],
      interval: '',
    },
    { slippage: 'square-root', slippageBps: '3', acts: 'close', sizedAt: 'fill', gaps: 'join', endOfData: 'close' },
    { acts: 'next-close' },
    { yearDays: '252', feePerOrder: '1.5', feePerUnit: '0.005', feeMinimum: '2' },
    { slippage: 'ticks', slippageTicks: '3' },
    {
      short: true,
      margin: '30',
      limits: 'configured',
      limitFills: 'touch',
      volumeShare: '10',
      from: '2024-01-01',
      to: '2024-01-31',
    },
  ])('comes back from what was run with it: %j', (more) => {
    const given = draft({ params: { fast: '5' }, ...more });
    expect(draftOf({ spec: backtestSpecSchema.parse(specOf(given, { fast: 5 })) })).toEqual(given);
    for (const market of [null, 'simulated_1_0.05']) {
      const stored = { ...given, source: 'catalogue', market, instruments: ['A'], files: [] } as const;
      expect(specOf(stored, {}).data).toEqual({ kind: 'catalogue', market });
      expect(draftOf({ spec: backtestSpecSchema.parse(specOf(stored, { fast: 5 })) })).toEqual(stored);
    }
  });

  it('takes the name of the catalogue that need not be named for none', () => {
    const named = draft({ source: 'catalogue', market: 'binance', instruments: ['A'] });
    expect(draftOf({ spec: backtestSpecSchema.parse(specOf(named, {})) }).market).toBeNull();
  });

  it('has its faults beside its fields, before anything is sent', () => {
    expect(
      draftFaults({
        ...EMPTY_DRAFT,
        from: '2024-02-01',
        to: '2024-01-01',
        cash: '-1',
        size: '101',
        takerFeeBps: 'ten',
        feePerUnit: '-1',
        volumeShare: '200',
        yearDays: '400',
        interval: '',
      }),
    ).toEqual({
      strategy: 'needed',
      instruments: 'needed',
      interval: 'needed',
      to: 'order',
      cash: 'positive',
      size: 'percent',
      takerFeeBps: 'bps',
      feePerUnit: 'fee',
      volumeShare: 'percent',
      yearDays: 'yearDays',
    });
    expect(draftFaults(draft({ source: 'file', files: [{ instrument: 'A', path: '' }] }))).toEqual({ files: 'needed' });
    for (const slippageTicks of ['1.5', '-1', '', '1000001'])
      expect(draftFaults(draft({ slippage: 'ticks', slippageTicks }))).toEqual({ slippageTicks: 'ticks' });
    expect(draftFaults(draft({ sizing: 'volatility', size: '40', volatilityBars: '1' }))).toEqual({
      volatilityBars: 'bars',
    });
  });

  it('reads parameters by their ranges, and says nothing of those that were not typed', () => {
    const specs = {
      fast: { kind: 'integer', default: 9, min: 2, max: 200 },
      interval: { kind: 'choice', default: '1h', options: ['1h', '4h'] },
    } as const;
    const choices = { ...specs, interval: { ...specs.interval, options: [...specs.interval.options] } };
    expect(paramsOf(choices, { fast: '12' })).toEqual({ faults: {}, values: { fast: 12 } });
    expect(paramsOf(choices, { fast: '', interval: '4h' })).toEqual({ faults: {}, values: { interval: '4h' } });
    expect(Object.entries(choices).map(([name, each]) => followsData(name, each))).toEqual([false, true]);
    expect(paramsOf(choices, { fast: '1' })).toMatchObject({ faults: { fast: { code: 'range' } }, values: null });
  });

  it('costs something where a run on ticks took its slippage from the spread, which the form has no field for', () => {
    const spec = { ...parsed(), costs: { ...parsed().costs, slippage: { kind: 'spread', share: 1 } as const } };
    expect(draftOf({ spec })).toMatchObject({ slippage: 'rate', slippageBps: '0.5' });
  });

  it('finds the field that a fault of the server is about', () => {
    expect(placeOf('body.params.fast')).toEqual({ param: 'fast' });
    expect(placeOf('body.data.paths.1')).toEqual({ field: 'files' });
    expect(placeOf('body.costs.slippage.bps')).toEqual({ field: 'slippageBps' });
    expect(placeOf('body.costs.slippage.ticks')).toEqual({ field: 'slippageTicks' });
    expect(placeOf('body.seed')).toBeNull();
  });
});
