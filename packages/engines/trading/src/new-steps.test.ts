import {
  baseAmount,
  clientOrderId,
  notional,
  PLAIN_TERMS,
  price,
  quantity,
  strategyId,
  venueOrderId,
  type Fill,
  type Instrument,
  type Order,
} from '@monsta/core';
import { describe, expect, it } from 'vitest';
import { Kernel } from './kernel.ts';
import type { KernelInput } from './kernel-types.ts';
import {
  atMs,
  balance,
  barInput,
  BTC,
  CONFIG,
  EMPTY,
  fillAll,
  feedInput,
  money,
  only,
  quoteInput,
  running,
  scripted,
  startInputs,
  tradeInput,
  venueInput,
} from './kernel.test-support.ts';

/** A tick ten times as fine, and a lot ten times as coarse. */
const NEXT: Instrument = { ...BTC, tick: { units: 1, scale: 3 }, lot: { units: 1, scale: 4 }, version: 2 };
const instruments = (ms: number, instrument = NEXT): KernelInput => ({
  kind: 'instruments',
  tsUs: atMs(ms),
  instruments: [instrument],
});
const equityOf = (kernel: Kernel) => kernel.account().equity;

/** A kernel with a resting buy of 0.01 BTC at 59,000.00, and the order. */
function resting(): { readonly kernel: Kernel; readonly order: Order } {
  const kernel = running([scripted([1], 'scripted', 59_000)]);
  const [placed] = only(kernel.handle(barInput(0, 6_000_000)), 'order');
  if (placed === undefined) throw new Error('no order');
  const { clientOrderId: id } = placed.order;
  const accepted = { kind: 'order-accepted' as const, clientOrderId: id, venueOrderId: venueOrderId('7') };
  kernel.handle(venueInput(60_100, { ...accepted, tsEventUs: atMs(60_100) }));
  return { kernel, order: placed.order };
}

const fillOf = (order: Order, lots: number): Fill => ({
  fillId: `f-${lots}` as Fill['fillId'],
  clientOrderId: order.clientOrderId,
  venueOrderId: venueOrderId('7'),
  strategyId: order.strategyId,
  instrument: BTC.id,
  side: order.side,
  price: price(5_900_000),
  quantity: quantity(lots),
  fee: money('0'),
  feeAsset: BTC.quote,
  liquidity: 'maker',
  tsEventUs: atMs(60_300),
});

describe('a kernel whose instrument gets new steps', () => {
  it('goes on knowing what is held and what it is worth', () => {
    const kernel = running([scripted([1])]);
    fillAll(kernel, kernel.handle(barInput(0, 6_000_000)), 6_000_000, 60_010);
    const [before] = kernel.positions();
    const equity = equityOf(kernel);
    expect(before?.quantity).toBeGreaterThan(0n);
    kernel.handle(instruments(60_100));
    expect(equityOf(kernel)).toBe(equity);
    const [after] = kernel.positions();
    expect(after?.quantity).toBe(before?.quantity);
    expect([before?.mark, after?.mark]).toEqual([6_000_000, 60_000_000]);
    kernel.handle(tradeInput(60_200, 66_000_000));
    expect(Number(equityOf(kernel) ?? 0n)).toBeGreaterThan(Number(equity ?? 0n));
  });

  it('knows no price of the market any more until one comes in the new steps', () => {
    const kernel = running([scripted([1])]);
    kernel.handle(instruments(100));
    const [denied] = only(kernel.handle(barInput(0, 60_000_000)), 'decision');
    expect(denied?.decision.risk).toMatchObject({ result: 'denied', rule: 'price_unknown' });
    const again = running([scripted([1])]);
    again.handle(instruments(100));
    for (const input of [tradeInput(200, 60_000_000), quoteInput(201, 59_999_990, 60_000_000)]) again.handle(input);
    const [placed] = only(again.handle(barInput(0, 60_000_000)), 'submit');
    // 950 USDT at 60,000.000 in lots of 0.0001.
    expect(placed?.request.quantity).toBe(158);
  });

  it('lets an order keep the steps that it was made in, to its last fill', () => {
    const { kernel, order } = resting();
    const free = () => kernel.account().balances.find(({ asset }) => asset === BTC.quote)?.free;
    const before = free();
    kernel.handle(instruments(60_200));
    expect(free()).toBe(before);
    const outputs = [1, 2].flatMap((part) => {
      const lots = part === 1 ? 100 : order.quantity - 100;
      const fill = fillOf(order, lots);
      return kernel.handle(venueInput(60_300, { kind: 'order-filled', fill, tsEventUs: atMs(60_300) }));
    });
    for (const { instrument } of [...only(outputs, 'fill'), ...only(outputs, 'order')]) expect(instrument).toEqual(BTC);
    const position = only(outputs, 'position').at(-1)?.position;
    expect(money(position?.quantity ?? '')).toBe(baseAmount(order.quantity, BTC));
    expect(money(position?.costBasis ?? '')).toBe(notional(price(5_900_000), order.quantity, BTC));
    expect(kernel.workingOrders()).toEqual([]);
  });

  it('cancels a resting order of old steps when it decides anew, whatever price it wants', () => {
    const kernel = running([scripted([1, 1], 'scripted', 59_000)]);
    const [placed] = only(kernel.handle(barInput(0, 6_000_000)), 'order');
    for (const input of [instruments(60_200), feedInput(60_200, 'live'), tradeInput(60_300, 60_000_000)]) {
      kernel.handle(input);
    }
    const outputs = kernel.handle(barInput(1, 60_000_000));
    expect(only(outputs, 'cancel').map((each) => each.clientOrderId)).toEqual([placed?.order.clientOrderId]);
  });

  it('is the same after it was written down and read again, and after a start from the ledger', () => {
    const { kernel, order } = resting();
    kernel.handle(instruments(60_200));
    const strategies = [scripted([1], 'scripted', 59_000)];
    const copy = Kernel.restore(kernel.snapshot(), CONFIG, strategies);
    const fill = venueInput(60_300, { kind: 'order-filled', fill: fillOf(order, 500), tsEventUs: atMs(60_300) });
    expect(copy.handle(fill)).toEqual(kernel.handle(fill));
    expect(copy.snapshot()).toEqual(kernel.snapshot());

    const started = new Kernel(CONFIG, strategies);
    const sell: Order = {
      ...order,
      ...PLAIN_TERMS,
      side: 'sell',
      reduceOnly: true,
      clientOrderId: clientOrderId('mabcdef-1'),
    };
    const state = { ...EMPTY, balances: [balance('BTC', '1')], openOrders: [{ order: sell, instrument: BTC }] };
    for (const input of [instruments(0), ...startInputs(0, state.balances, state).slice(1)]) started.handle(input);
    const locked = started.account().balances.find(({ asset }) => asset === BTC.base)?.locked;
    expect(locked).toBe(money(`0.0${sell.quantity}`));
    expect(sell.strategyId).toBe(strategyId('scripted'));
  });

  it('lets the mark go where the price is below one tick of the new steps', () => {
    const kernel = running([scripted([1])]);
    fillAll(kernel, kernel.handle(barInput(0, 6_000_000)), 6_000_000, 60_010);
    kernel.handle(instruments(60_100, { ...BTC, tick: { units: 100_000, scale: 0 }, version: 2 }));
    expect(equityOf(kernel)).toBeNull();
  });
});
