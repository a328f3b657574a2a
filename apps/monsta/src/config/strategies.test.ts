import { describe, expect, it } from 'vitest';
import { strategiesSchema, strategyFaults } from './strategies.ts';

const ROLE = {
  allocationPpm: 95_000,
  risk: { positionPpmMax: 100_000, dailyLossPpmMax: 50_000, drawdownPpmMax: 200_000 },
};

/** The faults of one strategy with these settings, each as `key: message`. */
function faultsOf(given: object): readonly string[] {
  const strategies = strategiesSchema.parse([{ strategy: 'ema-cross', ...given }]);
  const faults = strategyFaults({ venue: { instruments: null }, trading: { strategies, role: ROLE } });
  return faults.map(({ path, message }) => `${path.join('.')}: ${message}`);
}
const LIMITS = 'trading.strategies.0.limits';

describe('the limits of a strategy', () => {
  it.each([
    ['positionPpmMax', 95_000, 94_999, 'must not be below its allocation (95000), or its entries are denied'],
    ['exposurePpmMax', 95_000, 94_999, 'must not be below its allocation (95000), or its entries are denied'],
    [
      'dailyLossPpmMax',
      50_000,
      50_001,
      'must not be above trading.role.risk.daily_loss_ppm_max (50000), which stops the whole account before it',
    ],
    [
      'drawdownPpmMax',
      200_000,
      200_001,
      'must not be above trading.role.risk.drawdown_ppm_max (200000), which stops the whole account before it',
    ],
  ])('%s is taken at %i and refused at %i', (key, good, bad, message) => {
    expect(faultsOf({ limits: { [key]: good } })).toEqual([]);
    expect(faultsOf({ limits: { [key]: bad } })).toEqual([`${LIMITS}.${key}: ${message}`]);
  });

  it('are held against its own allocation where it has one', () => {
    expect(faultsOf({ allocationPpm: 20_000, limits: { positionPpmMax: 20_000 } })).toEqual([]);
    expect(faultsOf({ allocationPpm: 20_001, limits: { positionPpmMax: 20_000 } })).toEqual([
      `${LIMITS}.positionPpmMax: must not be below its allocation (20001), or its entries are denied`,
    ]);
  });

  it('are told together, and nothing is said of those that are not set', () => {
    expect(faultsOf({ limits: {} })).toEqual([]);
    expect(faultsOf({ limits: { openPositionsMax: 1 } })).toEqual([]);
    expect(faultsOf({ limits: { positionPpmMax: 1, exposurePpmMax: 1, drawdownPpmMax: 1_000_000 } })).toHaveLength(3);
  });
});

it('an allocation above what one position may be is refused, since every entry would be denied', () => {
  expect(faultsOf({ allocationPpm: 100_000 })).toEqual([]);
  expect(faultsOf({ allocationPpm: 100_001 })).toEqual([
    'trading.strategies.0.allocationPpm: must not be above trading.role.risk.position_ppm_max (100000), or every entry is denied',
  ]);
});
