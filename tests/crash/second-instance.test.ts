import { cpSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { LiveWorld } from '../support/live-world.test-support.ts';
import type { RunningProgram } from '../support/program.test-support.ts';

it(
  'a second program for one account of an exchange does not start, and does once the first was killed',
  { timeout: 180_000 },
  async () => {
    const world = await LiveWorld.open(11);
    onTestFinished(() => world.close());
    const strategy = world.strategy('idle', '');
    const flags = ['--instruments', 'BTCUSDT'];
    const first = await world.start(strategy, {}, ...flags);
    onTestFinished(() => first.kill());
    const other = join(world.folder, 'other');
    mkdirSync(other);
    for (const name of ['secrets.sqlite', 'secrets.key']) cpSync(join(world.data, name), join(other, name));
    const second = (): Promise<RunningProgram> => world.startIn(other, strategy, {}, ...flags);
    const refused = await second();
    expect(await refused.exited()).toBe(1);
    const error = refused.document['error'] as { readonly code: string; readonly message: string } | undefined;
    expect(error?.code).toBe('account_in_use');
    expect(error?.message).toMatch(/is traded by the monsta with pid \d+ on \S+, since \S+ \(data directory .*data\)/);
    await first.kill();
    const next = await second();
    expect(next.document['tradingMode']).toBe('live');
    expect(await next.stop()).toBe(0);
  },
);
