import { expectOk, instrumentId, intervalUs, timestampUs, type Bar } from '@monsta/core';
import { predictionSchema } from '@monsta/contracts';
import { barColumnsSteps, barValues, CORE_SET, FeatureStream, LOOKBACK_BARS, runSteps } from '@monsta/features';
import { FOREST_OF_PRICES, LIGHTGBM_OF_PRICES, XGBOOST_OF_PRICES } from '@monsta/models/parameters';
import { afterEach, describe, expect, it } from 'vitest';
import { modelServerConfigSchema } from './config.ts';
import { withUsual } from './executor-kinds.ts';
import { openExecutor } from './executors.ts';
import { BTCUSDT, FIRST_LOOK, LOGISTIC, makeBars, scene } from './market.test-support.ts';
import { trainingSteps } from './training.ts';

const opened: ReturnType<typeof scene>[] = [];
const open = (...config: Parameters<typeof scene>): ReturnType<typeof scene> => {
  const made = scene(...config);
  opened.push(made);
  return made;
};

afterEach(async () => {
  for (const { server, stream } of opened.splice(0)) {
    await server.stop();
    await stream.close();
  }
});

const HOUR_US = intervalUs('1h');
const barsOf = (all: readonly Bar[], from: number, to: number): readonly Bar[] => all.slice(from, to);
const barAt = (all: readonly Bar[], index: number): Bar => {
  const bar = all[index];
  if (bar === undefined) throw new RangeError(`no bar ${index}`);
  return bar;
};

