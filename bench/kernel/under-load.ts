import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import type { BenchOptions, BenchReport } from '../report.ts';
import { BEGIN_MS, writeTape } from '../../tests/support/tape.test-support.ts';
import { seededRandom } from '@monsta/core';
import { bucketsOf, countOf, quantileOf, since, sumOf, type Buckets } from './exposition.ts';

const MAIN = resolve(import.meta.dirname, '../../apps/monsta/src/main.ts');
const ROLES = ['price-collector', 'ai-trading', 'websocket-server', 'api-gateway'] as const;
/** Least inputs a second that mean that trading is live and the stream runs. */
const LIVE_INPUTS = 200;
const PATIENCE_MS = 120_000;

const pause = (ms: number): Promise<void> => new Promise((done) => void setTimeout(done, ms));

/** The same timers in this process, which has nothing else to do: what the machine itself makes late. */
function watchOwnTimers(): { p99Ms(): number } {
  const lateMs: number[] = [];
  let running = true;
  const next = (): void => {
    const dueMs = performance.now() + 20;
    setTimeout(() => {
      lateMs.push(Math.max(0, performance.now() - dueMs));
      if (running) next();
    }, 20);
  };
  next();
  return {
    p99Ms: () => {
      running = false;
      lateMs.sort((left, right) => left - right);
      return lateMs[Math.floor(lateMs.length * 0.99)] ?? Number.NaN;
    },
  };
}

interface Reading {
  readonly kernel: Buckets;
  readonly timers: Buckets;
  readonly processorSeconds: number;
  readonly trainings: number;
  readonly trainingSeconds: number;
  readonly lost: number;
  readonly atMs: number;
}

function read(text: string): Reading {
  return {
    kernel: bucketsOf(text, 'monsta_trading_kernel_seconds'),
    timers: bucketsOf(text, 'monsta_trading_timer_lateness_seconds'),
    processorSeconds: sumOf(text, 'process_cpu_seconds_total'),
    trainings: sumOf(text, 'monsta_model_training_seconds_count'),
    trainingSeconds: sumOf(text, 'monsta_model_training_seconds_sum'),
    lost: sumOf(text, 'monsta_trading_lost_inputs_total'),
    atMs: performance.now(),
  };
}

interface Measured {
  readonly kernelP50Ms: number;
  readonly kernelP99Ms: number;
  readonly latenessP99Ms: number;
  /** Of an idle process in the same time. */
  readonly idleLatenessP99Ms: number;
  readonly inputsPerSecond: number;
  readonly processors: number;
  readonly trainings: number;
  /** Of those that ended in the time, pauses for others included. */
  readonly trainingSeconds: number;
  readonly lost: number;
  /** In which share of the looks, two a second, a training was under way. */
  readonly trainingShare: number;
}

/** How fast the recording is played: a trade, a quote and a change of the book every 2 s of it. */
const SPEED = 40;
const TAPE_MINUTES = 240;
const MINUTE_MS = 60_000;
const HISTORY_BARS = 150_000;
const PRICES = { BTCUSDT: 60_000, ETHUSDT: 2_500, BNBUSDT: 500, SOLUSDT: 150, XRPUSDT: 60 };
/** What is trained meanwhile: trainings one after the other that last longer than the measurement. */
const TRAININGS = {
  /** All of the history at once, with as many folds as are allowed. */
  linear: {
    executors: [{ name: 'logistic-regression' }],
    ...{ intervals: ['1m', '5m', '15m'], history_bars_max: 200_000, folds: 100, resamples: 20_000 },
  },
  /** Trees of every kind on 60,000 rows of all features. */
  trees: {
    executors: ['xgboost', 'lightgbm', 'random-forest'].map((name) => ({ name })),
    ...{ intervals: ['1m'], history_bars_max: 60_000, folds: 10 },
  },
} as const;
type TrainingKind = keyof typeof TRAININGS;

/** A made-up recording of five instruments, and minutes of one of them before it. */
function writeMarket(directory: string, seed: number): { readonly tape: string; readonly history: string } {
  const [tape, history] = [join(directory, 'tape.ndjson'), join(directory, 'BTCUSDT-1m.csv')];
  writeTape(tape, PRICES, TAPE_MINUTES, seed);
  const random = seededRandom(seed);
  let at = PRICES.BTCUSDT;
  const rows: string[] = [];
  for (let bar = HISTORY_BARS; bar > 0; bar -= 1) {
    at *= 1 + (random.next() - 0.5) * 0.000_4;
    const text = at.toFixed(2);
    rows.push(`${BEGIN_MS - bar * MINUTE_MS},${text},${text},${text},${text},1`);
  }
  writeFileSync(history, `${rows.join('\n')}\n`);
  return { tape, history };
}

