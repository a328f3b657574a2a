import { expectOk, instrumentId, floorToInterval, type InstrumentId, type TimestampUs } from '@monsta/core';
import type { Estimate, ModelScore, ModelServer, Prediction } from '@monsta/ports';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

/** A model server in a market that the test moves; its clock stands still otherwise. Two of them live through the same. */
export interface ModelServerRig {
  readonly server: ModelServer;
  /** The only instrument that there are models for. */
  readonly instrument: InstrumentId;
  /** Now on the venue's clock. */
  nowUs(): TimestampUs;
  /** Starts; the instrument is known, and nothing of its past. */
  start(): Promise<void>;
  /** Enough bars of the past are there, the last of which closes now; resolves when the models have learnt from them. */
  learn(): Promise<void>;
  /** A bar closes now. */
  nextBar(): Promise<void>;
  /** The state of the instrument's feed changes. */
  feed(status: 'live' | 'stale'): Promise<void>;
  stop(): Promise<void>;
}

const WORD = expect.stringMatching(/^[a-z_]+$/) as string;
const WORDS = expect.stringMatching(/\w+ \w+/) as string;

function verifyEstimate({ value, low, high, level }: Estimate): void {
  expect(low).toBeLessThanOrEqual(value);
  expect(value).toBeLessThanOrEqual(high);
  expect(level).toBeGreaterThan(0);
  expect(level).toBeLessThan(1);
}

/** One of the two is there: a calibration with what it did to rows it had not seen, or why there is none. */
function verifyCalibration({ calibration, uncalibrated, rows }: ModelScore, prediction: Prediction): void {
  if (calibration === null) {
    expect(uncalibrated).toEqual(WORDS);
    return;
  }
  expect(uncalibrated).toBeNull();
  expect(calibration.slope, 'the order of probabilities is kept').toBeGreaterThan(0);
  expect(calibration.fittedRows).toBe(rows);
  expect(calibration.rows, 'the first fold has none before it').toBeLessThan(rows);
  for (const { bins, calibrationError } of [calibration.before, calibration.after]) {
    expect(bins.reduce((sum, bin) => sum + bin.rows, 0)).toBe(calibration.rows);
    const distance = bins.reduce((sum, bin) => sum + bin.rows * Math.abs(bin.predicted - bin.observed), 0);
    expect(calibrationError).toBeCloseTo(distance / calibration.rows, 10);
  }
  const { probabilityUp, rawProbabilityUp } = prediction;
  if (probabilityUp === null || rawProbabilityUp === null) return;
  const odds = Math.log(rawProbabilityUp / (1 - rawProbabilityUp));
  expect(probabilityUp).toBeCloseTo(1 / (1 + Math.exp(-calibration.slope * odds - calibration.intercept)), 10);
}

/** What is true of a prediction whatever it says. */
function verifyPrediction(prediction: Prediction, nowUs: TimestampUs): void {
  const { absence, hasVote, horizonMs, interval, model, probabilityUp, score, trainedAtUs, tsEventUs } = prediction;
  const { calibrated, rawProbabilityUp } = prediction;
  expect(model).toMatch(/^[a-z][a-z0-9-]+$/);
  expect(horizonMs).toBeGreaterThan(0);
  expect(tsEventUs, 'nobody knows what is still to come').toBeLessThanOrEqual(nowUs);
  if (absence === null) {
    expect(probabilityUp).toBeGreaterThanOrEqual(0);
    expect(probabilityUp).toBeLessThanOrEqual(1);
    expect(score, 'who says something has been measured').not.toBeNull();
    expect(calibrated).toBe(score?.calibration !== null);
    if (!calibrated) expect(rawProbabilityUp, 'what is not calibrated is what the model said').toBe(probabilityUp);
    expect(floorToInterval(tsEventUs, interval), 'it is made at the close of a bar').toBe(tsEventUs);
  } else {
    expect(probabilityUp, 'who has nothing to say says no number').toBeNull();
    expect([hasVote, calibrated, rawProbabilityUp]).toEqual([false, false, null]);
    expect(absence).toEqual({ code: WORD, reason: WORDS });
  }
  expect(trainedAtUs === null).toBe(score === null);
  expect(trainedAtUs ?? 0).toBeLessThanOrEqual(nowUs);
  if (score === null) {
    expect(hasVote, 'who was never measured has no vote').toBe(false);
    return;
  }
  expect(Math.min(score.rows, score.folds)).toBeGreaterThan(0);
  verifyEstimate(score.accuracy);
  verifyEstimate(score.skill);
  verifyCalibration(score, prediction);
  const { lastSign, majority } = score.baselines;
  for (const share of [score.accuracy.low, score.accuracy.high, score.brier, lastSign, majority]) {
    expect(share).toBeGreaterThanOrEqual(0);
    expect(share).toBeLessThanOrEqual(1);
  }
  expect(score.logLoss).toBeGreaterThan(0);
  expect(score.skill.value).toBeCloseTo(score.accuracy.value - Math.max(lastSign, majority), 10);
  expect(score.net === null).toBe(score.untraded !== null);
  if (score.net !== null) verifyEstimate(score.net.perBarBps);
  if (hasVote) {
    expect(score.skill.low, 'only proven skill has a vote').toBeGreaterThan(0);
    expect(score.net?.perBarBps.low, 'and only where it pays for its costs').toBeGreaterThan(0);
  }
}