describe('a model server at start', () => {
  it('waits for the history and says that it trains; then it predicts', async () => {
    const { server, history, clock, latest } = open();
    history.ready = false;
    expect(expectOk(await server.start())).toBeNull();
    await clock.advance(3_000);
    expect(server.readiness()).toEqual({
      ready: false,
      waitingFor: ['the first training of BTCUSDT 1h: waiting for the price history: the backfill has not begun'],
    });
    const waiting = await latest();
    expect([waiting.probabilityUp, waiting.score, waiting.hasVote]).toEqual([null, null, false]);
    expect(waiting.absence?.code).toBe('training');
    expect(waiting.absence?.reason).toContain('the backfill has not begun');

    history.held = makeBars(2_000, 0.4);
    history.nowUs = barAt(history.held, 1_999).closeTimeUs;
    history.ready = true;
    await clock.advanceUntil(() => server.readiness().ready);
    const prediction = await latest();
    expect(prediction.absence).toBeNull();
    expect(prediction.probabilityUp).toBeGreaterThan(0);
    expect(prediction.probabilityUp).toBeLessThan(1);
    expect(prediction.tsEventUs).toBe(history.nowUs);
    expect(prediction.trainedAtUs).toBe(history.nowUs);
  });

  it('does not know an instrument that is not collected, nor any before the list is there', async () => {
    const { server, clock } = open();
    const early = await server.latest(BTCUSDT.id);
    expect(early.ok ? 'ok' : early.fault.code).toBe('not_ready');
    expect(server.readiness().ready).toBe(false);
    expectOk(await server.start());
    await clock.settle();
    const unknown = await server.latest(instrumentId('NOSUCH'));
    expect(unknown.ok ? 'ok' : unknown.fault.code).toBe('instrument_unknown');
  });

  it('says how many bars of how many are there, and that many suffice', async () => {
    const { server, history, clock, latest, startWith } = open();
    const all = makeBars(3_000, 0);
    await startWith(barsOf(all, 2_600, 3_000));
    const short = await latest();
    expect(short.absence?.code).toBe('history_too_short');
    const [, have, needed] = /^([\d,]+) of ([\d,]+) 1h bars/.exec(short.absence?.reason ?? '') ?? [];
    expect(have).toBe('400');
    const bars = Number(needed?.replace(',', ''));
    expect(bars).toBeGreaterThan(1_000);
    history.held = barsOf(all, 3_000 - bars, 3_000);
    await clock.advance(120_000);
    expect((await latest()).absence).toBeNull();
    expect(server.readiness().ready).toBe(true);
  });

  it('trains again while the history grows backwards, and stops when it does no more', async () => {
    const { history, clock, latest, startWith, telemetry } = open();
    const all = makeBars(3_000, 0.3);
    await startWith(barsOf(all, 1_500, 3_000));
    const first = await latest();
    history.held = all;
    await clock.advance(120_000);
    expect((await latest()).score?.rows).toBeGreaterThan(first.score?.rows ?? Number.NaN);
    const trainings = telemetry.value('monsta_model_trainings_total', {
      interval: '1h',
      model: 'logistic-regression',
      outcome: 'ok',
    });
    await clock.advance(3_600_000);
    expect(
      telemetry.value('monsta_model_trainings_total', { interval: '1h', model: 'logistic-regression', outcome: 'ok' }),
    ).toBe(trainings);
  });

  it('trains again while the history grows backwards, though the newest bars have a gap that nobody fills', async () => {
    const { history, clock, latest, startWith } = open();
    const all = makeBars(3_000, 0.3).filter((_, index) => index !== 2_990);
    await startWith(barsOf(all, 1_500, 2_999));
    const first = await latest();
    expect(first.absence?.code).toBe('history_gap');
    history.held = all;
    await clock.advance(120_000);
    expect((await latest()).score?.rows).toBeGreaterThan(first.score?.rows ?? Number.NaN);
  });

  it('does not train for ever on a history that gives out no more at once', async () => {
    const { history, clock, startWith, telemetry } = open();
    history.limitMax = 1_500;
    await startWith(makeBars(3_000, 0.3));
    await clock.advance(600_000);
    expect(
      telemetry.value('monsta_model_trainings_total', { interval: '1h', model: 'logistic-regression', outcome: 'ok' }),
    ).toBe(1);
  });

  it('gives the event loop its turn between the steps of training', async () => {
    const { clock, server, history } = open();
    history.held = makeBars(2_000, 0);
    let turns = 0;
    const tick = (): void => {
      turns += 1;
      if (!server.readiness().ready) clock.setTimer(0, tick);
    };
    clock.setTimer(0, tick);
    expectOk(await server.start());
    await clock.settle();
    expect(server.readiness().ready).toBe(true);
    expect(turns).toBeGreaterThan(50);
  });

  it('stops in the middle of training', async () => {
    const { clock, server, history, stream, published } = open();
    history.held = makeBars(2_000, 0);
    expectOk(await server.start());
    let steps = 0;
    await new Promise<void>((resolve) => {
      const tick = (): void => {
        steps += 1;
        if (steps === 20) void server.stop().then(resolve);
        else clock.setTimer(0, tick);
      };
      clock.setTimer(0, tick);
      void clock.settle();
    });
    expectOk(await stream.drain(1_000));
    expect(published.every(({ absence }) => absence?.code === 'training')).toBe(true);
    expect(clock.pendingTimers).toBe(0);
  });
});

