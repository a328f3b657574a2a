import { describe, expect, it } from 'vitest';
import { monstaConfigSchema } from './schema.ts';

const faultsOf = (config: object): readonly string[] => {
  const parsed = monstaConfigSchema.safeParse(config);
  return (parsed.error?.issues ?? []).map(({ path, message }) => `${path.join('.')}: ${message}`);
};

describe('the intervals that are collected', () => {
  it('are those of before where nothing is said, and all of them are stored', () => {
    const { collector } = monstaConfigSchema.parse({});
    expect(collector.intervals).toEqual(['1m', '5m', '15m', '1h', '4h', '1d']);
    expect(collector.store.intervals).toBeNull();
    expect(collector.historyBars).toMatchObject({ '1m': 1_500, '1h': 8_760, '30m': 1_000, '1w': 200 });
  });

  it('may be any that are known; a month is none', () => {
    expect(faultsOf({ collector: { intervals: ['30m', '5m', '1h', '3d', '1w'] } })).toEqual([]);
    const alone = { roles: ['price-collector'] };
    expect(faultsOf({ ...alone, collector: { intervals: [] } })).toEqual([
      expect.stringContaining('collector.intervals: '),
    ]);
    expect(faultsOf({ ...alone, collector: { intervals: ['1M'] } })).toEqual([
      expect.stringContaining('months differ in length'),
    ]);
  });

  it('hold what is stored of them and learnt from', () => {
    expect(faultsOf({ collector: { store: { intervals: ['1h', '30m'] } } })).toEqual([
      'collector.store.intervals: 30m: not collected; name it in collector.intervals too',
    ]);
    expect(faultsOf({ models: { intervals: ['30m', '1h'] } })).toEqual([
      'models.intervals: 30m: not collected; name it in collector.intervals too',
    ]);
    expect(faultsOf({ roles: ['price-collector'], models: { intervals: ['30m', '1h'] } })).toEqual([]);
  });
});
