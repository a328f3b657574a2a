import { expectOk, normalQuantile, seededRandom, type Bar } from '@monsta/core';
import { barColumnsSteps, CORE_SET, runSteps } from '@monsta/features';
import { levelOfLook } from '@monsta/models';
import { afterEach, describe, expect, it } from 'vitest';
import { modelServerConfigSchema, type ModelServerConfig } from './config.ts';
import { servedFeatures } from './feature-sets.ts';
import { keptText } from './kept-text.ts';
import { decodeIndex, encodeIndex } from './line-index.ts';
import { judgementOf, type Judgement, type LineLook } from './looks.ts';
import { BTCUSDT, FIRST_LOOK, LOGISTIC, makeBars, scene } from './market.test-support.ts';
import { ModelLine } from './model-line.ts';
import { createMemoryShelf, type ModelShelf } from './model-shelf.ts';
import { createSteppedTrainer } from './trainer.ts';
import { trainingSteps } from './training.ts';

const DAY = 24;
const BARS = 2_000;
const [skilled, unskilled] = [makeBars(BARS + 400, 0.4), makeBars(BARS + 400, 0)];

const opened: ReturnType<typeof scene>[] = [];
afterEach(async () => {
  for (const { server, stream } of opened.splice(0)) {
    await server.stop();
    await stream.close();
  }
});

/** A model server that notes how each training is to be judged. */
function open(bars: readonly Bar[], config: Partial<ModelServerConfig> = {}, shelf: ModelShelf = createMemoryShelf()) {
  const judged: Judgement[] = [];
  const trainer: NonNullable<Parameters<typeof scene>[1]>['trainer'] = (clock) => {
    const real = createSteppedTrainer(clock);
    return {
      close: () => real.close(),
      train(task, call) {
        judged.push(task.judgement);
        return real.train(task, call);
      },
    };
  };
  const made = scene(
    { feeBps: 1, slippageBps: 0, calibrationHorizonsMin: 500, resamples: 200, ...config },
    { shelf, trainer },
  );
  opened.push(made);
  let held = BARS;
  /** Days pass, and each ends with a training. */
  const days = async (count: number): Promise<void> => {
    for (const until = held + count * DAY; held < until;) {
      const bar = bars[held];
      if (bar === undefined) throw new RangeError('the market ends');
      held += 1;
      made.history.held = bars.slice(0, held);
      await made.sendBar(bar);
      await made.clock.advance(1_000);
    }
  };
  return { ...made, days, judged, told: () => judged.map(({ look, open: isOpen }) => [look.count, isOpen]) };
}

