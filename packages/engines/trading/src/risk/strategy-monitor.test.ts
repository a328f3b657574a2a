import { strategyId } from '@monsta/core';
import { expect, test } from 'vitest';
import { atMs, money } from '../kernel.test-support.ts';
import { StrategyGates } from '../strategy-gates.ts';
import { StrategyMonitors } from './strategy-monitor.ts';

const ID = strategyId('one');
const HOUR = 3_600_000;
const limits = {
  positionPpmMax: null,
  exposurePpmMax: null,
  openPositionsMax: null,
  dailyLossPpmMax: 10_000,
  drawdownPpmMax: 30_000,
};
const yardstick = { dayStartEquity: money('10000'), peakEquity: money('10000') };

function watched(day = { timeZone: 'UTC', hour: 0 }) {
  const gates = new StrategyGates();
  const monitors = new StrategyMonitors(gates, day);
  const see = (hour: number, profit: string, part = limits): boolean =>
    monitors.observe(ID, money(profit), yardstick, atMs(hour * HOUR), part).moved;
  return { gates, monitors, see, state: () => gates.of(ID).current().state };
}

test('a strategy that loses its share of a day only reduces until the next day begins', () => {
  const { see, state, gates } = watched();
  see(0, '50');
  see(1, '-49.99');
  expect(state()).toBe('ACTIVE');
  expect(see(2, '-50')).toBe(true);
  expect(gates.of(ID).current()).toMatchObject({
    state: 'REDUCING',
    reason:
      'daily loss limit of one: 100 lost, the limit is 1 % of 10000 today; only exits until 2024-08-09T00:00:00.000Z, when the next day begins',
  });
  see(23.9, '100');
  expect(state()).toBe('REDUCING');
  see(24, '100');
  expect(state()).toBe('ACTIVE');
});

test('a strategy that falls from its highest profit is halted until a person starts it again, and is measured from there', () => {
  const { see, state, gates, monitors } = watched();
  see(0, '0', { ...limits, dailyLossPpmMax: 1_000_000 });
  see(1, '200', { ...limits, dailyLossPpmMax: 1_000_000 });
  see(25, '-99.99', { ...limits, dailyLossPpmMax: 1_000_000 });
  expect(state()).toBe('ACTIVE');
  see(26, '-100', { ...limits, dailyLossPpmMax: 1_000_000 });
  expect(state()).toBe('HALTED');
  see(50, '0', { ...limits, dailyLossPpmMax: 1_000_000 });
  expect(state()).toBe('HALTED');
  expect(monitors.lifted(() => money('0'))).toBe(false);
  gates.of(ID).resume('looked at', atMs(51 * HOUR));
  expect(monitors.lifted(() => money('0'))).toBe(true);
  see(52, '-299.99', { ...limits, dailyLossPpmMax: 1_000_000 });
  expect(state()).toBe('ACTIVE');
  see(53, '-300', { ...limits, dailyLossPpmMax: 1_000_000 });
  expect(state()).toBe('HALTED');
});

test('what is restored after a crash measures from what it measured from, and knows that a person has lifted what held', () => {
  const before = watched();
  before.see(0, '200');
  before.see(1, '-100');
  expect(before.state()).toBe('HALTED');
  const after = watched();
  after.monitors.restore(before.monitors.state);
  expect(after.monitors.state).toEqual(before.monitors.state);
  // The causes themselves are kept with the strategy, which raises them again.
  after.gates.of(ID).restore(before.gates.of(ID).causes());
  expect(after.monitors.lifted(() => money('-100'))).toBe(false);
  after.gates.of(ID).resume('looked at', atMs(2 * HOUR));
  expect(after.monitors.lifted(() => money('-100'))).toBe(true);
  expect(after.monitors.state).toMatchObject([{ lossBase: money('-100'), peakProfit: money('-100'), holds: [] }]);
});

test('coins that are taken away are no loss of the strategy', () => {
  const { see, state, monitors } = watched();
  see(0, '200');
  monitors.shift(ID, money('-300'));
  see(1, '-150');
  expect(state()).toBe('ACTIVE');
  see(2, '-200');
  expect(state()).toBe('REDUCING');
});

test('without limits of its own a strategy is never held', () => {
  const { see, state } = watched();
  see(0, '9000', { ...limits, dailyLossPpmMax: null as never, drawdownPpmMax: null as never });
  see(1, '-9000', { ...limits, dailyLossPpmMax: null as never, drawdownPpmMax: null as never });
  expect(state()).toBe('ACTIVE');
});

test('the day of a strategy begins where that of the account does', () => {
  const { see, state } = watched({ timeZone: 'America/New_York', hour: 17 });
  see(20, '0');
  see(20.5, '-100');
  expect(state()).toBe('REDUCING');
  see(20.99, '-100');
  expect(state()).toBe('REDUCING');
  see(21, '-100');
  expect(state()).toBe('ACTIVE');
});
