import { expectOk } from '@monsta/core';
import { expect, it } from 'vitest';
import { readFaultPlan, readFaultRule } from './plan-reader.ts';

const problem = (value: unknown): string => {
  const read = readFaultPlan(value);
  return read.ok ? 'none' : `${read.fault.code}: ${read.fault.message}`;
};
const ruleProblem = (rule: unknown): string => problem({ rules: [rule] });

it('reads a rule with its defaults: once, at once, always when it matches, everything of its channel', () => {
  const source = { fault: 'drop', where: { channel: 'stream' } };
  expect(expectOk(readFaultPlan({ rules: [source] }))).toEqual({
    seed: null,
    rules: [
      {
        id: 'drop-1',
        fault: { kind: 'drop' },
        where: { channel: 'stream', httpMethod: null, pattern: '*', connection: null },
        when: { from: { inMs: 0 }, until: null, after: 0, probability: 1 },
        times: 1,
        source,
      },
    ],
  });
});

it('reads every field that a rule can have', () => {
  const rule = expectOk(
    readFaultRule(
      {
        id: 'late',
        fault: 'delay',
        moment: 'before',
        delayMs: 250,
        jitterMs: 50,
        where: { channel: 'rest', method: 'POST', path: '/api/v3/order*' },
        when: { fromMs: 1_740_830_400_000, forMs: 60_000, after: 2, probability: 0.25 },
        times: 'always',
      },
      9,
    ),
  );
  expect(rule).toMatchObject({
    id: 'late',
    fault: { kind: 'delay', moment: 'before', delayMs: 250, jitterMs: 50 },
    where: { channel: 'rest', httpMethod: 'POST', pattern: '/api/v3/order*' },
    when: { from: { atMs: 1_740_830_400_000 }, until: { forMs: 60_000 }, after: 2, probability: 0.25 },
    times: null,
  });
});

it('lets what strikes open sockets strike all of them, and what waits for new ones strike once', () => {
  const times = (rule: object): unknown =>
    expectOk(readFaultRule({ where: { channel: 'connection' }, ...rule }, 1)).times;
  expect(times({ fault: 'cut' })).toBeNull();
  expect(times({ fault: 'freeze', times: 2 })).toBe(2);
  expect(times({ fault: 'cut', moment: 'open' })).toBe(1);
});

it.each([
  [null, 'plan must be an object, not null'],
  [[], 'plan must be an object, not a list'],
  [{ rules: {} }, 'plan.rules must be a list of up to 1000 rules, not an object or list'],
  [{ rules: [], sed: 1 }, 'plan.sed is unknown here; known are seed, rules'],
  [{ rules: [], seed: -1 }, 'plan.seed must be a whole number from 0 to 4294967295, not -1'],
  [
    {
      rules: [
        { fault: 'drop', where: { channel: 'stream' }, id: 'a' },
        { fault: 'drop', where: { channel: 'stream' }, id: 'a' },
      ],
    },
    "two rules have the id 'a'",
  ],
])('refuses the plan %j', (plan, message) => {
  expect(problem(plan)).toBe(`fault_plan_invalid: ${message}`);
});

it.each([
  [{ where: { channel: 'stream' } }, 'rules[0].fault is missing'],
  [
    { fault: 'explode' },
    'rules[0].fault must be one of refuse, fail, silence, delay, cut, fill, damage, drop, duplicate',
  ],
  [{ fault: 'toString' }, 'rules[0].fault must be one of'],
  [{ fault: 'drop' }, 'rules[0].where must be an object, not nothing'],
  [
    { fault: 'drop', where: { channel: 'rest' } },
    'rules[0].where.channel: drop can strike stream, user-data, not rest',
  ],
  [{ fault: 'drop', where: { channel: 'tv' } }, 'rules[0].where.channel must be one of rest, ws-api'],
  [
    { fault: 'drop', where: { channel: 'stream', path: '/' } },
    'rules[0].where.path is unknown here; known are channel, name',
  ],
  [
    { fault: 'drop', where: { channel: 'stream', name: '' } },
    'rules[0].where.name must be a text of 1 to 200 characters',
  ],
  [{ fault: 'delay', where: { channel: 'stream' } }, 'rules[0].delayMs is missing'],
  [{ fault: 'delay', where: { channel: 'stream' }, delayMs: 1.5 }, 'rules[0].delayMs must be a whole number from 0 to'],
  [{ fault: 'delay', where: { channel: 'stream' }, delayMs: 1, moment: 'after' }, 'rules[0].moment is unknown here'],
  [
    { fault: 'drop', where: { channel: 'stream' }, times: 0 },
    'rules[0].times must be a whole number from 1, or "always", not 0',
  ],
  [
    { fault: 'drop', where: { channel: 'stream' }, when: { probability: 0 } },
    'rules[0].when.probability must be a number above 0',
  ],
  [{ fault: 'drop', where: { channel: 'stream' }, when: { fromMs: 5, inMs: 5 } }, 'rules[0].when has both fromMs'],
  [
    { fault: 'drop', where: { channel: 'stream' }, when: { fromMs: 5, untilMs: 5 } },
    'rules[0].when.untilMs must be after fromMs',
  ],
  [{ fault: 'ban', address: '10.0.0.1' }, 'rules[0].when: a ban needs its end, forMs or untilMs'],
  [{ fault: 'clock-drift', driftMs: 1, when: { after: 2 } }, 'rules[0].when.after is unknown here'],
  [{ fault: 'clock-drift', driftMs: 1, times: 2 }, 'rules[0].times is unknown here'],
  [{ fault: 'halt', symbols: 'BTCUSDT' }, 'rules[0].symbols must be a list of symbols, not "BTCUSDT"'],
  [{ fault: 'refuse', where: { channel: 'ws-api' }, body: 'html' }, 'rules[0].body is unknown here'],
])('refuses the rule %j', (rule, message) => {
  expect(ruleProblem(rule)).toContain(`fault_plan_invalid: ${message}`);
});
