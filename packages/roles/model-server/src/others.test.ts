import { expectOk, timestampUs, type Bar } from '@monsta/core';
import type { PredictionMessage } from '@monsta/contracts';
import { barValues, featureSet, FeatureStream, FLOW_SET } from '@monsta/features';
import { afterEach, describe, expect, it } from 'vitest';
import { modelServerConfigSchema } from './config.ts';
import { openExecutor } from './executors.ts';
import { BTCUSDT, ETHUSDT, LOGISTIC, makePair, scene } from './market.test-support.ts';
import { decodeModel } from './model-codec.ts';
import { createMemoryShelf, type ModelShelf } from './model-shelf.ts';

const LED = {
  id: 'led',
  version: 1,
  features: [
    { feature: 'log_return' },
    { feature: 'log_return', bars: 2 },
    { feature: 'body_share' },
    { feature: 'other_return', of: ETHUSDT.id },
    { feature: 'other_beta', bars: 12, of: ETHUSDT.id },
  ],
};
const LINEAR = { ...LOGISTIC, featureSet: './led.json' };
const TREES = {
  ...{ name: 'xgboost', featureSet: './led.json' },
  parameters: { num_boost_round: 8, max_depth: 3, min_child_weight: 20 },
};
const ROWS = 2_000;
const pair = makePair(ROWS + 60);
const at = (bars: readonly Bar[], index: number): Bar => {
  const bar = bars[index];
  if (bar === undefined) throw new RangeError(`no bar ${index}`);
  return bar;
};

const opened: ReturnType<typeof scene>[] = [];
afterEach(async () => {
  for (const { server, stream } of opened.splice(0)) {
    await server.stop();
    await stream.close();
  }
});

/** A model server of both markets, of which it forecasts one. */
function open(
  parts: { readonly shelf?: ModelShelf; readonly executors?: readonly (typeof LINEAR | typeof TREES)[] } = {},
) {
  const { executors = [LINEAR], ...rest } = parts;
  const made = scene(
    { instruments: [BTCUSDT.id], executors: [...executors], retrainMs: 365 * 86_400_000, watchMs: 60_000 },
    { featureSets: { './led.json': LED }, ...rest },
  );
  made.history.listed = [BTCUSDT, ETHUSDT];
  opened.push(made);
  const hold = (own: number, other: number, without: readonly number[] = []): void => {
    const beside = pair.other.slice(0, other).filter((_, index) => !without.includes(index));
    made.history.held = [...pair.own.slice(0, own), ...beside];
  };
  const begin = async (own: number, other: number): Promise<void> => {
    hold(own, other);
    made.history.nowUs = at(pair.own, own - 1).closeTimeUs;
    expectOk(await made.server.start());
    await made.clock.advanceUntil(() => made.server.readiness().ready);
  };
  /** So much later on our clock, and on the venue's, which a replay lets go faster or slower. */
  const later = async (ms: number, pace = 1): Promise<void> => {
    made.history.nowUs = timestampUs((made.history.nowUs ?? 0) + 1_000 * ms * pace);
    await made.clock.advance(ms);
  };
  return { ...made, hold, begin, later };
}

/** What was said of each bar last, by the time of its close. */
const lastWords = (published: readonly PredictionMessage[]) =>
  new Map(published.filter(({ timeMs }) => timeMs > closeMs(ROWS - 1)).map((each) => [each.timeMs, each]));

const closeMs = (index: number): number => at(pair.own, index).closeTimeUs / 1_000;

/** The same bars with what takers bought of them, how many trades they had, and the imbalance of the book, where it was followed. */
const withFlow = (bars: readonly Bar[]): readonly Bar[] =>
  bars.map((bar, index) => ({
    ...bar,
    takerBuyVolume: (bar.volume * BigInt(30 + (index % 40))) / 100n,
    trades: 50 + (index % 9),
    bookImbalance: index % 50 === 3 ? null : 1_000 * (index % 700) - 350_000,
  }));

