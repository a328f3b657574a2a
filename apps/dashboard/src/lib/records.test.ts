import { describe, expect, it } from 'vitest';
import { livenessOf } from './liveness.ts';
import { saidPredictions } from './said-predictions.ts';
import { speakJson } from './spoken-json.ts';
import { voteReason } from './vote.ts';

describe('a decision in words', () => {
  it('says what risk refused, with rule, limit and actual number', () => {
    const denied = { result: 'denied', rule: 'position_share', limit: '0.10', actual: '0.124', message: 'too large' };
    expect(speakJson(denied)).toEqual({
      result: 'denied',
      sentence: 'too large',
      fields: [
        ['rule', 'position_share'],
        ['limit', '0.10'],
        ['actual', '0.124'],
      ],
    });
  });

  it('keeps a wish of zero, and leaves out what is not known', () => {
    expect(speakJson({ target: 0, reason: 'the fast average fell below', limitPrice: null })).toEqual({
      result: null,
      sentence: 'the fast average fell below',
      fields: [['target', '0']],
    });
  });

  it('says nothing where nothing was said', () => {
    expect(speakJson(null)).toBeNull();
    expect(speakJson(undefined)).toBeNull();
  });

  it('shows any other form as it is', () => {
    expect(speakJson('plain')).toEqual({ result: null, sentence: 'plain', fields: [] });
    expect(speakJson({ a: { b: [1, 2] } })?.fields).toEqual([['a.b', '[1,2]']]);
    expect(speakJson({ result: 7 })).toEqual({ result: null, sentence: null, fields: [['result', '7']] });
  });
});

describe('what the models said', () => {
  const said = {
    model: 'logistic',
    interval: '5m',
    horizonMs: 1,
    timeMs: 1,
    probabilityUp: 0.52,
    hasVote: false,
    absence: null,
  };

  it('is read model by model, with the reason of silence', () => {
    const silent = { ...said, interval: '1h', probabilityUp: null, absence: { code: 'history_gap', reason: 'a gap' } };
    expect(saidPredictions([said, silent])).toEqual([
      { model: 'logistic', interval: '5m', probabilityUp: 0.52, hasVote: false, reason: null },
      { model: 'logistic', interval: '1h', probabilityUp: null, hasVote: false, reason: 'a gap' },
    ]);
  });

  it('is nothing when no model was asked, and unread in another form', () => {
    expect(saidPredictions(null)).toEqual([]);
    expect(saidPredictions([{ ...said, probabilityUp: 'high' }])).toBeNull();
    expect(saidPredictions('up')).toBeNull();
  });
});

describe('the reason of a vote', () => {
  const score = (low: number, netLow: number | null = 0.1) => ({
    rows: 1,
    folds: 1,
    accuracy: { value: 0.5, low: 0.4, high: 0.6, level: 0.95 },
    logLoss: 0.7,
    brier: 0.25,
    baselines: { majority: 0.5, lastSign: 0.5 },
    skill: { value: low + 0.01, low, high: low + 0.02, level: 0.95 },
    calibration: null,
    uncalibrated: 'too few rows',
    net:
      netLow === null
        ? null
        : {
            ...{ sideCostBps: 12, roundTrips: 40 },
            perBarBps: { value: netLow + 0.1, low: netLow, high: netLow + 0.2, level: 0.95 },
          },
    untraded: netLow === null ? 'too seldom' : null,
  });

  it('is the measured skill, where there is one', () => {
    expect(voteReason({ hasVote: true, score: score(0.01), silent: false })).toBe('skilled');
    expect(voteReason({ hasVote: false, score: null, silent: false })).toBe('unscored');
    expect(voteReason({ hasVote: false, score: score(0), silent: false })).toBe('unskilled');
    expect(voteReason({ hasVote: false, score: score(-0.01), silent: true })).toBe('unskilled');
  });

  it('is what is left after costs, where there is skill', () => {
    expect(voteReason({ hasVote: false, score: score(0.02, -0.1), silent: false })).toBe('costly');
    expect(voteReason({ hasVote: false, score: score(0.02, null), silent: false })).toBe('untraded');
  });

  it('never blames the skill of a model that has some', () => {
    expect(voteReason({ hasVote: false, score: score(0.02), silent: true })).toBe('silent');
    expect(voteReason({ hasVote: false, score: score(0.02), silent: false })).toBe('withheld');
  });
});

describe('whether figures are live', () => {
  const feed = { instrument: 'BTCUSDT', status: 'stale', reason: 'silent for 12 s', timeMs: 1 } as const;

  it('asks the way to the server first', () => {
    expect(livenessOf('waiting', true, { ...feed, status: 'live' })).toEqual({
      kind: 'connection',
      state: 'reconnecting',
    });
    expect(livenessOf('connecting', false, undefined)).toEqual({ kind: 'connection', state: 'connecting' });
    expect(livenessOf('closed', true, undefined)).toEqual({ kind: 'connection', state: 'closed' });
  });

  it('then the feed behind it, with its reason', () => {
    expect(livenessOf('open', false, feed)).toEqual({ kind: 'feed', status: 'stale', reason: 'silent for 12 s' });
    expect(livenessOf('open', false, { ...feed, status: 'live' })).toEqual({ kind: 'live' });
    expect(livenessOf('open', false, undefined)).toEqual({ kind: 'unknown' });
  });
});
