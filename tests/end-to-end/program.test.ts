import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MonstaClient, MonstaSocket, unwrap } from '@monsta/client';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { getJson, startProgram, textOf, until, type RunningProgram } from '../support/program.test-support.ts';

const folder = mkdtempSync(join(tmpdir(), 'monsta-e2e-'));
const data = join(folder, 'data');
/** On its defaults in all things, models of every kind included. */
const start = (): Promise<RunningProgram> =>
  startProgram(['--port', '0', '--data-dir', data, '--log-level', 'warn'], { MONSTA_MODELS__EXECUTORS: undefined });
const ready = async (base: string): Promise<boolean> => (await fetch(`${base}/readyz`)).status === 200;

describe('the program on its defaults', { timeout: 120_000 }, () => {
  let program: RunningProgram;
  let base: string;
  let token: string;

  beforeAll(async () => {
    program = await start();
    base = textOf(program, 'url');
    token = textOf(program, 'adminToken');
    await until(() => ready(base), Boolean, 60_000, 'readiness');
  }, 120_000);
  afterAll(async () => {
    await program.kill();
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  });

  it('says that its market is simulated, in the first document and in the status', async () => {
    expect(program.document).toMatchObject({
      venue: 'simulated',
      origin: 'simulated',
      accountId: 'paper:simulated:1:0.05',
    });
    const status = unwrap(await new MonstaClient({ baseUrl: base }).status());
    expect(status.origin).toBe('simulated');
    expect(status.disclosure).toMatch(/simulated/i);
    expect(status.trading).toMatchObject({ mode: 'paper', state: 'ACTIVE' });
  });

  it('has bars of all intervals, a book, trades, the paper account, and a prediction or its stated absence', async () => {
    for (const interval of ['1m', '5m', '15m', '1h', '4h', '1d']) {
      const { items } = await getJson<{ items: { closed: boolean }[] }>(
        `${base}/api/v1/bars?instrument=ETHUSDT&interval=${interval}&limit=50`,
      );
      expect(items, interval).toHaveLength(50);
      expect(items.filter((bar) => !bar.closed).length, interval).toBeLessThanOrEqual(1);
    }
    const book = await getJson<{ bids: [string, string][]; asks: [string, string][] }>(
      `${base}/api/v1/book?instrument=ETHUSDT`,
    );
    expect(Number(book.bids[0]?.[0])).toBeLessThan(Number(book.asks[0]?.[0]));
    const account = await until(
      () => getJson<{ equity: string | null }>(`${base}/api/v1/account`),
      ({ equity }) => equity !== null,
      30_000,
      'the account',
    );
    expect(Number(account.equity)).toBeGreaterThan(9_000);
    const { items } = await until(
      () =>
        getJson<{ items: { model: string; probabilityUp: number | null; absence: { code: string } | null }[] }>(
          `${base}/api/v1/predictions?instrument=ETHUSDT`,
        ),
      // The program is ready with these; trees are trained in the background.
      (page) =>
        page.items.every(({ model, absence }) => model !== 'logistic-regression' || absence?.code !== 'training'),
      60_000,
      'predictions',
    );
    for (const model of ['logistic-regression', 'xgboost', 'lightgbm', 'random-forest'])
      expect(
        items.filter((item) => item.model === model),
        model,
      ).toHaveLength(2);
    for (const prediction of items) expect(prediction.probabilityUp === null).toBe(prediction.absence !== null);
  });

  it('streams live bars, books and trades', async () => {
    const socket = new MonstaSocket({ url: `${base.replace('http', 'ws')}/ws` });
    const seen = new Set<string>();
    for (const topic of ['bars.BTCUSDT.1m', 'trades.BTCUSDT', 'book.BTCUSDT', 'account'] as const)
      socket.subscribe(topic, () => seen.add(topic));
    socket.connect();
    const topics = await until(
      () => Promise.resolve(seen.size),
      (size) => size === 4,
      20_000,
      'a message of every topic',
    );
    expect(topics).toBe(4);
    socket.close();
  });

  it('shows the metrics of both of its threads, in names of one scheme', async () => {
    const text = await (await fetch(`${base}/metrics`)).text();
    expect(text).toMatch(/^monsta_collector_/m);
    expect(text).toMatch(/^monsta_trading_/m);
    const helps = [...text.matchAll(/^# HELP (\S+)/gm)].map((match) => match[1]);
    expect(new Set(helps).size).toBe(helps.length);
  });

  it('halts at the kill switch, stays halted through a restart, and resumes only by a person', async () => {
    const change = (body: unknown, bearer: string | null): Promise<Response> =>
      fetch(`${base}/api/v1/trading/state`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          ...(bearer === null ? {} : { authorization: `Bearer ${bearer}` }),
        },
        body: JSON.stringify(body),
      });
    expect((await change({ state: 'HALTED', reason: 'test' }, null)).status).toBe(401);
    const halted = await change({ state: 'HALTED', reason: 'test', flatten: true }, token);
    expect(await halted.json()).toMatchObject({ state: 'HALTED', by: 'user', reason: 'test' });
    const began = performance.now();
    expect(await program.stop()).toBe(0);
    expect(performance.now() - began).toBeLessThan(10_000);
    program = await start();
    expect(program.document['adminToken']).toBeNull();
    base = textOf(program, 'url');
    const state = await until(
      () => getJson<{ state: string; by: string }>(`${base}/api/v1/trading/state`),
      ({ by }) => by === 'user',
      30_000,
      'the state',
    );
    expect(state).toMatchObject({ state: 'HALTED', by: 'user' });
    await until(() => ready(base), Boolean, 60_000, 'readiness after the restart');
    const resumed = await change({ state: 'ACTIVE', reason: 'all is well' }, token);
    expect(await resumed.json()).toMatchObject({ state: 'ACTIVE', by: 'user' });
  });

  it('refuses a second process on the same data directory', async () => {
    const second = await start();
    expect(second.document).toMatchObject({ error: { code: 'data_dir_locked' } });
    expect(await second.exited()).toBe(1);
  });
});

