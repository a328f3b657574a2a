import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { instrumentId } from '@monsta/core';
import { expect, it, onTestFinished } from 'vitest';
import { strategiesSchema } from '../config/strategies.ts';
import { openStrategies } from './configured.ts';

const open = (given: readonly object[]) => openStrategies(strategiesSchema.parse(given), [instrumentId('BTCUSDT')]);

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
