import { expect, test } from 'vitest';
import {
  barInput,
  CONFIG,
  money,
  only,
  quoteInput,
  running,
  scripted,
  tradeInput,
  feedInput,
  atMs,
} from '../kernel.test-support.ts';
import { Kernel } from '../kernel.ts';

test('a target is sized as its strategy, or else the configuration, says', () => {
  const fixed = (text: string) => ({ kind: 'fixed', amount: money(text) }) as const;
  const kernel = running([scripted([1], 'theirs'), { ...scripted([1], 'own'), sizing: fixed('120') }], 6_000_000, {
    ...CONFIG,
    sizing: fixed('60'),
  });
  const sent = only(kernel.handle(barInput(0, 6_000_000)), 'submit');
  expect(sent.map(({ request }) => [request.strategyId, request.quantity])).toEqual([
    ['theirs', 100],
    ['own', 200],
  ]);
});

test('a strategy that is sized by volatility waits for the bars that it follows from, and then enters', () => {
  const sizing = { kind: 'volatility', targetPpm: 1, bars: 3 } as const;
  const kernel = running([{ ...scripted([1, 1, 1, 1, 1]), sizing }]);
  const actions: string[] = [];
  const closes = [6_000_000, 6_100_000, 6_000_000, 6_100_000];
  let orders = 0;
  for (const [n, close] of closes.entries()) {
    kernel.handle(tradeInput(n * 60_000 + 50_000, 6_000_000));
    const outputs = kernel.handle(barInput(n, close));
    actions.push(...only(outputs, 'decision').map(({ decision }) => decision.action));
    orders += only(outputs, 'submit').length;
  }
  expect(actions.slice(0, 3)).toEqual(['warm_up', 'warm_up', 'warm_up']);
  // A millionth of equity a year is less than one lot at that volatility.
  expect([actions[3], orders]).toEqual(['hold', 0]);
});

test('a market that goes silent is reduced by itself: its resting entry is canceled, and both ends are told', () => {
  const config = { ...CONFIG, limits: { ...CONFIG.limits, staleAfterMs: 30_000 } };
  const kernel = running([scripted([1], 'resting', 59_500)], 6_000_000, config);
  kernel.handle(tradeInput(59_000, 6_000_000));
  const [sent] = only(kernel.handle(barInput(0, 6_000_000)), 'submit');
  const tick = (ms: number) => kernel.handle({ kind: 'tick', tsUs: atMs(ms) });
  expect(only(tick(89_000), 'cancel')).toEqual([]);
  const gone = tick(90_500);
  expect(only(gone, 'cancel')).toEqual([{ kind: 'cancel', clientOrderId: sent?.request.clientOrderId }]);
  expect(only(gone, 'note')).toMatchObject([{ code: 'stale_data' }]);
  expect(kernel.gate.state).toBe('ACTIVE');
  kernel.handle(feedInput(100_000, 'live'));
  kernel.handle(quoteInput(100_000, 5_999_999, 6_000_000));
  expect(only(tick(101_500), 'note').map(({ code }) => code)).toEqual(['fresh_data']);
  const restored = Kernel.restore(JSON.parse(JSON.stringify(kernel.snapshot())), config, [
    scripted([1], 'resting', 59_500),
  ]);
  expect(restored.snapshot()).toEqual(kernel.snapshot());
});