describe('a prediction', () => {
  it('is what the trained model says of the newest bars, in wire form, at every closed bar', async () => {
    const { sendBar, startWith, published, clock } = open();
    const all = makeBars(2_010, 0.4);
    await startWith(barsOf(all, 0, 2_000));
    const before = published.length;
    for (const bar of barsOf(all, 2_000, 2_010)) {
      await sendBar(bar, { closed: false });
      await sendBar(bar);
      await sendBar(bar);
    }
    await clock.advance(60_000);

    const config = { ...modelServerConfigSchema.parse({ executors: [LOGISTIC] }), resamples: 400 };
    const columns = expectOk(runSteps(barColumnsSteps(barsOf(all, 0, 2_000), '1h', BTCUSDT)));
    const task = {
      ...{ columns, config, instrument: BTCUSDT.id, interval: '1h' as const, executor: LOGISTIC, serving: null },
      ...{ features: CORE_SET.declaration, others: new Map(), judgement: FIRST_LOOK },
    } as const;
    const { trained } = expectOk(runSteps(trainingSteps(task)));
    const executor = expectOk(openExecutor(LOGISTIC));
    const features = new FeatureStream('1h');
    const expected = all.map((bar) => {
      expectOk(features.push(barValues(bar, BTCUSDT)));
      const row = features.current();
      return row.kind === 'row' ? executor.probabilityUp(trained.model, row.values, 0) : null;
    });
    expect(published.slice(before).map(({ rawProbabilityUp }) => rawProbabilityUp)).toEqual(expected.slice(2_000));
    for (const message of published) expect(predictionSchema.strict().parse(message)).toEqual(message);
    const last = published.at(-1);
    expect(last?.timeMs).toBe(barAt(all, 2_009).closeTimeUs / 1_000);
    expect(last?.horizonMs).toBe(3_600_000);
    expect(last?.score).toEqual(trained.score);
  });

  it('is calibrated by what was forecast out of sample, with the raw probability and the evidence beside it', async () => {
    const { latest, startWith, published } = open();
    await startWith(makeBars(4_000, 0.4));
    const { calibrated, probabilityUp, rawProbabilityUp, score } = await latest();
    const { slope, intercept, fittedRows, rows, before, after } = score?.calibration ?? {};
    expect([calibrated, score?.uncalibrated, fittedRows]).toEqual([true, null, score?.rows]);
    const odds = Math.log((rawProbabilityUp ?? Number.NaN) / (1 - (rawProbabilityUp ?? Number.NaN)));
    const expected = 1 / (1 + Math.exp(-(slope ?? Number.NaN) * odds - (intercept ?? Number.NaN)));
    expect(probabilityUp).toBeCloseTo(expected, 12);
    expect(probabilityUp).not.toBe(rawProbabilityUp);
    // Judged on later folds alone.
    expect(rows).toBeLessThan(score?.rows ?? Number.NaN);
    for (const quality of [before, after]) expect(quality?.brier).toBeLessThan(0.26);
    expect(published.at(-1)).toMatchObject({ calibrated, probabilityUp, rawProbabilityUp, score });
  });

  it('is what the model said, and says so, where there are too few forecasts to calibrate by', async () => {
    const { latest, startWith } = open({ calibrationHorizonsMin: 5_000 });
    await startWith(makeBars(2_000, 0.4));
    const { calibrated, probabilityUp, rawProbabilityUp, score } = await latest();
    expect([calibrated, score?.calibration]).toEqual([false, null]);
    expect(probabilityUp).toBe(rawProbabilityUp);
    expect(probabilityUp).not.toBeNull();
    expect(score?.uncalibrated).toContain('5000 are needed');
  });

  it('has a vote where skill is proven and pays for its costs, and none where either is missing: all are answers', async () => {
    const paying = open({ feeBps: 1, slippageBps: 0 });
    await paying.startWith(makeBars(4_000, 0.4));
    const skilled = await paying.latest();
    expect(skilled.score?.skill.low).toBeGreaterThan(0);
    expect(skilled.score?.net?.perBarBps.low).toBeGreaterThan(0);
    expect([skilled.hasVote, skilled.score?.untraded]).toEqual([true, null]);
    const votes = { instrument: 'BTCUSDT', interval: '1h', model: 'logistic-regression' };
    expect(paying.telemetry.value('monsta_model_serving_votes', votes)).toBe(1);

    const dear = open({ feeBps: 60, slippageBps: 20 });
    await dear.startWith(makeBars(4_000, 0.4));
    const eaten = await dear.latest();
    expect(eaten.score?.skill).toEqual(skilled.score?.skill);
    expect(eaten.hasVote).toBe(false);
    expect(eaten.score?.net === null ? eaten.score.untraded : eaten.score?.net.perBarBps.low).toSatisfy(
      (found: string | number) => (typeof found === 'string' ? found.includes('too seldom') : found <= 0),
    );

    const walking = open({ feeBps: 1, slippageBps: 0 });
    await walking.startWith(makeBars(4_000, 0));
    const unskilled = await walking.latest();
    expect(unskilled.score?.skill.low).toBeLessThanOrEqual(0);
    expect(unskilled.probabilityUp).not.toBeNull();
    expect([unskilled.absence, unskilled.hasVote]).toEqual([null, false]);
  });

  it('is absent after a gap, and back at the next bar once the history has been repaired', async () => {
    const { history, sendBar, startWith, latest } = open();
    const all = makeBars(2_010, 0.4);
    await startWith(barsOf(all, 0, 2_000));
    history.held = [...barsOf(all, 0, 2_000), ...barsOf(all, 2_002, 2_003)];
    await sendBar(barAt(all, 2_002));
    const gap = await latest();
    expect(gap.absence?.code).toBe('history_gap');
    expect(gap.absence?.reason).toContain(`only 1 1h bars have closed without a gap`);
    expect([gap.probabilityUp, gap.hasVote]).toEqual([null, false]);
    expect(gap.score).not.toBeNull();
    history.held = barsOf(all, 0, 2_004);
    await sendBar(barAt(all, 2_003));
    expect((await latest()).absence).toBeNull();
  });

  it('comes back by itself when enough bars have closed after a gap', async () => {
    const { history, sendBar, startWith, latest } = open();
    const all = makeBars(2_200, 0.4);
    await startWith(barsOf(all, 0, 2_000));
    for (let index = 2_010; index < 2_010 + LOOKBACK_BARS; index += 1) {
      history.held = [...barsOf(all, 0, 2_000), ...barsOf(all, 2_010, index + 1)];
      expect((await latest()).absence === null).toBe(index === 2_010);
      await sendBar(barAt(all, index));
    }
    expect((await latest()).absence).toBeNull();
  });

  it('is absent where the history ends long before the venue’s present: the score stays', async () => {
    const { clock, history, startWith, latest } = open();
    const all = makeBars(3_000, 0.4);
    history.held = all;
    await startWith(all);
    history.nowUs = timestampUs(barAt(all, 2_999).closeTimeUs + 109 * 24 * HOUR_US);
    await clock.advance(10_000);
    const prediction = await latest();
    expect([prediction.probabilityUp, prediction.hasVote]).toEqual([null, false]);
    expect(prediction.score?.rows).toBeGreaterThan(1_000);
    expect(prediction.absence?.code).toBe('history_gap');
    expect(prediction.absence?.reason).toContain('2,616 bars between are missing');
  });

  it('is absent while the feed is stale, and the same again when it lives', async () => {
    const { sendFeed, startWith, latest } = open();
    await startWith(makeBars(2_000, 0.4));
    const before = await latest();
    await sendFeed('stale', 'no message for 30 s');
    const stale = await latest();
    expect(stale.absence).toEqual({
      code: 'feed_stale',
      reason: 'the feed is not live (stale): no message for 30 s',
    });
    expect([stale.probabilityUp, stale.hasVote]).toEqual([null, false]);
    await sendFeed('repairing');
    expect(await latest()).toEqual(before);
    await sendFeed('ended');
    expect((await latest()).absence?.code).toBe('feed_stale');
    await sendFeed('live');
    expect(await latest()).toEqual(before);
  });

  it('is absent when the next bar is overdue on the venue’s time', async () => {
    const { clock, history, startWith, latest } = open();
    const all = makeBars(2_000, 0.4);
    await startWith(all);
    const closeUs = barAt(all, 1_999).closeTimeUs;
    history.nowUs = timestampUs(closeUs + HOUR_US + 29_000_000);
    await clock.advance(6_000);
    expect((await latest()).absence).toBeNull();
    history.nowUs = timestampUs(closeUs + HOUR_US + 31_000_000);
    await clock.advance(6_000);
    expect((await latest()).absence?.code).toBe('feed_stale');
  });

  it('refuses messages that are no bars, and goes on', async () => {
    const { sendBar, startWith, latest, telemetry } = open();
    const all = makeBars(2_001, 0.4);
    await startWith(barsOf(all, 0, 2_000));
    const before = await latest();
    await sendBar(barAt(all, 2_000), { close: 'NaN' });
    await sendBar(barAt(all, 2_000), { low: '0' });
    expect(telemetry.value('monsta_model_refused_messages_total', { topic: 'bars' })).toBe(2);
    expect((await latest()).tsEventUs).toBe(before.tsEventUs);
    await sendBar(barAt(all, 2_000));
    expect((await latest()).tsEventUs).toBe(barAt(all, 2_000).closeTimeUs);
  });
});