/** Sees one thing of the market, and says so in the only way that ends it. */
const SEEING = `import { defineStrategy } from 'monsta';
export default defineStrategy({
  name: 'seeing',
  parameters: { what: { kind: 'choice', default: 'trade', options: ['trade', 'book', 'prediction'] } },
  intervals: () => ['1m'],
  onTrade({ parameters }) { if (parameters.what === 'trade') throw new Error('saw a trade'); },
  onBook({ parameters }, { bids, asks }) {
    if (parameters.what === 'book') throw new Error(\`saw a book of \${bids.length} and \${asks.length} levels\`);
  },
  onPrediction({ parameters }) { if (parameters.what === 'prediction') throw new Error('saw a prediction'); },
});
`;

it('shows strategies trades, books and predictions, across its two threads', { timeout: 120_000 }, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'monsta-seeing-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  writeFileSync(join(folder, 'seeing.ts'), SEEING);
  const strategies = ['trade', 'book', 'prediction'].map((what) => ({
    id: what,
    strategy: join(folder, 'seeing.ts'),
    parameters: { what },
  }));
  writeFileSync(join(folder, 'config.json'), JSON.stringify({ trading: { strategies } }));
  const flags = ['--config', join(folder, 'config.json'), '--data-dir', join(folder, 'data'), '--port', '0'];
  const program = await startProgram([...flags, '--log-level', 'error']);
  onTestFinished(() => program.kill());
  const { items } = await until(
    () =>
      getJson<{ items: { id: string; failure: { message: string } | null }[] | null }>(
        `${textOf(program, 'url')}/api/v1/strategies`,
      ),
    (reply) => reply.items?.every(({ failure }) => failure !== null) === true,
    90_000,
    'something of each kind',
  );
  expect(items?.map(({ id, failure }) => [id, failure?.message])).toEqual([
    ['trade', expect.stringContaining('saw a trade')],
    ['book', expect.stringMatching(/saw a book of [1-9]\d* and [1-9]\d* levels/)],
    ['prediction', expect.stringContaining('saw a prediction')],
  ]);
});