/** What every `ModelServer` must keep. */
export function modelServerConformance(name: string, make: () => ModelServerRig): void {
  describe(`${name} keeps the promises of a model server`, { timeout: 20_000 }, () => {
    let rig: ModelServerRig;
    beforeEach(() => {
      rig = make();
    });
    afterEach(() => rig.stop());

    /** What is said now, checked; one prediction of each model and interval. */
    const latest = async (of = rig): Promise<readonly Prediction[]> => {
      const said = expectOk(await of.server.latest(of.instrument));
      const keys = said.map(({ model, interval, instrument }) => `${instrument} ${model} ${interval}`);
      expect(new Set(keys).size).toBe(keys.length);
      expect(said.every(({ instrument }) => instrument === of.instrument)).toBe(true);
      for (const prediction of said) verifyPrediction(prediction, of.nowUs());
      return said;
    };

    it('is not ready before it has started, and then refuses an instrument without a model, by name', async () => {
      expect(await rig.server.latest(rig.instrument)).toMatchObject({
        ok: false,
        fault: { code: 'not_ready', retry: 'retryable' },
      });
      await rig.start();
      const unknown = await rig.server.latest(instrumentId('NOSUCHPAIR'));
      expect(unknown).toMatchObject({ ok: false, fault: { code: 'instrument_unknown' } });
      expect(unknown.ok ? '' : unknown.fault.message).toContain('NOSUCHPAIR');
    });

    it('says why it says nothing before it has learnt, and then something', async () => {
      await rig.start();
      const before = await latest();
      expect(before.length).toBeGreaterThan(0);
      for (const { absence, score } of before) expect([absence, score]).toEqual([{ code: WORD, reason: WORDS }, null]);
      await rig.learn();
      const after = await latest();
      expect(after.map(({ model, interval }) => [model, interval])).toEqual(
        before.map(({ model, interval }) => [model, interval]),
      );
      for (const { absence, tsEventUs } of after) expect([absence, tsEventUs]).toEqual([null, rig.nowUs()]);
    });

    it('says the same until something happens, and something newer at each bar', async () => {
      await rig.start();
      await rig.learn();
      let before = await latest();
      for (let bar = 0; bar < 5; bar += 1) {
        expect(await latest()).toEqual(before);
        const copy = structuredClone(before);
        await rig.nextBar();
        const after = await latest();
        for (const { tsEventUs, absence } of after) expect([tsEventUs, absence]).toEqual([rig.nowUs(), null]);
        expect(before, 'what was said once stays as it was said').toEqual(copy);
        expect(after).not.toEqual(before);
        before = after;
      }
    });

    it('says nothing of a market that it does not see, keeps its score, and goes on when it sees it again', async () => {
      await rig.start();
      await rig.learn();
      const before = await latest();
      await rig.feed('stale');
      const blind = await latest();
      for (const [index, { absence, score, probabilityUp }] of blind.entries()) {
        expect([absence, probabilityUp]).toEqual([{ code: 'feed_stale', reason: WORDS }, null]);
        expect(score).toEqual(before[index]?.score);
      }
      await rig.feed('live');
      expect(await latest()).toEqual(before);
    });

    it('says the same as another that has lived through the same', async () => {
      const other = make();
      try {
        for (const each of [rig, other]) {
          await each.start();
          await each.learn();
          await each.nextBar();
        }
        expect(await latest(other)).toEqual(await latest());
      } finally {
        await other.stop();
      }
    });
  });
}
