import { err, expectOk, ok, type Bar, type Result } from '@monsta/core';
import { afterEach, describe, expect, it } from 'vitest';
import { BTCUSDT, LOGISTIC, makeBars, scene } from './market.test-support.ts';
import { createMemoryShelf, type ModelShelf } from './model-shelf.ts';
import { createSteppedTrainer, type Trainer } from './trainer.ts';
import type { TrainingResult, TrainingTask } from './training.ts';
import type { VirtualClock } from '@monsta/testkit';

const opened: ReturnType<typeof scene>[] = [];
const open = (...config: Parameters<typeof scene>): ReturnType<typeof scene> => {
  const made = scene(...config);
  opened.push(made);
  return made;
};
const close = async ({ server, stream }: ReturnType<typeof scene>): Promise<void> => {
  await server.stop();
  await stream.close();
};

afterEach(async () => {
  for (const each of opened.splice(0)) await close(each);
});

const DAY = 24;
const all = makeBars(2_400, 0.4);

/** Hours close one after the other, and the model server has time to train. */
async function live(made: ReturnType<typeof scene>, from: number, to: number, bars: readonly Bar[] = all) {
  for (let index = from; index < to; index += 1) {
    const bar = bars[index];
    if (bar === undefined) throw new RangeError(`the market ends before bar ${index}`);
    made.history.held = bars.slice(0, index + 1);
    await made.sendBar(bar);
  }
  await made.clock.advance(2_000);
}

const statesOf = async ({ server }: ReturnType<typeof scene>): Promise<readonly string[]> =>
  expectOk(await server.models()).models.map(
    ({ id, state, decision }) => `${id.split('-').at(-1)} ${state} ${decision.code}`,
  );

/** The real trainer, whose results a test may change. */
const changing =
  (change: (result: TrainingResult, task: TrainingTask) => Result<TrainingResult>) =>
  (clock: VirtualClock): Trainer => {
    const real = createSteppedTrainer(clock);
    return {
      async train(task, call) {
        const answer = await real.train(task, call);
        return answer.ok ? change(answer.value, task) : answer;
      },
      close: () => real.close(),
    };
  };

/** Every model after the first forecasts the opposite of what it should, in what it is compared by as well. */
const worsening = changing((result, task) => {
  if (task.serving === null) return ok(result);
  const difference = { value: 0.02, low: 0.01, high: 0.03, level: 0.8 };
  const comparison = { rows: 900, servingLogLoss: 0.69, challengerLogLoss: 0.71, difference, worse: true };
  return ok({ ...result, comparison, uncompared: null });
});

describe('a newly trained model', () => {
  it('takes the place of the one that serves where it is not worse on the same newest rows', async () => {
    const made = open();
    await made.startWith(all.slice(0, 2_000));
    expect(await statesOf(made)).toEqual(['1 serving first']);
    await live(made, 2_000, 2_000 + DAY);
    expect(await statesOf(made)).toEqual(['2 serving not_worse', '1 replaced replaced']);
    const [newest] = expectOk(await made.server.models()).models;
    expect(newest?.comparison?.rows).toBeGreaterThan(1_000);
    expect(newest?.comparison?.worse).toBe(false);
    // Trained the same way on a day more, it says nearly the same.
    expect(Math.abs(newest?.comparison?.difference.value ?? NaN)).toBeLessThan(0.01);
    expect(newest?.decision.reason).toContain('it is not worse: on the same');
    expect(
      made.telemetry.value('monsta_model_decisions_total', {
        ...{ interval: '1h', model: 'logistic-regression', decision: 'not_worse' },
      }),
    ).toBe(1);
  });

  it('is kept but does not serve where it is worse; the next one is trained a day later', async () => {
    const made = open({}, { trainer: worsening });
    await made.startWith(all.slice(0, 2_000));
    const before = await made.latest();
    await live(made, 2_000, 2_000 + DAY);
    expect(await statesOf(made)).toEqual(['2 challenger worse', '1 serving first']);
    const after = await made.latest();
    expect([after.trainedAtUs, after.score]).toEqual([before.trainedAtUs, before.score]);
    expect(after.probabilityUp).not.toBeNull();
    await live(made, 2_000 + DAY, 2_000 + 2 * DAY - 2);
    expect(await statesOf(made)).toHaveLength(2);
    await live(made, 2_000 + 2 * DAY - 2, 2_000 + 2 * DAY + 1);
    expect(await statesOf(made)).toEqual(['3 challenger worse', '2 challenger worse', '1 serving first']);
  });

  it('is worse in fact where it was told to learn nothing, and is trained at once where its parameters are new', async () => {
    const shelf = createMemoryShelf();
    const first = scene({}, { shelf });
    await first.startWith(all.slice(0, 2_000));
    await close(first);
    const second = open({ executors: [{ ...LOGISTIC, parameters: { l2: 1e6 } }] }, { shelf });
    await second.startWith(all.slice(0, 2_000));
    await second.clock.advance(2_000);
    expect(await statesOf(second)).toEqual(['2 challenger worse', '1 serving first']);
    const [newest] = expectOk(await second.server.models()).models;
    expect(newest?.comparison?.difference.low).toBeGreaterThan(0);
    expect(newest?.comparison?.challengerLogLoss).toBeCloseTo(Math.LN2, 2);
    expect(newest?.parameters).toEqual({ l2: 1e6 });
    await second.clock.advance(600_000);
    expect(await statesOf(second)).toHaveLength(2);
  });

  it('is one of a bounded number that is kept, of which the one that serves never goes', async () => {
    const made = open({ keptMax: 3 }, { trainer: worsening });
    await made.startWith(all.slice(0, 2_000));
    for (let day = 0; day < 4; day += 1) await live(made, 2_000 + day * (DAY + 1), 2_000 + (day + 1) * (DAY + 1));
    expect(await statesOf(made)).toEqual(['5 challenger worse', '4 challenger worse', '1 serving first']);
  });
});

