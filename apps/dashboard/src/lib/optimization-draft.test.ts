import { optimizationSpecSchema, type ParameterSpecMessage } from '@monsta/contracts';
import { describe, expect, it } from 'vitest';
import { EMPTY_DRAFT, specOf } from './backtest-draft.ts';
import {
  EMPTY_OPTIMIZATION,
  firstRanges,
  optimizationDraftOf,
  optimizationPlaceOf,
  optimizationSpecOf,
  searchFaults,
  spaceOf,
  wholeRange,
  type OptimizationDraft,
  type RangeDraft,
} from './optimization-draft.ts';

const SPECS = {
  fast: { kind: 'integer', default: 9, min: 2, max: 200 },
  slow: { kind: 'integer', default: 26, min: 3, max: 500 },
  band: { kind: 'number', default: 0.5, min: 0, max: 10 },
  exits: { kind: 'boolean', default: true },
  interval: { kind: 'choice', default: '1h', options: ['1h', '4h'] },
} satisfies Record<string, ParameterSpecMessage>;

const range = (more: Partial<RangeDraft>): RangeDraft => ({ ...wholeRange(SPECS.fast), ...more });
const draft = (more: Partial<OptimizationDraft> = {}): OptimizationDraft => ({
  ...EMPTY_OPTIMIZATION,
  backtest: { ...EMPTY_DRAFT, strategy: 'own', instruments: ['BTCUSDT'] },
  ranges: firstRanges(SPECS),
  ...more,
});
const parsed = (given: OptimizationDraft, language: 'en' | 'ko' = 'en') => {
  const { space } = spaceOf(SPECS, given.ranges);
  if (space === null) throw new Error('the ranges are wrong');
  return optimizationSpecSchema.parse(optimizationSpecOf(given, specOf(given.backtest, {}), space, language));
};

describe('the form of an optimisation', () => {
  it('begins with two numbers over all that the strategy allows, tested as an optimisation usually is', () => {
    expect(searchFaults(draft())).toEqual({});
    const spec = parsed(draft());
    expect(spec).toMatchObject({
      space: { fast: { from: 2, to: 200 }, slow: { from: 3, to: 500 } },
      backtest: { strategy: 'own', params: {}, data: { kind: 'collected' } },
    });
    const { backtest } = spec;
    const usual = optimizationSpecSchema.parse({ backtest, space: spec.space, trials: 100 });
    expect(spec).toEqual(usual);
  });

  it('asks for a report in the language of the page', () => {
    expect(parsed(draft(), 'ko')).toEqual({ ...parsed(draft()), language: 'ko' });
  });

  it.each<Partial<OptimizationDraft>>([
    { sampler: 'grid', trials: '7', objective: 'maxDrawdown', mapReach: '0', seed: '12' },
    { objective: 'trades', direction: 'max', tested: false },
    { train: '90d', test: '12h', anchored: true, embargo: '1d', stopping: 'halving' },
    {
      ranges: {
        fast: range({ from: '5', to: '50', step: '5' }),
        slow: range({ kind: 'list', from: '3', to: '500', list: '20, 50' }),
        band: range({ from: '0.1', to: '10', log: true }),
        exits: range({ kind: 'list', from: '', to: '' }),
        interval: range({ kind: 'list', from: '', to: '', list: '4h' }),
      },
    },
  ])('comes back from what was run with it: %j', (more) => {
    const given = draft(more);
    const back = optimizationDraftOf({ spec: parsed(given) }, SPECS);
    expect(back).toEqual(given);
  });

  it('that searches everything shows everything that is searched', () => {
    const spec = optimizationSpecSchema.parse({ backtest: specOf(draft().backtest, {}), space: null });
    expect(Object.keys(optimizationDraftOf({ spec }, SPECS).ranges)).toEqual(['fast', 'slow', 'band', 'exits']);
    const pair = optimizationSpecSchema.parse({ ...spec, space: { fast: [4, 8], gone: [1, 2] } });
    expect(optimizationDraftOf({ spec: pair }, SPECS).ranges).toEqual({ fast: range({ from: '4', to: '8' }) });
  });

  it('has its faults beside its fields, before anything is sent', () => {
    expect(
      searchFaults(draft({ ranges: {}, trials: '0', train: 'long', embargo: '', mapReach: '11', seed: '-1' })),
    ).toEqual({
      ...{ ranges: 'needed', trials: 'trials', train: 'span', embargo: 'span', mapReach: 'reach', seed: 'seed' },
    });
    // What is not tested has no windows.
    expect(searchFaults(draft({ tested: false, train: 'long' }))).toEqual({});
  });

  it.each([
    ['fast', { from: '1', to: '9' }, 'integer'],
    ['fast', { from: '2.5', to: '9' }, 'integer'],
    ['fast', { from: '', to: '9' }, 'integer'],
    ['band', { from: '0', to: '11' }, 'number'],
    ['fast', { from: '9', to: '5' }, 'order'],
    ['fast', { from: '5', to: '9', step: '0.5' }, 'step'],
    ['band', { from: '0', to: '9', log: true }, 'log'],
    ['band', { from: '1', to: '9', log: true, step: '1' }, 'log'],
    ['fast', { kind: 'list', list: '5, 1000' }, 'list'],
    ['fast', { kind: 'list', list: ' , ' }, 'list'],
    ['interval', { kind: 'list', list: '2h' }, 'list'],
  ] as const)('finds what is wrong with a range of %s: %j', (name, more, code) => {
    const { faults, space } = spaceOf(SPECS, { [name]: range(more) });
    expect([faults[name]?.code, space]).toEqual([code, null]);
  });

  it('finds the field that a fault of the server is about', () => {
    expect(optimizationPlaceOf('body.backtest.params.fast')).toEqual({ param: 'fast' });
    expect(optimizationPlaceOf('body.backtest.data.paths.0')).toEqual({ field: 'files' });
    expect(optimizationPlaceOf('body.space')).toEqual({ search: 'ranges' });
    expect(optimizationPlaceOf('body.walkForward.train')).toEqual({ search: 'train' });
    expect(optimizationPlaceOf('body.ahead')).toBeNull();
  });
});