/** The real program on such a market for a while; what its trading thread's own metrics say of that time. */
async function measure(seed: number, training: TrainingKind | null, seconds: number): Promise<Measured> {
  const directory = mkdtempSync(join(tmpdir(), 'monsta-bench-'));
  const file = join(directory, 'config.json');
  const roles = training === null ? ROLES : [...ROLES, 'model-server'];
  writeFileSync(file, JSON.stringify({ roles, ...(training === null ? {} : { models: TRAININGS[training] }) }));
  const { tape, history } = writeMarket(directory, seed);
  const venue = ['--venue', 'replay', '--recording', tape, '--history', history, '--speed', String(SPEED)];
  const flags = ['--config', file, '--port', '0', '--data-dir', join(directory, 'data'), ...venue];
  const child = spawn(process.execPath, [MAIN, 'start', '--json', ...flags, '--log-level', 'error'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
    const { url } = JSON.parse(line) as { readonly url: string };
    const reading = async (): Promise<Reading> => read(await (await fetch(`${url}/metrics`)).text());
    const until = performance.now() + PATIENCE_MS;
    let before = await reading();
    while (countOf(before.kernel) < LIVE_INPUTS) {
      if (performance.now() > until) throw new Error(`trading was not live within ${PATIENCE_MS / 1_000} s`);
      await pause(500);
      before = await reading();
    }
    // What starting costs is not what running costs.
    await pause(3_000);
    const isTraining = async (): Promise<boolean> => {
      const reply = (await (await fetch(`${url}/api/v1/models`)).json()) as { readonly training?: object | null };
      return (reply.training ?? null) !== null;
    };
    while (training !== null && !(await isTraining())) {
      if (performance.now() > until) throw new Error(`no training began within ${PATIENCE_MS / 1_000} s`);
      await pause(500);
    }
    before = await reading();
    const own = watchOwnTimers();
    let [looks, trainingLooks] = [0, 0];
    for (const endMs = performance.now() + seconds * 1_000; performance.now() < endMs; looks += 1) {
      if (await isTraining()) trainingLooks += 1;
      await pause(500);
    }
    const idleLatenessP99Ms = own.p99Ms();
    const after = await reading();
    const [kernel, timers] = [since(after.kernel, before.kernel), since(after.timers, before.timers)];
    const took = (after.atMs - before.atMs) / 1_000;
    const ms = (buckets: Buckets, q: number): number => (quantileOf(buckets, q) ?? Number.NaN) * 1_000;
    return {
      kernelP50Ms: ms(kernel, 0.5),
      kernelP99Ms: ms(kernel, 0.99),
      latenessP99Ms: ms(timers, 0.99),
      idleLatenessP99Ms,
      inputsPerSecond: countOf(kernel) / took,
      processors: (after.processorSeconds - before.processorSeconds) / took,
      trainings: after.trainings - before.trainings,
      trainingSeconds: after.trainingSeconds - before.trainingSeconds,
      lost: after.lost - before.lost,
      trainingShare: trainingLooks / looks,
    };
  } finally {
    child.kill('SIGTERM');
    if (child.exitCode === null) await once(child, 'exit');
    rmSync(directory, { recursive: true, force: true });
  }
}

/**
 * The trading thread of the real program (bridge, ledger, journal, paper venue) while the main thread serves a market and collects it and another trains models all the time; beside the same
 * without training. Figures are the thread's own, from `/metrics`, interpolated within their buckets.
 */
export async function underLoad({ rounds, seed, settings, log }: BenchOptions): Promise<BenchReport> {
  const seconds = Number(settings['seconds'] ?? 40);
  if (!(seconds >= 5 && seconds <= 3_600)) throw new RangeError(`seconds=${seconds}: 5 to 3600`);
  const kind = settings['training'] ?? 'trees';
  if (kind !== 'trees' && kind !== 'linear') throw new RangeError(`training=${kind}: trees or linear`);
  const quiet: Measured[] = [];
  const loaded: Measured[] = [];
  const load: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    load.push(loadavg()[0] ?? 0);
    for (const training of [null, kind] as const) {
      const measured = await measure(seed, training, seconds);
      (training === null ? quiet : loaded).push(measured);
      log(
        `round ${round + 1}, ${training === null ? 'without training' : `training ${training}`}: ${JSON.stringify(measured)}`,
      );
    }
  }
  const of = (name: string, runs: readonly Measured[], key: keyof Measured, aimAtMost?: number) => ({
    name,
    unit: 'ms',
    better: 'lower' as const,
    samples: runs.map((run) => run[key]),
    ...(aimAtMost === undefined ? {} : { aimAtMost }),
  });
  const least = (runs: readonly Measured[], key: keyof Measured): number => Math.min(...runs.map((run) => run[key]));
  return {
    title: 'The trading thread of the real program under a training run and a full stream of market data',
    cases: [
      of('kernel p50 of one input, training', loaded, 'kernelP50Ms'),
      of('kernel p99 of one input, training', loaded, 'kernelP99Ms', 0.2),
      of('timer lateness p99, training', loaded, 'latenessP99Ms', 20),
      of('timer lateness p99 of an idle process meanwhile, training', loaded, 'idleLatenessP99Ms'),
      of('kernel p50 of one input, no training', quiet, 'kernelP50Ms'),
      of('kernel p99 of one input, no training', quiet, 'kernelP99Ms'),
      of('timer lateness p99, no training', quiet, 'latenessP99Ms'),
      of('timer lateness p99 of an idle process meanwhile, no training', quiet, 'idleLatenessP99Ms'),
    ],
    comparisons: [],
    facts: {
      seconds,
      instruments: Object.keys(PRICES).length,
      speed: SPEED,
      'inputs a second, training, least': Math.round(least(loaded, 'inputsPerSecond')),
      'inputs a second, no training, least': Math.round(least(quiet, 'inputsPerSecond')),
      'processors in use, training, least': Number(least(loaded, 'processors').toFixed(2)),
      'processors in use, no training, least': Number(least(quiet, 'processors').toFixed(2)),
      'training under way, least share of the time': least(loaded, 'trainingShare'),
      'trained meanwhile': kind,
      'trainings ended in the time, least': least(loaded, 'trainings'),
      'seconds of those, least': Number(least(loaded, 'trainingSeconds').toFixed(1)),
      'inputs lost': [...loaded, ...quiet].reduce((sum, run) => sum + run.lost, 0),
      'load of the machine before, least': Number(Math.min(...load).toFixed(2)),
    },
    skipped: null,
  };
}
