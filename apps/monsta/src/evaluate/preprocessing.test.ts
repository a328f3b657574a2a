import { expectOk } from '@monsta/core';
import { describe, expect, it } from 'vitest';
import { EXECUTORS } from './executors.ts';
import { withPreprocessing } from './preprocessing.ts';

const kind = withPreprocessing(EXECUTORS['logistic-regression']);

describe('the parameter preprocessing', () => {
  it('puts a pipeline before the model, for directions and returns, and says so in its parameters', () => {
    const preprocessing = [
      { step: 'winsorise', lower: 0.01, upper: 0.99 },
      { step: 'pca', components: 5 },
    ];
    for (const made of [kind.direction({ preprocessing, l2: 3 }), kind.logReturn({ preprocessing, l2: 3 })])
      expect(expectOk<{ readonly parameters: unknown }>(made).parameters).toMatchObject({ l2: 3, preprocessing });
  });

  it('leaves the model as it is where it is not given', () => {
    expect(expectOk(kind.direction({})).parameters).toEqual(
      expectOk(EXECUTORS['logistic-regression'].direction({})).parameters,
    );
  });

  it('is refused where a step is unsound, and so is what the model does not know', () => {
    const fault = (params: Readonly<Record<string, unknown>>): string => {
      const made = kind.direction(params);
      return made.ok ? 'ok' : `${made.fault.code}: ${made.fault.message}`;
    };
    expect(fault({ preprocessing: [{ step: 'whiten' }] })).toContain(
      "params_invalid: preprocessing: step 1 of 1: there is no step 'whiten'",
    );
    expect(fault({ preprocessing: [], depth: 3 })).toContain("no parameter is called 'depth'");
  });
});