describe('executors of every kind', () => {
  const small = [
    LOGISTIC,
    { name: 'xgboost', featureSet: null, parameters: { num_boost_round: 5, max_depth: 3, min_child_weight: 20 } },
    { name: 'lightgbm', featureSet: null, parameters: { num_iterations: 5, num_leaves: 6, min_data_in_leaf: 50 } },
    { name: 'random-forest', featureSet: null, parameters: { n_estimators: 5, max_depth: 4, min_samples_leaf: 50 } },
  ];

  it('serve a line each: the program is ready with the quick one, and the others follow; each says what it is', async () => {
    const shelf = createMemoryShelf();
    const asked: string[] = [];
    const trainer = changing((result, { executor }) => {
      asked.push(executor.name);
      return ok(result);
    });
    const made = open({ executors: small }, { shelf, trainer });
    await made.startWith(all.slice(0, 2_000));
    expect(asked[0]).toBe('logistic-regression');
    await made.clock.advanceUntil(() => asked.length === 4);
    await made.clock.advance(1_000);
    const said = expectOk(await made.server.latest(BTCUSDT.id));
    expect(said.map(({ model, absence }) => [model, absence])).toEqual(small.map(({ name }) => [name, null]));
    // Each of four intervals is wider, so that one of them errs as seldom as one alone would, and the first look spends half of it.
    for (const { score } of said) expect(score?.skill.level).toBeCloseTo(1 - 0.05 / 4 / 2, 12);
    expect(new Set(expectOk(await made.server.models()).models.map(({ features }) => features))).toEqual(
      new Set(['core', 'standard']),
    );
    await close(made);

    const again = scene({ executors: small }, { shelf, trainer: changing(() => err('training_broken', 'none')) });
    await again.startWith(all.slice(0, 2_000));
    expect(expectOk(await again.server.latest(BTCUSDT.id))).toEqual(said);
    await close(again);
  });
});

/** The real trainer; what a person does while it trains anew is done once it has its answer. */
const during =
  (act: (task: TrainingTask) => Promise<unknown>) =>
  (clock: VirtualClock): Trainer => {
    const real = createSteppedTrainer(clock);
    return {
      async train(task, call) {
        const answer = await real.train(task, call);
        await act(task);
        return answer;
      },
      close: () => real.close(),
    };
  };

