import { describe, expect, it } from 'vitest';
import { EXECUTOR_NAMES, EXECUTORS } from './executors.ts';

describe('the models that can be evaluated', () => {
  it.each(EXECUTOR_NAMES)('%s is made for directions and for returns, and declares its parameters', (name) => {
    for (const made of [EXECUTORS[name].direction({}), EXECUTORS[name].logReturn({})]) {
      expect(made.ok).toBe(true);
      if (made.ok) expect(Object.keys(made.value.parameters).length).toBeGreaterThan(1);
    }
  });

  it.each(EXECUTOR_NAMES)('%s refuses a parameter that there is not', (name) => {
    for (const made of [EXECUTORS[name].direction({ deepness: 3 }), EXECUTORS[name].logReturn({ deepness: 3 })])
      expect(made).toMatchObject({ ok: false, fault: { code: 'params_invalid' } });
  });

  it.each(EXECUTOR_NAMES)('%s is not told what to forecast by its parameters', (name) => {
    expect(EXECUTORS[name].direction({ objective: 'reg:squarederror' })).toMatchObject({ ok: false });
  });
});