describe('a model that learns from trade flow and the book', () => {
  it('says at each bar what it says of the same bars in a stream', async () => {
    const shelf = createMemoryShelf();
    const made = scene({ executors: [{ ...TREES, featureSet: 'flow' }] }, { shelf });
    opened.push(made);
    const bars = withFlow(pair.own);
    made.history.held = bars.slice(0, ROWS);
    made.history.nowUs = at(bars, ROWS - 1).closeTimeUs;
    expectOk(await made.server.start());
    await made.clock.advanceUntil(() => made.published.at(-1)?.absence === null, { timeoutMs: 600_000 });
    const trained = expectOk(decodeModel(expectOk(await shelf.read('BTCUSDT-1h-xgboost-1.model')) ?? '', FLOW_SET));
    const executor = expectOk(openExecutor(TREES));
    const features = new FeatureStream('1h', { set: FLOW_SET, missing: 'keep' });
    for (const bar of bars.slice(0, ROWS)) expectOk(features.push(barValues(bar, BTCUSDT)));
    const shares: number[] = [];
    for (const bar of bars.slice(ROWS, ROWS + 5)) {
      await made.sendBar(bar);
      expectOk(features.push(barValues(bar, BTCUSDT)));
      const row = features.current();
      if (row.kind !== 'row') throw new Error(`no row: ${row.kind}`);
      for (const name of ['taker_imbalance_1', 'book_imbalance_1'])
        shares.push(row.values[FLOW_SET.names.indexOf(name)] ?? Number.NaN);
      const said = executor.probabilityUp(trained.model, row.values, 0);
      expect(made.published.at(-1)).toMatchObject({ rawProbabilityUp: said, timeMs: bar.closeTimeUs / 1_000 });
    }
    // Of one bar the book was not followed.
    expect(shares.filter((share) => !Number.isFinite(share)).length).toBe(1);
  });

  it('says that the book may not be known where it needs complete rows and has none', async () => {
    const set = { id: 'book', version: 1, features: [{ feature: 'log_return' }, { feature: 'book_imbalance' }] };
    const made = scene(
      { executors: [{ ...LOGISTIC, featureSet: './book.json' }] },
      { featureSets: { './book.json': set } },
    );
    opened.push(made);
    const bars = withFlow(pair.own);
    await made.startWith(bars.slice(0, ROWS));
    expect((await made.latest()).absence).toBeNull();
    await made.sendBar({ ...at(bars, ROWS), bookImbalance: null });
    expect((await made.latest()).absence).toEqual({
      code: 'feature_undefined',
      reason:
        'a feature has no value: over the last 1h bars the price did not move, nothing was traded, or what it reads of trades or the book is not known',
    });
  });
});