describe('training again', () => {
  it('comes with a day of the venue’s time; the old model serves until then', async () => {
    const { clock, history, sendBar, startWith, latest } = open();
    const all = makeBars(2_060, 0.4);
    await startWith(barsOf(all, 0, 2_000));
    const first = await latest();
    for (let index = 2_000; index < 2_023; index += 1) {
      history.held = barsOf(all, 0, index + 1);
      await sendBar(barAt(all, index));
    }
    await clock.advance(1_000);
    const same = await latest();
    expect([same.trainedAtUs, same.score]).toEqual([first.trainedAtUs, first.score]);
    expect(same.probabilityUp).not.toBeNull();
    history.held = barsOf(all, 0, 2_024);
    await sendBar(barAt(all, 2_023));
    await clock.advance(1_000);
    const next = await latest();
    expect(next.trainedAtUs).toBe(barAt(all, 2_023).closeTimeUs);
    expect(next.score?.rows).toBeGreaterThan(first.score?.rows ?? Number.NaN);
  });

  it('that fails is tried again with growing waits, while the old model serves', async () => {
    const { clock, history, sendBar, startWith, latest, telemetry } = open();
    const all = makeBars(2_030, 0.4);
    await startWith(barsOf(all, 0, 2_000));
    history.held = [];
    for (let index = 2_000; index < 2_024; index += 1) await sendBar(barAt(all, index));
    await clock.advance(600_000);
    const failures =
      telemetry.value('monsta_model_trainings_total', {
        interval: '1h',
        model: 'logistic-regression',
        outcome: 'rows_too_few',
      }) ?? 0;
    expect(failures).toBeGreaterThan(3);
    expect(failures).toBeLessThan(25);
    const serving = await latest();
    expect(serving.probabilityUp).not.toBeNull();
    expect(serving.trainedAtUs).toBe(barAt(all, 1_999).closeTimeUs);
  });
});

