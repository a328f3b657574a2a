import { execFileSync } from 'node:child_process';
import { expectOk } from '@monsta/core';
import { describe, expect, it, onTestFinished } from 'vitest';
import { hoursOf, parquetRig, START } from './catalog.test-support.ts';

const HOUR_MS = 3_600_000;
/** A decimal that became a binary number would be printed otherwise. */
const POLARS = `
import polars, sys, json
frame = polars.scan_parquet(sys.argv[1] + '/**/*.parquet', hive_partitioning=True).sort('open_time').collect()
print(json.dumps([frame.height, str(frame['close'][0]), str(frame['close'].dtype), int(frame['open_time'][-1].timestamp()), str(frame['month'][-1])]))
`;
const PANDAS = `
import pandas, sys, json
frame = pandas.read_parquet(sys.argv[1]).sort_values('open_time')
print(json.dumps([len(frame), str(frame['close'].iloc[0]), type(frame['close'].iloc[0]).__name__, int(frame['open_time'].iloc[-1].timestamp()), str(int(frame['month'].iloc[-1]))]))
`;

function has(modules: string): boolean {
  try {
    execFileSync('python3', ['-c', `import ${modules}`], { stdio: 'ignore', timeout: 30_000 });
    return true;
  } catch {
    return false;
  }
}

describe('other programs read the catalogue as it is', () => {
  for (const [name, modules, script, decimal] of [
    ['polars', 'polars', POLARS, /^Decimal\(.*18.*8\)$/],
    ['pandas', 'pandas, pyarrow', PANDAS, /^Decimal$/],
  ] as const) {
    const present = has(modules);
    it.skipIf(!present)(
      `${name}${present ? '' : `: skipped, python3 has no ${modules}`}`,
      { timeout: 60_000 },
      async () => {
        const rig = parquetRig();
        onTestFinished(() => rig.dispose());
        expectOk(await rig.catalog.appendBars(hoursOf(700, 100)));
        const folder = `${rig.path}/kind=bars/instrument=BTCUSDT/interval=1h`;
        const said: unknown = JSON.parse(execFileSync('python3', ['-c', script, folder], { encoding: 'utf8' }));
        expect(said).toEqual([
          100,
          '40007.00000000',
          expect.stringMatching(decimal),
          (START + 799 * HOUR_MS) / 1_000,
          expect.stringMatching(/^0?2$/),
        ]);
      },
    );
  }
});