describe('a model that learns from another instrument, too', () => {
  it('says at each bar what it says of both instruments’ bars, whichever comes first', async () => {
    const shelf = createMemoryShelf();
    const orders = [
      (index: number) => [at(pair.own, index), at(pair.other, index)],
      (index: number) => [at(pair.other, index), at(pair.own, index)],
    ];
    const said: ReadonlyMap<number, PredictionMessage>[] = [];
    for (const order of [...orders, (index: number) => (orders[index % 2] ?? orders[0])?.(index) ?? []]) {
      const { begin, hold, published, sendBar } = open({ shelf });
      await begin(ROWS, ROWS);
      for (let index = ROWS; index < ROWS + 20; index += 1) {
        hold(index + 1, index + 1);
        for (const bar of order(index)) await sendBar(bar);
      }
      said.push(lastWords(published));
    }
    expect(said[0]?.size).toBe(20);
    expect(said[1]).toEqual(said[0]);
    expect(said[2]).toEqual(said[0]);

    // The same by hand, of the model that was kept.
    const set = expectOk(featureSet(LED));
    const text = expectOk(await shelf.read('BTCUSDT-1h-logistic-regression-1.model'));
    const trained = expectOk(decodeModel(text ?? '', set));
    const executor = expectOk(openExecutor(LOGISTIC));
    const features = new FeatureStream('1h', { set });
    for (let index = 0; index < ROWS + 20; index += 1) {
      const beside = new Map([[ETHUSDT.id, barValues(at(pair.other, index), ETHUSDT)] as const]);
      expectOk(features.push(barValues(at(pair.own, index), BTCUSDT), beside));
      if (index < ROWS) continue;
      const row = features.current();
      const expected = row.kind === 'row' ? executor.probabilityUp(trained.model, row.values, 0) : null;
      expect(said[0]?.get(closeMs(index))?.rawProbabilityUp).toBe(expected);
    }
    // It knows what the other did an hour ago.
    expect(trained.score.accuracy.low).toBeGreaterThan(0.7);
  });

  it('waits for the other’s bar, says so where it does not come, and the same as ever once it does', async () => {
    const timely = open();
    await timely.begin(ROWS, ROWS);
    timely.hold(ROWS + 1, ROWS + 1);
    for (const bar of [at(pair.own, ROWS), at(pair.other, ROWS)]) await timely.sendBar(bar);

    const { begin, hold, later, latest, published, sendBar, telemetry } = open();
    await begin(ROWS, ROWS);
    const before = await latest();
    hold(ROWS + 1, ROWS);
    await sendBar(at(pair.own, ROWS));
    await later(4_900);
    expect(await latest()).toEqual(before);
    await later(200);
    const blind = await latest();
    expect(blind).toMatchObject({ probabilityUp: null, hasVote: false, absence: { code: 'other_missing' } });
    expect(blind.absence?.reason).toMatch(
      /^the 1h bar of ETHUSDT that closed at 2024-03-24 09:00 UTC is not there, and the features read it$/,
    );
    expect(blind.tsEventUs).toBe(at(pair.own, ROWS).closeTimeUs);
    expect(published.at(-1)).toMatchObject({ timeMs: closeMs(ROWS), absence: { code: 'other_missing' } });
    const labels = { interval: '1h', model: 'logistic-regression', outcome: 'other_missing' };
    expect(telemetry.value('monsta_model_predictions_total', labels)).toBe(1);
    hold(ROWS + 1, ROWS + 1);
    await sendBar(at(pair.other, ROWS));
    expect(await latest()).toEqual(await timely.latest());
  });

  it.each([30, 0.5])('waits for the other’s bar by the venue’s clock, at %d times the pace of ours', async (pace) => {
    const { begin, hold, later, latest, sendBar } = open();
    await begin(ROWS, ROWS);
    hold(ROWS + 1, ROWS);
    await sendBar(at(pair.own, ROWS));
    await later(4_900 / pace, pace);
    expect((await latest()).absence).toBeNull();
    await later(200 / pace, pace);
    await later(600, pace);
    expect((await latest()).absence).toMatchObject({ code: 'other_missing' });
  });

  it('says nothing as long as its features look back over a bar that never came, where it needs complete rows', async () => {
    const { begin, clock, hold, published, sendBar, server } = open({ executors: [LINEAR, TREES] });
    await begin(ROWS, ROWS);
    await clock.advanceUntil(() => published.some(({ model, score }) => model === 'xgboost' && score !== null));
    const codes: (readonly (string | null)[])[] = [];
    for (let index = ROWS; index < ROWS + 16; index += 1) {
      hold(index + 1, index + 1, [ROWS]);
      await sendBar(at(pair.own, index));
      if (index !== ROWS) await sendBar(at(pair.other, index));
      const said = expectOk(await server.latest(BTCUSDT.id));
      codes.push(
        said.map(
          ({ absence, tsEventUs }) => absence?.code ?? String(tsEventUs / 3_600_000_000 - closeMs(0) / 3_600_000),
        ),
      );
    }
    // Nobody waits longer than until the other's next bar; trees go on with what is known, the others when no return of twelve needs the hole.
    expect(codes[0]).toEqual([String(ROWS - 1), String(ROWS - 1)]);
    expect(codes[1]).toEqual(['other_missing', String(ROWS + 1)]);
    expect(codes.slice(1, 13).map(([linear]) => linear)).toEqual(Array.from({ length: 12 }, () => 'other_missing'));
    expect(codes[13]).toEqual([String(ROWS + 13), String(ROWS + 13)]);
    const word = published.findLast(({ absence }) => absence?.code === 'other_missing');
    expect(word?.absence?.reason).toMatch(
      /closed at 2024-03-24 09:00 UTC is not there, and the features look back over it$/,
    );
  });

  it('keeps a row that is made where it looks at a history that has not the other’s bar yet', async () => {
    const { begin, clock, hold, later, latest, published, sendBar } = open({ executors: [TREES] });
    await begin(ROWS, ROWS);
    await clock.advanceUntil(() => published.at(-1)?.absence === null, { timeoutMs: 600_000 });
    for (let index = ROWS; index < ROWS + 4; index += 1) {
      // As answers are that were given before the other’s bar closed; what it never had makes the line look.
      hold(index + 1, index, [ROWS]);
      if (index !== ROWS) await sendBar(at(pair.other, index));
      await sendBar(at(pair.own, index));
    }
    const last = at(pair.own, ROWS + 3).closeTimeUs;
    expect(await latest()).toMatchObject({ absence: null, tsEventUs: last });
    await later(6_000);
    expect(await latest()).toMatchObject({ absence: null, tsEventUs: last });
  });

  it('takes a bar of its own that the stream lost from the history, where its rows may lack values, too', async () => {
    const said: PredictionMessage[] = [];
    for (const lost of [null, ROWS + 1]) {
      const { begin, clock, hold, published, sendBar } = open({ executors: [TREES] });
      await begin(ROWS, ROWS);
      await clock.advanceUntil(() => published.at(-1)?.absence === null, { timeoutMs: 600_000 });
      for (let index = ROWS; index < ROWS + 6; index += 1) {
        hold(index + 1, index + 1);
        const bars = [at(pair.own, index), at(pair.other, index)];
        for (const bar of index === ROWS + 2 ? bars : bars.toReversed())
          if (index !== lost || bar.instrument !== BTCUSDT.id) await sendBar(bar);
      }
      said.push(...published.slice(-1));
    }
    expect(said[0]).toMatchObject({ absence: null, timeMs: closeMs(ROWS + 5) });
    expect(said[1]).toEqual(said[0]);
  });

  it('goes on after a restart as if there had been none, and waits then, too', async () => {
    const shelf = createMemoryShelf();
    const first = open({ shelf });
    await first.begin(ROWS, ROWS);
    await first.server.stop();
    const { begin, hold, latest, sendBar, server, telemetry } = open({ shelf });
    hold(ROWS + 3, ROWS + 2);
    await begin(ROWS + 3, ROWS + 2);
    expect((await latest()).tsEventUs).toBe(at(pair.own, ROWS + 1).closeTimeUs);
    hold(ROWS + 3, ROWS + 3);
    await sendBar(at(pair.other, ROWS + 2));
    const again = await latest();
    expect([again.absence, again.tsEventUs]).toEqual([null, at(pair.own, ROWS + 2).closeTimeUs]);
    expect(expectOk(await server.models()).models.map(({ id }) => id)).toEqual(['BTCUSDT-1h-logistic-regression-1']);
    expect(
      telemetry.value('monsta_model_trainings_total', { interval: '1h', model: 'logistic-regression', outcome: 'ok' }),
    ).toBeNull();

    const through = open({ shelf });
    await through.begin(ROWS, ROWS);
    for (let index = ROWS; index < ROWS + 3; index += 1) {
      through.hold(index + 1, index + 1);
      for (const bar of [at(pair.other, index), at(pair.own, index)]) await through.sendBar(bar);
    }
    expect(again).toEqual(await through.latest());
  });

  it('does not serve a kept model of another set, and learns anew', async () => {
    const shelf = createMemoryShelf();
    const first = open({ shelf, executors: [{ ...LINEAR, featureSet: 'core' }] });
    await first.begin(ROWS, ROWS);
    await first.server.stop();
    const { begin, server, telemetry } = open({ shelf });
    await begin(ROWS, ROWS);
    const warned = telemetry.records.filter(({ message }) => message === 'a kept model is not served');
    expect(warned.map(({ fields }) => fields['code'])).toEqual(['model_features']);
    expect(expectOk(await server.models()).models.map(({ features, state }) => [features, state])).toEqual([
      ['led', 'serving'],
      ['core', 'replaced'],
    ]);
  });

  it('waits until the other’s history is there, and learns from where both begin', async () => {
    const { clock, history, hold, latest, server } = open();
    hold(ROWS, 0);
    history.nowUs = at(pair.own, ROWS - 1).closeTimeUs;
    expectOk(await server.start());
    await clock.advance(3_000);
    expect((await latest()).absence).toEqual({
      code: 'training',
      reason: 'waiting for the price history of ETHUSDT, which the features led read',
    });
    history.held = [...pair.own.slice(0, ROWS), ...pair.other.slice(200, ROWS)];
    await clock.advanceUntil(() => server.readiness().ready);
    const [model] = expectOk(await server.models()).models;
    expect([model?.bars, model?.trainedFromUs]).toEqual([ROWS - 200, at(pair.own, 200).openTimeUs]);
    hold(ROWS, ROWS);
    await clock.advance(300_000);
    expect(expectOk(await server.models()).models[0]?.bars).toBe(ROWS);
  });

  it('holds the program up for a minute or two where the other has no bar, says so, and is learnt when it has', async () => {
    const { clock, hold, latest, published, server, history, telemetry } = open();
    hold(ROWS, 0);
    history.nowUs = at(pair.own, ROWS - 1).closeTimeUs;
    expectOk(await server.start());
    await clock.advance(3_000);
    expect(server.readiness()).toEqual({
      ready: false,
      waitingFor: [
        'the first training of BTCUSDT 1h: waiting for the price history of ETHUSDT, which the features led read',
      ],
    });
    await clock.advance(120_000);
    expect(server.readiness()).toEqual({ ready: true, waitingFor: [] });
    const warned = telemetry.records.filter(({ level, fields }) => level === 'warn' && fields['interval'] === '1h');
    expect(warned.map(({ fields }) => fields['reason'])).toEqual([
      'waiting for the price history of ETHUSDT, which the features led read',
    ]);
    expect((await latest()).absence).toMatchObject({ code: 'training' });
    hold(ROWS, ROWS);
    await clock.advanceUntil(() => published.at(-1)?.absence === null, { timeoutMs: 300_000 });
    expect((await latest()).absence).toBeNull();
  });

  it('is not made for an instrument that its features read as another', async () => {
    const made = scene({ executors: [LOGISTIC, TREES] }, { featureSets: { './led.json': LED } });
    opened.push(made);
    made.history.listed = [BTCUSDT, ETHUSDT];
    made.history.held = [...pair.own.slice(0, 10), ...pair.other.slice(0, 10)];
    expectOk(await made.server.start());
    await made.clock.advance(1_000);
    const of = async (instrument: typeof BTCUSDT) =>
      expectOk(await made.server.latest(instrument.id)).map(({ model }) => model);
    expect(await of(BTCUSDT)).toEqual(['logistic-regression', 'xgboost']);
    expect(await of(ETHUSDT)).toEqual(['logistic-regression']);
  });

  it('does not start with a set that nobody declared', async () => {
    const made = scene({ executors: [{ ...LOGISTIC, featureSet: 'nothing' }] });
    opened.push(made);
    const started = await made.server.start();
    expect(started).toMatchObject({ ok: false, fault: { code: 'feature_set_unknown' } });
    expect(started.ok ? '' : started.fault.message).toContain('there are: core, standard, flow');
  });

  it('waits no longer than a bar may be late', () => {
    const parsed = modelServerConfigSchema.safeParse({ otherBarWaitMs: 20_000, barOverdueMs: 10_000 });
    expect(parsed.error?.message).toContain('longer than bar_overdue_ms');
  });
});
