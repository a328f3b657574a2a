import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { MonstaClient } from '@monsta/client';
import { MS_PER_HOUR } from '@monsta/core';
import { call, startWorld, type Answer, type World, type WorldOptions } from './world.test-support.ts';

/** When the bars of `waves.csv` begin. */
export const T0 = Date.UTC(2024, 0, 1);

/** Hours of a price that swings, so that averages cross. */
function waves(hours: number): string {
  const lines = ['openTimeMs,open,high,low,close,volume'];
  let close = 100;
  for (let hour = 0; hour < hours; hour += 1) {
    const open = close;
    close = Number((100 + 10 * Math.sin(hour / 15) + hour / 200).toFixed(2));
    const [high, low] = [Math.max(open, close) + 0.2, Math.min(open, close) - 0.2];
    lines.push(`${T0 + hour * MS_PER_HOUR},${open},${high.toFixed(2)},${low.toFixed(2)},${close},5`);
  }
  return `${lines.join('\n')}\n`;
}

/** A world with a file of bars and an empty folder of strategies. */
export async function backtestWorld(options: WorldOptions = {}): Promise<{ world: World; client: MonstaClient }> {
  const world = await startWorld(options);
  mkdirSync(join(world.folder, 'data'));
  mkdirSync(join(world.folder, 'strategies'));
  writeFileSync(join(world.folder, 'data/waves.csv'), waves(3_000));
  return { world, client: new MonstaClient({ baseUrl: world.url, token: world.token }) };
}

/** A strategy file with a parameter and the handlers given. */
export const strategyFile = (body: string): string =>
  `import { defineStrategy } from 'monsta';\nexport default defineStrategy({ name: 'own', parameters: { level: { kind: 'integer', default: 3, min: 1, max: 9 } }, intervals: () => ['1h'], ${body} });\n`;

/** A call with the admin token. */
export const change = (world: World, path: string, method: string, body: unknown): Promise<Answer> =>
  call(world, path, {
    method,
    headers: { authorization: `Bearer ${world.token}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
