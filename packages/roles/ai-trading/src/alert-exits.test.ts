import { accountId, amount, clientOrderId, quantity, strategyId, timestampUs } from '@monsta/core';
import { sampleInstrument, sampleOrder } from '@monsta/testkit';
import { PROFIT_TAG, RULE_NAMES, type DecisionRecord, type KernelOutput } from '@monsta/trading';
import { expect, test } from 'vitest';
import { AlertDesk } from './alerts.ts';

const NOW = timestampUs(1_700_000_000_000_000);
const told = (output: KernelOutput, language: 'en' | 'ko' = 'en') =>
  new AlertDesk(accountId('paper:simulated'), 'USDT', { language, disconnectAfterMs: 60_000 }).outputs([output], NOW);

const sold = (name: string, tag: string | null): KernelOutput => {
  const instrument = sampleInstrument();
  const order = sampleOrder(clientOrderId(name));
  return {
    kind: 'order',
    instrument,
    order: {
      ...order,
      instrument: instrument.id,
      side: 'sell',
      tag,
      status: 'filled',
      quantity: quantity(3_000),
      filledQuantity: quantity(3_000),
      filledNotional: amount(1_800n * 10n ** 18n),
      decisionPrice: null,
    },
  };
};

test('a take profit is told as one, not as a protective stop', () => {
  expect(told(sold('mlzk3v1c0-7A-p', PROFIT_TAG))).toMatchObject([
    { kind: 'fill', severity: 'info', details: { exit: 'take_profit' } },
  ]);
  expect(told(sold('mlzk3v1c0-7A-p', PROFIT_TAG))[0]?.title).toContain('take profit sold');
  expect(told(sold('mlzk3v1c0-7A-p', PROFIT_TAG), 'ko')[0]?.title).toContain('익절');
  expect(told(sold('mlzk3v1c0-7B-p', 'stop'))).toMatchObject([
    { kind: 'stop', severity: 'warning', details: { exit: 'stop' } },
  ]);
  expect(told(sold('mlzk3v1c0-7B-p', 'stop'))[0]?.title).toContain('protective stop sold');
  // What a strategy calls its own order changes nothing.
  expect(told(sold('mlzk3v1c0-8', PROFIT_TAG))).toMatchObject([{ kind: 'fill', details: { exit: null } }]);
});

test('of the denials those by a limit are told: what is not, says that an order makes no sense now', () => {
  const silent = RULE_NAMES.filter((rule) => {
    const risk = { result: 'denied', rule, limit: '1', actual: '2', message: rule };
    const decision = { strategyId: strategyId('one'), instrument: null, risk } as DecisionRecord;
    return told({ kind: 'decision', decision }).length === 0;
  });
  expect(silent.toSorted()).toEqual([
    'confidence_min',
    'iceberg',
    'instrument_halted',
    'instrument_unknown',
    'order_notional_min',
    'position_short',
    'price_unknown',
    'sizing_unknown',
    'stale_data',
    'trading_state',
  ]);
});

test.each([
  ['strategy_daily_loss', 'reducing', 'warning'],
  ['strategy_drawdown', 'halt', 'critical'],
])('a strategy that is held by %s is told', (code, kind, severity) => {
  const note: KernelOutput = { kind: 'note', level: 'warn', code, message: 'one lost 12' };
  expect(told(note)).toMatchObject([
    { kind, severity, title: 'A strategy has reached its limit on losses', text: 'one lost 12' },
  ]);
});
