import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { systemClock } from '@monsta/clock-system';
import { expectOk, instrumentId, seededRandom } from '@monsta/core';
import { CORE_SET, emptyBarColumns, runSteps, writeBar, type BarColumns } from '@monsta/features';
import { trainingSteps, type Trainer, type TrainingTask } from '@monsta/model-server';
import { modelServerConfigSchema } from '@monsta/model-server/config';
import { recordingTelemetry } from '@monsta/testkit';
import { afterEach, describe, expect, it } from 'vitest';
import { TrainingThread, type TrainingThreadOptions } from '../../../apps/monsta/src/models/training-thread.ts';

const WORKER = new URL('../../../apps/monsta/src/models/training-worker.ts', import.meta.url);
const config = modelServerConfigSchema.parse({ resamples: 200 });

/** Hours whose moves lean back against the last one. */
function someBars(length: number, seed = 7): BarColumns {
  const columns = emptyBarColumns('1h', length);
  const random = seededRandom(seed);
  let [close, move] = [100, 0];
  for (let index = 0; index < length; index += 1) {
    const open = close;
    move = -0.4 * move + 0.005 * random.gaussian();
    close *= Math.exp(move);
    const [high, low] = [Math.max(open, close), Math.min(open, close)];
    writeBar(columns, index, { openTimeMs: index * 3_600_000, open, high, low, close, volume: 1 + random.next() });
  }
  return columns;
}

const taskOf = (bars: number): TrainingTask => ({
  ...{ instrument: instrumentId('BTCUSDT'), interval: '1h', config, serving: null },
  executor: { name: 'logistic-regression', parameters: {} },
  ...{ features: CORE_SET.declaration, columns: someBars(bars), others: new Map() },
  judgement: { look: { count: 1, of: '', fromMs: 0, toMs: 0, bars: 0 }, open: true },
});

const opened: Trainer[] = [];
const directories: string[] = [];
afterEach(async () => {
  for (const trainer of opened.splice(0)) await trainer.close();
  for (const directory of directories.splice(0)) rmSync(directory, { recursive: true, force: true });
});

function open(change: Partial<TrainingThreadOptions> = {}) {
  const telemetry = recordingTelemetry();
  const trainer = new TrainingThread({
    ...{ clock: systemClock(), logger: telemetry.logger, trainingMsMax: 60_000, memoryMbMax: 512 },
    ...change,
  });
  opened.push(trainer);
  return trainer;
}

const untilDone = () => ({ signal: new AbortController().signal, urgent: false, onProgress: () => {} });

/** A thread's module that dies of its first task while a file is there, and is the real one otherwise. */
function mortal(): URL {
  const directory = mkdtempSync(join(tmpdir(), 'monsta-training-'));
  directories.push(directory);
  const [mark, module] = [join(directory, 'mark'), join(directory, 'worker.mjs')];
  writeFileSync(mark, '');
  writeFileSync(
    module,
    `import { existsSync, rmSync } from 'node:fs';
     import { parentPort } from 'node:worker_threads';
     const mark = ${JSON.stringify(mark)};
     if (existsSync(mark)) parentPort.on('message', () => { rmSync(mark); process.exit(3); });
     else await import(${JSON.stringify(WORKER.href)});`,
  );
  return pathToFileURL(module);
}

