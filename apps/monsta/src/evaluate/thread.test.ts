import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { expectOk, seededRandom } from '@monsta/core';
import { VirtualClock } from '@monsta/testkit';
import { describe, expect, it, onTestFinished } from 'vitest';
import { catalogSchema } from '../config/catalog.ts';
import { requestFrom } from './request.ts';
import { startEvaluationThread } from './thread.ts';

const START = Date.UTC(2024, 0, 1);

function bars(count: number): string {
  const random = seededRandom(3);
  let close = 1_000;
  return Array.from({ length: count }, (_, hour) => {
    const open = close;
    close *= Math.exp(0.01 * random.gaussian());
    const cells = [open, Math.max(open, close), Math.min(open, close), close].map((each) => each.toFixed(4));
    return `${START + hour * 3_600_000},${cells.join(',')},5\n`;
  }).join('');
}

describe('the thread of an evaluation', () => {
  it.each([
    [
      'of its features',
      "export default { name: 'endless', bars: 1, value: () => { for (;;) if (globalThis.never) return 1; } };",
    ],
    ['that is loaded', 'for (;;) if (globalThis.never) break;\nexport default [];'],
  ])('is cut off where code %s never returns, whose file is named, and nothing was looked at', async (_where, text) => {
    const folder = mkdtempSync(join(tmpdir(), 'monsta-evaluate-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
    const [file, features] = [join(folder, 'bars.csv'), join(folder, 'endless.ts')];
    writeFileSync(file, bars(400));
    writeFileSync(features, `${text}\n`);
    const flags = { model: 'logistic-regression', bars: file, instrument: 'TEST', quote: 'T', features };
    const { report: _, ...request } = expectOk(requestFrom(flags));
    const clock = new VirtualClock();
    const thread = startEvaluationThread({
      ...{ dataDir: folder, catalog: catalogSchema.parse({}), request, clock, onProgress: () => undefined },
    });
    let over = false;
    void thread.ended.then(() => (over = true));
    // The thread needs real time until it is within the feature; from then on minutes pass at once.
    while (!over) {
      await clock.advance(100);
      await turn();
    }
    const ended = await thread.ended;
    expect(ended).toMatchObject({ ok: false, fault: { code: 'strategy_stuck' } });
    expect(ended.ok ? '' : ended.fault.message).toMatch(
      /^a feature of endless\.ts did not return while it was loaded or set up: it had run for 6\d\.\d s/,
    );
    expect(existsSync(join(folder, 'evaluations'))).toBe(false);
  });
});
