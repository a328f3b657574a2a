import { strategyId, type OrderType } from '@monsta/core';
import { expect, test } from 'vitest';
import { CLOSE_TAG, exitCauseOf, FLATTEN_TAG } from './exit-cause.ts';
import { MANUAL } from './kernel-action.ts';
import { kernelListIds, kernelOrderId } from './order-ids.ts';
import { PROFIT_TAG, STOP_TAG } from './protection.ts';
import { nameOf } from './strategy/asks.ts';

const list = kernelListIds('mlzk3v1c0', 9, true).listId;
const order = (type: OrderType, tag: string | null, part: { manual?: true; list?: true; protective?: true } = {}) => ({
  clientOrderId: kernelOrderId('mlzk3v1c0', 7, part.protective === true),
  strategyId: part.manual === true ? MANUAL : strategyId('trend'),
  type,
  tag,
  listId: part.list === true ? list : null,
});

test.each([
  ['a protective stop', order('stop_loss_limit', STOP_TAG, { protective: true })],
  ['a trailing one', order('stop_loss_limit', STOP_TAG, { protective: true })],
  ['the stop of a protective pair', order('stop_loss_limit', STOP_TAG, { protective: true, list: true })],
  ['what a stop became as its price was passed', order('limit', STOP_TAG, { protective: true })],
  ['a stop that was watched here', order('market', STOP_TAG, { protective: true })],
  ['a strategy’s own stop, whatever it calls it', order('stop_loss', 'out')],
  ['the stop of a strategy’s own pair', order('stop_loss_limit', 'pair', { list: true })],
  ['a stop that a person placed', order('stop_loss_limit', 'manual', { manual: true })],
])('%s ends a position as a stop', (_what, closing) => {
  expect(exitCauseOf(closing)).toBe('stop');
});

test.each([
  ['of a protective pair', order('limit_maker', PROFIT_TAG, { protective: true, list: true })],
  ['alone', order('limit', PROFIT_TAG, { protective: true })],
  ['of a strategy’s own pair', order('limit_maker', 'stop', { list: true })],
  ['of a strategy, with a trigger', order('take_profit', 'stop')],
])('a take profit %s is never counted as a stop', (_what, closing) => {
  expect(exitCauseOf(closing)).toBe('take_profit');
});

test('a person closes by a sale by hand, by closing a position and by flattening; a strategy can not call its orders so', () => {
  expect(exitCauseOf(order('market', 'manual', { manual: true }))).toBe('person');
  expect(exitCauseOf(order('limit', null, { manual: true }))).toBe('person');
  for (const tag of [CLOSE_TAG, FLATTEN_TAG]) {
    expect(exitCauseOf(order('market', tag))).toBe('person');
    expect(() => nameOf(tag, 'order', 'the tag')).toThrow(/must be text of/);
  }
  for (const tag of ['close', 'flatten', 'manual', 'stop', null])
    expect(exitCauseOf(order('market', tag))).toBe('strategy');
});

test('the legs of protective pairs are known by their ids', () => {
  const [take, stop] = kernelListIds('mlzk3v1c0', 9, true).legs;
  const leg = { strategyId: strategyId('trend'), listId: list };
  expect(exitCauseOf({ ...leg, clientOrderId: take, type: 'limit_maker', tag: PROFIT_TAG })).toBe('take_profit');
  expect(exitCauseOf({ ...leg, clientOrderId: stop, type: 'stop_loss_limit', tag: STOP_TAG })).toBe('stop');
});