describe('a person', () => {
  it('has the last word over a training that was under way: what was chosen meanwhile stays', async () => {
    let choose: () => Promise<unknown> = () => Promise.resolve();
    const made = open({}, { trainer: during(() => choose()) });
    await made.startWith(all.slice(0, 2_000));
    await live(made, 2_000, 2_000 + DAY);
    const [second, first] = expectOk(await made.server.models()).models;
    const act = (what: () => Promise<unknown>): void => {
      choose = () => {
        choose = () => Promise.resolve();
        return what();
      };
    };
    act(() => made.server.promote(first?.id ?? ''));
    await live(made, 2_000 + DAY, 2_001 + 2 * DAY);
    expect(await statesOf(made)).toEqual(['3 challenger overtaken', '2 replaced replaced', '1 serving promoted']);
    expect((await made.latest()).trainedAtUs).toBe(first?.trainedAtUs);
    expect(first?.trainedAtUs).not.toBe(second?.trainedAtUs);
    act(() => made.server.retire(first?.id ?? ''));
    await live(made, 2_001 + 2 * DAY, 2_002 + 3 * DAY);
    expect((await statesOf(made)).slice(0, 1)).toEqual(['4 challenger overtaken']);
    expect((await made.latest()).absence?.code).toBe('retired');
  });

  it('promotes a kept model, and retires one that serves; until the next training nothing is said', async () => {
    const made = open({}, { trainer: worsening });
    await made.startWith(all.slice(0, 2_000));
    await live(made, 2_000, 2_000 + DAY);
    const [second, first] = expectOk(await made.server.models()).models;
    const ids = [second?.id ?? '', first?.id ?? ''] as const;
    expect(expectOk(await made.server.promote(ids[0]))).toMatchObject({
      state: 'serving',
      decision: { code: 'promoted' },
    });
    expect(await statesOf(made)).toEqual(['2 serving promoted', '1 replaced replaced']);
    expect((await made.latest()).trainedAtUs).toBe(second?.trainedAtUs);
    expect(await made.server.promote(ids[0])).toMatchObject({ ok: false, fault: { code: 'state_conflict' } });
    expectOk(await made.server.retire(ids[0]));
    const silent = await made.latest();
    expect([silent.absence?.code, silent.score, silent.hasVote]).toEqual(['retired', null, false]);
    await live(made, 2_000 + DAY, 2_010 + DAY);
    expect((await made.latest()).absence?.code).toBe('retired');
    expect(await made.server.retire(ids[0])).toMatchObject({ ok: false, fault: { code: 'state_conflict' } });
    expect(await made.server.retire('NONE')).toMatchObject({ ok: false, fault: { code: 'model_unknown' } });
    await live(made, 2_010 + DAY, 2_002 + 2 * DAY);
    expect((await made.latest()).absence).toBeNull();
    expect((await statesOf(made))[0]).toBe('3 serving first');
  });
});

describe('a training', () => {
  it('whose thread dies is tried again later and later, while the old model serves', async () => {
    let deaths = 0;
    const dying = changing((result, task) => {
      if (task.serving === null) return ok(result);
      deaths += 1;
      return err('training_broken', 'the training thread died: it exited with code 3', { retry: 'retryable' });
    });
    const made = open({}, { trainer: dying });
    await made.startWith(all.slice(0, 2_000));
    await live(made, 2_000, 2_000 + DAY);
    await made.clock.advance(3 * 3_600_000);
    // 1 s, doubled up to an hour: about a dozen, and not one a second.
    expect(deaths).toBeGreaterThan(8);
    expect(deaths).toBeLessThan(20);
    const serving = await made.latest();
    expect([serving.absence, serving.probabilityUp === null]).toEqual([null, false]);
  });

  it('that dies at the first start is a stated absence, and the program is ready without it', async () => {
    const dead = changing(() => err('training_broken', 'the training thread died: it exited with code 3'));
    const made = open({}, { trainer: dead });
    await made.startWith(all.slice(0, 2_000));
    const said = await made.latest();
    expect([said.absence?.code, said.hasVote]).toEqual(['training_failed', false]);
    expect(said.absence?.reason).toContain('exited with code 3');
  });
});

