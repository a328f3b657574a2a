import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { instrumentId } from '@monsta/core';
import { expect, it, onTestFinished } from 'vitest';
import { strategiesSchema } from '../config/strategies.ts';
import { openStrategies } from './configured.ts';

const open = (given: readonly object[]) =>
  openStrategies(strategiesSchema.parse(given), [instrumentId('BTCUSDT')], ['1m', '1h']);

it('is opened with parameters for which its bars are collected', async () => {
  expect(await open([{ strategy: 'ema-cross', parameters: { interval: '1h' } }])).toMatchObject({ ok: true });
  expect(await open([{ strategy: 'ema-cross', parameters: { interval: '2h' } }])).toMatchObject({
    ok: false,
    fault: {
      code: 'strategy_intervals',
      message:
        'ema-cross: it wants bars of 2h, which are not collected: name the interval in collector.intervals of the configuration, or give parameters with which it wants others',
    },
  });
});

it.each(['manual', 'unknown'])("'%s' is the id of no strategy, neither given nor by its name", async (name) => {
  expect(strategiesSchema.safeParse([{ strategy: 'ema-cross', id: name }]).error?.issues).toMatchObject([
    { path: [0, 'id'], message: expect.stringContaining('take another') as string },
  ]);
  const folder = mkdtempSync(join(tmpdir(), 'monsta-ids-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'strategy.mjs');
  writeFileSync(file, `export default { name: '${name}', parameters: {}, intervals: () => ['1m'], onBar() {} };`);
  expect(await open([{ strategy: file }])).toMatchObject({
    ok: false,
    fault: { code: 'strategy_id_reserved', message: expect.stringContaining('give it an id') as string },
  });
  expect(await open([{ strategy: file, id: 'mine' }])).toMatchObject({ ok: true, value: [{ id: 'mine' }] });
});
