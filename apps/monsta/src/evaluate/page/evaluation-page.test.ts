import { expectOk, ok, seededRandom } from '@monsta/core';
import { runSteps } from '@monsta/features';
import {
  DEFAULT_SCORING_OPTIONS,
  evaluateDirectionSteps,
  evaluateReturnSteps,
  ridgeRegression,
  type EvaluationData,
  type Executor,
} from '@monsta/models';
import { describe, expect, it } from 'vitest';
import { directionDocument, returnDocument, type EvaluationDocument } from '../document.ts';
import { evaluationText } from '../summary-text.ts';
import { renderEvaluation } from './evaluation-page.ts';

const HOSTILE = '<script>alert("x")</script>';

const coin: Executor<null> = {
  name: HOSTILE,
  parameters: { note: HOSTILE },
  acceptsMissing: true,
  *fitSteps() {
    yield;
    return ok(null);
  },
  probabilityUp: (_model, features, offset) => 0.5 + 0.01 * (features[offset] ?? 0),
  encode: () => null,
  decode: () => ok(null),
};

function noise(rows: number): EvaluationData {
  const random = seededRandom(1);
  const logReturn = Float64Array.from({ length: rows }, () => 0.01 * random.gaussian());
  let close = 100;
  return {
    featureNames: ['noise'],
    rows,
    width: 1,
    horizonBars: 1,
    features: Float64Array.from({ length: rows }, () => random.gaussian()),
    up: Uint8Array.from(logReturn, (each) => (each > 0 ? 1 : 0)),
    lastSign: Int8Array.from({ length: rows }, () => 1),
    barIndex: Int32Array.from({ length: rows }, (_, row) => row),
    logReturn,
    close: Float64Array.from([0, ...logReturn], (each) => (close *= Math.exp(each))),
  };
}

function evaluated(): EvaluationDocument {
  const data = noise(3_000);
  const options = {
    scoring: { ...DEFAULT_SCORING_OPTIONS, folds: 4, resamples: 400 },
    correctedLevel: 0.99,
    costs: { feeShare: 0.001, slippageShare: 0 },
    calibrationHorizonsMin: 500,
    learningCurve: true,
  };
  const direction = expectOk(runSteps(evaluateDirectionSteps(coin, data, options)));
  const returns = expectOk(runSteps(evaluateReturnSteps(ridgeRegression(), data, options)));
  const hour = 3_600_000;
  return {
    version: '0',
    createdMs: 0,
    ...{ model: HOSTILE, instrument: HOSTILE, interval: '1h', horizonMs: hour, horizonBars: 1 },
    bars: { source: HOSTILE, count: 3_001, fromMs: 0, toMs: 3_001 * hour, missing: 2 },
    others: [{ instrument: HOSTILE, source: HOSTILE, count: 3_000, fromMs: 0, toMs: 3_001 * hour, absent: 1 }],
    features: {
      set: HOSTILE,
      version: 1,
      hash: 'h',
      columns: 1,
      own: [HOSTILE],
      unknown: [],
      leakGate: { barsChecked: 1, comparisons: 2 },
    },
    rows: 3_000,
    dropped: { warmUp: 1, gap: 0, undefinedValue: 0, labelAhead: 0, labelGap: 0, labelEqual: 0 },
    scoring: { folds: 4, embargoHorizons: 1, resamples: 400, seed: 1, level: 0.95, correctedLevel: 0.99 },
    looks: { look: 2, looks: 3, earlier: [{ atMs: 0, model: HOSTILE }] },
    costs: { feeShare: 0.001, slippageShare: 0, roundTripShare: 0.002 },
    direction: directionDocument(coin, direction, (bar) => bar * hour),
    returns: returnDocument(ridgeRegression(), returns),
    evaluationSeconds: 1,
  };
}

describe('the page of an evaluation', () => {
  const document = evaluated();

  it.each(['en', 'ko'] as const)('stands alone in %s and escapes what comes from outside', (language) => {
    const page = renderEvaluation(document, language);
    expect(page).toContain("default-src 'none'");
    expect(page).not.toContain('<script');
    expect(page).toContain('&lt;script&gt;');
    expect(page).not.toMatch(/https?:\/\//);
    expect(page).not.toMatch(/undefined|NaN|\[object/);
    expect(page).toContain(`lang="${language}"`);
  });

  it('says that there is no vote, and by which interval', () => {
    const skill = document.direction?.score.skill.best.corrected.low ?? Number.NaN;
    expect(skill).toBeLessThan(0);
    const page = renderEvaluation(document, 'en');
    expect(page).toContain('It has no vote.');
    expect(page).toContain(`−${Math.abs(100 * skill).toFixed(2)} …`);
    expect(renderEvaluation(document, 'ko')).toContain('투표권이 없습니다.');
  });

  it('tells of each other instrument in a sentence of its own', () => {
    const [other] = document.others;
    const others = other === undefined ? [] : ['AAAT', 'BBBT'].map((instrument) => ({ ...other, instrument }));
    expect(renderEvaluation({ ...document, others }, 'en')).toMatch(/it has none\. Features read BBBT beside it/);
  });

  it('and the text on the terminal say the same', () => {
    const text = evaluationText(document);
    expect(text).toContain('It has no vote: no skill over every baseline is proven');
    expect(text).toContain('Look 2 of 3');
    expect(text).not.toMatch(/undefined|NaN/);
  });

  it('is a document that JSON keeps whole', () => {
    expect(JSON.parse(JSON.stringify(document))).toEqual(document);
  });
});
