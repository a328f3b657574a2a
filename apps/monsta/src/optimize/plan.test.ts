import { aiTradingConfigSchema } from '@monsta/ai-trading/config';
import { expect, it } from 'vitest';
import { prepareOptimization } from './execute.ts';
import { barFile, specOf, testFolder } from './optimize.test-support.ts';

const role = aiTradingConfigSchema.parse({});

it.each([
  [{ space: { fast: [0, 5], slo: [1, 2] } }, 'space_invalid', /'fast': 0 is no whole number.*'slo' is unknown/],
  [{ objective: 'sharp' }, 'objective_unknown', /'sharp' is no statistic; there are: .*sharpe/],
  [{ objective: 'trades' }, 'objective_unknown', /trades:max or trades:min/],
  [{ sampler: 'grid' }, 'optimization_sampler', /the grid has 969 points, and there may be 12 trials/],
  [{ sampler: 'cma-es', space: { interval: null } }, 'optimization_sampler', /'interval' has none/],
  [
    { walkForward: { train: '60d', test: '10d' } },
    'walk_forward_short',
    /the data spans 25d, and one window needs 70d/,
  ],
  [{ walkForward: { train: '1m', test: '10d' } }, 'walk_forward_short', /at least one bar/],
  [
    {
      backtest: {
        strategy: 'sma-cross',
        data: { kind: 'ticks', paths: ['tape.ndjson'] },
        instruments: ['BTCUSDT'],
      },
    },
    'optimization_spec',
    /runs on bars.*give --bars, and backtest the choice with --ticks/,
  ],
])('%j is refused as %s', async (given, code, message) => {
  const made = await prepareOptimization(specOf(barFile(testFolder(), 600), given), { role });
  expect(made).toMatchObject({ ok: false, fault: { code, message: expect.stringMatching(message) as string } });
});

it('windows are cut in whole bars, and end with the data', async () => {
  const spec = specOf(barFile(testFolder(), 600), {
    walkForward: { train: '10d', test: '33%', embargo: '5h', anchored: true },
  });
  const made = await prepareOptimization(spec, { role });
  if (!made.ok) throw new Error(made.fault.message);
  const hours = (ms: number): number => (ms - Date.UTC(2024, 0, 1)) / 3_600_000;
  expect(
    made.value.plan.options.windows.map(({ train, test }) =>
      [train, test].map((span) => [hours(span?.fromMs ?? 0), hours(span?.toMs ?? 0)]),
    ),
  ).toEqual([
    [
      [0, 397],
      [402, 600],
    ],
  ]);
  expect(made.value.plan.trialsMax).toBe(12);
});