describe('looks at the bars of a line', { timeout: 30_000 }, () => {
  it('come with a tenth of new bars, and not with each day’s training, between which no vote is won', async () => {
    const { days, judged, latest, startWith, told } = open(unskilled);
    await startWith(unskilled.slice(0, BARS));
    await days(8);
    expect(told()).toEqual([[1, true], ...Array.from({ length: 8 }, () => [1, false])]);
    const first = levelOfLook(0.95, 1);
    expect((await latest()).score?.skill.level).toBeCloseTo(first, 12);
    // 8 days are 192 bars of 2,000.
    await days(2);
    expect(told().slice(9)).toEqual([
      [2, true],
      [2, false],
    ]);
    expect((await latest()).score?.skill.level).toBeCloseTo(levelOfLook(0.95, 2), 12);
    expect(judged.at(-1)?.look.bars).toBe(BARS + 9 * DAY);
  });

  it('let a vote be kept, or lost, in between', async () => {
    const { days, latest, startWith, told } = open(skilled);
    await startWith(skilled.slice(0, BARS));
    expect((await latest()).hasVote).toBe(true);
    await days(2);
    expect(told()).toEqual([
      [1, true],
      [1, true],
      [1, true],
    ]);
    expect((await latest()).hasVote).toBe(true);
  });

  it('are counted over restarts, and each other question of the same bars is another', async () => {
    const shelf = createMemoryShelf();
    const first = open(unskilled, {}, shelf);
    await first.startWith(unskilled.slice(0, BARS));
    await first.server.stop();
    const questions = [
      { executors: [{ ...LOGISTIC, parameters: { l2: 10 } }] },
      { executors: [{ ...LOGISTIC, parameters: { l2: 10 } }] },
      { executors: [{ ...LOGISTIC, parameters: { l2: 10 }, featureSet: 'standard' }] },
      { executors: [{ ...LOGISTIC, parameters: { l2: 10 }, featureSet: 'standard' }], feeBps: 0 },
    ];
    const asked: (readonly (readonly [number, boolean])[])[] = [];
    for (const config of questions) {
      const made = open(unskilled, config, shelf);
      await made.startWith(unskilled.slice(0, BARS));
      // A kept model of the same question is served without a training: ask for one.
      await made.days(1);
      asked.push(made.judged.map(({ look, open: isOpen }) => [look.count, isOpen]));
      await made.server.stop();
    }
    expect(asked.map(([each]) => each)).toEqual([
      [2, true],
      [2, false],
      [3, true],
      [4, true],
    ]);
  });

  it('keep lines without skill from a vote on some day of years, as judging every day does not', () => {
    const [window, years, lines] = [365, 3, 400];
    const config = modelServerConfigSchema.parse({ executors: [LOGISTIC] });
    const line = new ModelLine(
      BTCUSDT.id,
      '1d',
      LOGISTIC,
      expectOk(servedFeatures(LOGISTIC.name, CORE_SET.declaration)),
      config,
    );
    const days = window * (years + 1);
    const openTimeMs = Float64Array.from({ length: days }, (_, day) => day * 86_400_000);
    // Which days are looks, and what an interval has to clear there, is the same for all.
    const bars: number[] = [];
    let last: LineLook | null = null;
    for (let day = window; day < days; day += 1) {
      const judgement = judgementOf(line, config, last, openTimeMs.subarray(day - window, day), day * 86_400_000);
      last = judgement.look;
      bars.push(judgement.open ? normalQuantile((1 + levelOfLook(0.95, judgement.look.count)) / 2) : Infinity);
    }
    const daily = normalQuantile(0.975);
    const random = seededRandom(20);
    const won = { daily: 0, looks: 0 };
    for (let each = 0; each < lines; each += 1) {
      const gains = Array.from({ length: days }, () => random.gaussian());
      let sum = gains.slice(0, window).reduce((total, gain) => total + gain, 0);
      const scores = bars.map((_, index) => {
        const score = sum / Math.sqrt(window);
        sum += (gains[window + index] ?? 0) - (gains[index] ?? 0);
        return score;
      });
      if (scores.some((score) => score > daily)) won.daily += 1;
      if (scores.some((score, index) => score > (bars[index] ?? 0))) won.looks += 1;
    }
    // The figures of docs/evaluation.md; the seed makes them the same each time.
    expect(won).toEqual({ daily: 155, looks: 9 });
    // One in forty may, at one end of 95 %; three standard errors for the number of lines.
    expect(won.looks / lines).toBeLessThan(0.025 + 3 * Math.sqrt((0.025 * 0.975) / lines));
  });

  it('begin with the first where a line was kept before they were counted', () => {
    const name = { instrument: BTCUSDT.id, interval: '1h', model: 'logistic-regression' } as const;
    const kept = keptText('monsta.models 1', { newest: 7, records: [] });
    expect(decodeIndex(kept, name)).toEqual({ ok: true, value: { newest: 7, look: null, records: [] } });
    const index = { newest: 7, look: { ...FIRST_LOOK.look, count: 3 }, records: [] };
    expect(decodeIndex(encodeIndex(index), name)).toEqual({ ok: true, value: index });
  });

  it('decide whether figures that would earn a vote do', () => {
    const columns = expectOk(runSteps(barColumnsSteps(skilled, '1h', BTCUSDT)));
    const config = {
      ...modelServerConfigSchema.parse({ executors: [LOGISTIC] }),
      feeBps: 1,
      slippageBps: 0,
      resamples: 200,
    };
    const trained = (judgement: Judgement) =>
      expectOk(
        runSteps(
          trainingSteps({
            ...{ instrument: BTCUSDT.id, interval: '1h', executor: LOGISTIC, features: CORE_SET.declaration },
            ...{ columns, others: new Map(), config, judgement, serving: null },
          }),
        ),
      ).trained;
    const [open_, closed] = [trained(FIRST_LOOK), trained({ ...FIRST_LOOK, open: false })];
    expect([open_.hasVote, closed.hasVote]).toEqual([true, false]);
    expect(closed.score).toEqual(open_.score);
    const later = trained({ ...FIRST_LOOK, look: { ...FIRST_LOOK.look, count: 9 } });
    expect(later.score.skill.level).toBeCloseTo(1 - 0.05 / 90, 12);
    expect(later.score.skill.low).toBeLessThan(open_.score.skill.low);
  });
});