describe('the configuration', () => {
  it('has defaults for all of it, the quick executor first', () => {
    expect(modelServerConfigSchema.parse({}).executors.map(({ name }) => name)).toEqual([
      ...['logistic-regression', 'xgboost', 'lightgbm', 'random-forest'],
    ]);
    expect(modelServerConfigSchema.parse({}).executors.map(withUsual)).toMatchObject([
      ...[{ parameters: {} }, { parameters: XGBOOST_OF_PRICES }, { parameters: LIGHTGBM_OF_PRICES }],
      { parameters: FOREST_OF_PRICES },
    ]);
    // Whoever gives some has his library's defaults for the others.
    expect(withUsual({ name: 'xgboost', parameters: { max_depth: 2 } }).parameters).toEqual({ max_depth: 2 });
    expect(modelServerConfigSchema.parse({})).toMatchObject({ intervals: ['5m', '1h'], horizonMs: 3_600_000 });
  });

  it.each([
    [{ intervals: ['4h'] }, 'no whole number of 4h bars'],
    [{ intervals: ['1h', '1h'] }, 'named twice'],
    [{ instruments: ['BTCUSDT', 'ETHUSDT', 'BTCUSDT'] }, 'BTCUSDT is named twice'],
    [{ intervals: ['2h'] }, 'no whole number of 2h bars'],
    [{ intervals: ['3h'] }, 'use one of 1m, 3m, 5m'],
    [{ intervals: ['1M'] }, 'months differ in length'],
    [{ horizon: 1 }, 'Unrecognized key'],
    [{ instruments: ['btc'] }, 'a symbol in capitals'],
    [{ folds: 1 }, '>=2'],
    [{ executors: [] }, '>=1'],
    [{ executors: [{ name: 'oracle' }] }, 'Invalid option'],
    [{ executors: [{ name: 'logistic-regression', parameters: { l1: 1 } }] }, 'no parameter'],
    [{ executors: [{ name: 'xgboost', parameters: { max_dept: 3 } }] }, 'max_depth'],
    [{ executors: [{ name: 'lightgbm', parameters: { num_leaves: 1 } }] }, 'num_leaves'],
    [{ executors: [{ name: 'xgboost', parameters: { objective: 'reg:squarederror' } }] }, 'must forecast a direction'],
    [{ executors: [{ name: 'xgboost' }, { name: 'xgboost' }] }, 'named twice'],
  ])('refuses %j', (config, message) => {
    const parsed = modelServerConfigSchema.safeParse(config);
    expect(parsed.success).toBe(false);
    expect(parsed.error?.message).toContain(message);
  });
});