/** The nice value of each thread of this process. */
function niceValues(): number[] {
  return readdirSync('/proc/self/task').flatMap((thread) => {
    const file = `/proc/self/task/${thread}/stat`;
    if (!existsSync(file)) return [];
    // Behind the name, which may hold anything: state is the third field, nice the nineteenth.
    const fields = readFileSync(file, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
    return [Number(fields[16])];
  });
}

describe('a training on a thread of its own', () => {
  it('learns what the same steps learn here, tells how far it is, and takes the columns with it', async () => {
    const led = {
      id: 'led',
      version: 1,
      features: [{ feature: 'log_return' }, { feature: 'other_return', of: 'ETHUSDT' }],
    };
    const ask = (): TrainingTask => ({
      ...taskOf(4_000),
      features: led,
      others: new Map([['ETHUSDT', someBars(4_000, 8)]]),
    });
    const here = expectOk(runSteps(trainingSteps(ask())));
    const task = ask();
    const shares: number[] = [];
    const trainer = open();
    const there = expectOk(
      await trainer.train(task, { ...untilDone(), onProgress: (share) => void shares.push(share) }),
    );
    expect(there).toEqual(here);
    expect([task.columns, ...task.others.values()].map(({ close }) => close.byteLength)).toEqual([0, 0]);
    expect(shares.length).toBeGreaterThan(0);
    expect(shares).toEqual(shares.toSorted((one, other) => one - other));
    expect(shares.every((share) => share >= 0 && share <= 1)).toBe(true);
  });

  it.runIf(process.platform === 'linux')(
    'gives way to every other thread, but not while somebody waits for it',
    async () => {
      const lowest = (): number => niceValues().filter((value) => value === 19).length;
      const before = lowest();
      const trainer = open();
      for (const [urgent, lower] of [
        [true, 0],
        [false, 1],
        [true, 0],
      ] as const) {
        expectOk(await trainer.train(taskOf(2_000), { ...untilDone(), urgent }));
        expect(lowest() - before).toBe(lower);
      }
    },
  );

  it('is canceled between two steps, and the thread trains on', async () => {
    const trainer = open();
    const stop = new AbortController();
    const canceled = trainer.train(taskOf(50_000), {
      ...untilDone(),
      ...{ signal: stop.signal, onProgress: () => stop.abort() },
    });
    expect(await canceled).toMatchObject({ ok: false, fault: { code: 'training_canceled' } });
    expectOk(await trainer.train(taskOf(2_000), untilDone()));
    stop.abort();
    expect(await trainer.train(taskOf(2_000), { ...untilDone(), signal: stop.signal })).toMatchObject({
      fault: { code: 'training_canceled' },
    });
  });

  it('is given up when it takes too long, and says which setting bounds it', async () => {
    const trainer = open({ trainingMsMax: 50 });
    const late = await trainer.train(taskOf(60_000), untilDone());
    expect(late).toMatchObject({ ok: false, fault: { code: 'training_timeout', retry: 'retryable' } });
    expect(late.ok ? '' : late.fault.message).toContain('models.training_ms_max');
  });

  it('is a fault when the thread dies, and the next one has another', async () => {
    const trainer = open({ module: mortal() });
    const first = await trainer.train(taskOf(2_000), untilDone());
    expect(first).toMatchObject({ ok: false, fault: { code: 'training_broken', retry: 'retryable' } });
    expectOk(await trainer.train(taskOf(2_000), untilDone()));
  });

  it('says that it wanted more memory than it may have', async () => {
    const trainer = open({ memoryMbMax: 4 });
    const first = await trainer.train(taskOf(2_000), untilDone());
    expect(first).toMatchObject({ ok: false, fault: { code: 'training_broken' } });
    expect(first.ok ? '' : first.fault.message).toContain('models.training_memory_mb_max');
  });

  it('comes after another, and ends with the trainer', async () => {
    const trainer = open();
    const both = await Promise.all([1, 2].map(() => trainer.train(taskOf(2_000), untilDone())));
    expect(both.map(({ ok }) => ok)).toEqual([true, true]);
    const begun = trainer.train(taskOf(60_000), untilDone());
    await trainer.close();
    expect(await begun).toMatchObject({ fault: { code: 'training_canceled' } });
    expect(await trainer.train(taskOf(2_000), untilDone())).toMatchObject({ fault: { code: 'training_canceled' } });
  });

  it('refuses columns that can not be trained on with the same words as here', async () => {
    const trainer = open();
    const fault = await trainer.train(taskOf(300), untilDone());
    expect(fault).toMatchObject({ ok: false, fault: { code: 'rows_too_few', details: { bars: 300 } } });
  });
});