describe('models that were kept', () => {
  /** A life of the program that trains once and ends. */
  async function livedOnce(shelf: ModelShelf, config: Parameters<typeof scene>[0] = {}) {
    const first = scene(config, { shelf });
    await first.startWith(all.slice(0, 2_000));
    const said = await first.latest();
    await close(first);
    return said;
  }

  it('serve at once after a restart, and say the same', async () => {
    const shelf = createMemoryShelf();
    const before = await livedOnce(shelf);
    const trainer = changing(() => err('training_broken', 'nothing is trained here'));
    const second = open({}, { shelf, trainer });
    await second.startWith(all.slice(0, 2_000));
    expect(await second.latest()).toEqual(before);
    expect(await statesOf(second)).toEqual(['1 serving first']);
    await live(second, 2_000, 2_010);
    expect((await second.latest()).absence).toBeNull();
  });

  it('wait for the newest bars where the history is not there yet', async () => {
    const shelf = createMemoryShelf();
    const before = await livedOnce(shelf);
    const second = open({}, { shelf });
    second.history.ready = false;
    second.history.nowUs = all[1_999]?.closeTimeUs ?? null;
    expectOk(await second.server.start());
    await second.clock.advance(5_000);
    expect(second.server.readiness().ready).toBe(true);
    expect((await second.latest()).absence?.code).toBe('history_too_short');
    second.history.held = all.slice(0, 2_000);
    second.history.ready = true;
    await second.clock.advance(30_000);
    expect(await second.latest()).toEqual(before);
  });

  it.each<[string, (text: string) => string, string]>([
    ['damaged', (text) => text.replace('"intercept":', '"intercept":1'), 'it was cut short or added to'],
    [
      'changed in a digit',
      (text) => text.replace(/"trainedRows":(\d)/, (_, digit: string) => `"trainedRows":${(Number(digit) + 1) % 10}`),
      'its checksum does not fit',
    ],
    ['cut short', (text) => text.slice(0, text.length / 2), 'it was cut short or added to'],
    ['empty', () => '', 'its first line is not that of a kept model'],
    [
      'of another version',
      (text) => text.replace('monsta.model 1', 'monsta.model 9'),
      "this program reads 'monsta.model 1'",
    ],
  ])('and are %s are refused in clear words, and trained anew', async (_how, damage, words) => {
    const shelf = createMemoryShelf();
    await livedOnce(shelf);
    const [file = ''] = expectOk(await shelf.list()).filter((name) => name.endsWith('.model'));
    expectOk(await shelf.write(file, damage(expectOk(await shelf.read(file)) ?? '')));
    const second = open({}, { shelf });
    await second.startWith(all.slice(0, 2_000));
    expect((await second.latest()).absence).toBeNull();
    expect(await statesOf(second)).toEqual(['2 serving first', '1 replaced model_unreadable']);
    const said = second.telemetry.records.find(({ message }) => message === 'a kept model is not served');
    expect(JSON.stringify(said)).toContain(words);
  });

  it('are trained anew where the index of the line is damaged', async () => {
    const shelf = createMemoryShelf();
    await livedOnce(shelf);
    const [file = ''] = expectOk(await shelf.list()).filter((name) => name.endsWith('.index'));
    expectOk(await shelf.write(file, 'nonsense'));
    const second = open({}, { shelf });
    await second.startWith(all.slice(0, 2_000));
    expect(await statesOf(second)).toEqual(['1 serving first']);
  });

  it('and know what is still to come are not served: a time that is played again does not know its future', async () => {
    const shelf = createMemoryShelf();
    await livedOnce(shelf);
    const second = open({}, { shelf });
    await second.startWith(all.slice(0, 1_900));
    expect(await statesOf(second)).toEqual(['2 serving first']);
    const said = second.telemetry.records.find(({ message }) => message === 'a kept model is not served');
    expect(JSON.stringify(said)).toContain('it learnt from what is still to come');
  });

  it('stay as they were on the shelf where a write fails, and the model serves all the same', async () => {
    const shelf = createMemoryShelf();
    const full: ModelShelf = { ...shelf, write: () => Promise.resolve(err('models_unavailable', 'no space left')) };
    const made = open({}, { shelf: full });
    await made.startWith(all.slice(0, 2_000));
    expect((await made.latest()).absence).toBeNull();
    await made.clock.advance(1_000);
    expect(made.telemetry.records.some(({ message }) => message.startsWith('a model could not be kept'))).toBe(true);
  });

  it('are one file each, besides the index of their line, and no more than are kept', async () => {
    const shelf = createMemoryShelf();
    const made = open({ keptMax: 2 }, { shelf });
    await made.startWith(all.slice(0, 2_000));
    for (let day = 0; day < 3; day += 1) await live(made, 2_000 + day * (DAY + 1), 2_000 + (day + 1) * (DAY + 1));
    const line = `${BTCUSDT.id}-1h-${LOGISTIC.name}`;
    expect([...expectOk(await shelf.list())].sort()).toEqual([`${line}-3.model`, `${line}-4.model`, `${line}.index`]);
  });
});
