import fc from 'fast-check';

const ms = fc.integer({ min: 0, max: 2_000 });
const moment = fc.constantFrom('before', 'after');
const optional = <T>(values: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(values, { nil: undefined });

const when = fc.record(
  {
    inMs: ms,
    forMs: fc.integer({ min: 1, max: 5_000 }),
    after: fc.integer({ min: 0, max: 5 }),
    probability: fc.double({ min: 0.05, max: 1, noNaN: true }),
  },
  { requiredKeys: [] },
);
const times = optional(fc.oneof(fc.integer({ min: 1, max: 5 }), fc.constant('always')));

const stream = fc.record({ channel: fc.constant('stream'), name: fc.constantFrom('*', 'btcusdt@*', '*@trade') });
const userData = fc.record({ channel: fc.constant('user-data'), event: fc.constantFrom('*', 'executionReport') });
const frames = fc.oneof(stream, userData);
const rest = fc.record(
  { channel: fc.constant('rest'), method: fc.constantFrom('GET', 'POST'), path: fc.constantFrom('*', '/api/v3/*') },
  { requiredKeys: ['channel'] },
);
const api = fc.record({ channel: fc.constant('ws-api'), method: fc.constantFrom('*', 'order.*', 'ping') });
const subscription = fc.constant({ channel: 'subscription' });
const requests = fc.oneof(rest, api, subscription);
const connections = fc.record({ channel: fc.constant('connection'), path: fc.constantFrom('*', '/ws/*', '/ws-api/*') });

function rule(
  fault: string,
  where: fc.Arbitrary<object> | null,
  fields: Readonly<Record<string, fc.Arbitrary<unknown>>> = {},
): fc.Arbitrary<object> {
  return fc
    .record({ fault: fc.constant(fault), where: where ?? fc.constant(undefined), when, times, ...fields })
    .map((made) => Object.fromEntries(Object.entries(made).filter(([, value]) => value !== undefined)));
}

/** Rules of every fault that traffic brings about, as a plan has them. */
export const trafficRules: fc.Arbitrary<readonly object[]> = fc.array(
  fc.oneof(
    rule('refuse', fc.oneof(requests, connections)),
    rule('fail', fc.oneof(rest, api)),
    rule('silence', requests, { moment }),
    rule('delay', requests, { moment, delayMs: ms, jitterMs: ms }),
    rule('delay', frames, { delayMs: ms, jitterMs: ms }),
    rule('cut', fc.oneof(requests, frames), { moment }),
    rule('cut', connections, { moment: fc.constantFrom('now', 'open'), afterOpenMs: ms }),
    rule('fill', fc.oneof(rest, api), { moment, percent: fc.integer({ min: 1, max: 100 }) }),
    rule('drop', frames),
    rule('duplicate', fc.oneof(frames, api), { copies: fc.integer({ min: 1, max: 3 }), delayMs: ms }),
    rule('reorder', frames, { window: fc.integer({ min: 2, max: 5 }), holdMs: fc.integer({ min: 1, max: 2_000 }) }),
    rule('freeze', frames, {
      scope: fc.constantFrom('connection', 'matching'),
      forMs: ms,
      frames: fc.constantFrom('lost', 'kept'),
    }),
    rule('freeze', connections, { moment: fc.constantFrom('now', 'open'), frames: fc.constantFrom('lost', 'kept') }),
  ),
  { maxLength: 8 },
);
