import { amount } from '@monsta/core';
import type { AccountId, OrderSide, TimeInForce } from '@monsta/core';
import fc from 'fast-check';
import type { Exchange } from './exchange.ts';
import { ANN, BEN, CYD, SYMBOL, lots, money, terms } from './exchange.test-support.ts';
import {
  EXCHANGE_ORDER_TYPES,
  SELF_TRADE_MODES,
  type AmendOrder,
  type CancelOrder,
  type CancelReplace,
  type ExchangeOrderType,
  type NewOrder,
  type NewOrderList,
  type OrderTerms,
} from './vocabulary.ts';

/** The middle of the prices that commands draw, in ticks. */
export const MIDDLE = 1_000;
const ACCOUNTS = [ANN, BEN, CYD] as const;
const LIFETIMES = ['gtc', 'gtc', 'gtc', 'ioc', 'fok'] as const;

/** Small numbers that a command is made of; they shrink well, and mean something only beside the exchange's state. */
export interface Draw {
  readonly kind: number;
  readonly account: number;
  readonly buys: boolean;
  readonly type: number;
  readonly offset: number;
  readonly distance: number;
  readonly size: number;
  readonly lifetime: number;
  readonly mode: number;
  readonly pick: number;
  readonly extra: number;
  readonly waitsMs: number;
}

const upTo = (max: number): fc.Arbitrary<number> => fc.integer({ min: 0, max });

export const draws = (length: number): fc.Arbitrary<Draw[]> =>
  fc.array(
    fc.record({
      kind: upTo(19),
      account: upTo(2),
      buys: fc.boolean(),
      type: upTo(9),
      offset: fc.integer({ min: -8, max: 8 }),
      distance: fc.integer({ min: 1, max: 12 }),
      size: fc.integer({ min: 1, max: 12 }),
      lifetime: upTo(4),
      mode: upTo(4),
      pick: upTo(30),
      extra: upTo(9),
      waitsMs: upTo(30_000),
    }),
    { minLength: 1, maxLength: length, size: 'max' },
  );

export type Command =
  | { readonly kind: 'place'; readonly request: NewOrder }
  | { readonly kind: 'list'; readonly request: NewOrderList }
  | { readonly kind: 'cancel'; readonly request: CancelOrder }
  | { readonly kind: 'cancel-all'; readonly account: AccountId }
  | { readonly kind: 'replace'; readonly request: CancelReplace }
  | { readonly kind: 'amend'; readonly request: AmendOrder };

const TYPES: readonly ExchangeOrderType[] = [...EXCHANGE_ORDER_TYPES, 'LIMIT', 'LIMIT', 'LIMIT'];

function termsOf(draw: Draw, last: number): OrderTerms {
  const type = TYPES[draw.type] ?? 'LIMIT';
  const side: OrderSide = draw.buys ? 'buy' : 'sell';
  const above = type.startsWith('STOP') === draw.buys;
  const limited = type === 'LIMIT' || type === 'LIMIT_MAKER' || type.endsWith('_LIMIT');
  const waits = type.startsWith('STOP') || type.startsWith('TAKE');
  const { extra } = draw;
  const iceberg = limited && extra === 0;
  const lifetime: TimeInForce = iceberg ? 'gtc' : (LIFETIMES[draw.lifetime] ?? 'gtc');
  const byQuote = type === 'MARKET' && extra < 3;
  const trails = waits && extra > 6;
  return terms({
    side,
    type,
    timeInForce: limited && type !== 'LIMIT_MAKER' ? lifetime : null,
    ...(limited ? { price: MIDDLE + draw.offset } : {}),
    ...(waits && (!trails || extra > 7) ? { stopPrice: last + (above ? draw.distance : -draw.distance) } : {}),
    trailingDelta: trails ? draw.distance * 10 : null,
    ...(byQuote ? { quoteOrderQuantity: amount(money('0.0097') * BigInt(draw.size)) } : { quantity: draw.size }),
    ...(iceberg ? { icebergQuantity: Math.ceil(draw.size / (draw.pick % 4 === 0 ? 5 : 3)) } : {}),
    selfTradeMode: draw.pick % 3 === 0 ? null : (SELF_TRADE_MODES[draw.mode] ?? null),
    clientOrderId: draw.pick % 7 === 0 ? `named-${draw.size}` : null,
  });
}

/** Two legs on the two sides of the last price, now and then too near it. */
function legsOf(draw: Draw, last: number): { readonly above: OrderTerms; readonly below: OrderTerms } {
  const side: OrderSide = draw.buys ? 'buy' : 'sell';
  const limited = draw.extra % 2 === 0;
  const away = draw.distance - 1;
  const stopAt = draw.buys ? last + away : last - away;
  const profitAt = draw.buys ? last - away : last + away;
  const loss = terms({
    side,
    type: limited ? 'STOP_LOSS_LIMIT' : 'STOP_LOSS',
    timeInForce: limited ? (LIFETIMES[draw.lifetime] ?? 'gtc') : null,
    ...(limited ? { price: stopAt + draw.offset } : {}),
    ...(draw.extra === 9 ? {} : { stopPrice: stopAt }),
    trailingDelta: draw.extra > 7 ? 50 : null,
    quantity: draw.size,
  });
  const kind = draw.extra % 3;
  const profit =
    kind === 0
      ? terms({ side, type: 'LIMIT_MAKER', price: profitAt, quantity: draw.size })
      : kind === 1
        ? terms({ side, type: 'TAKE_PROFIT', stopPrice: profitAt, quantity: draw.size })
        : terms({
            side,
            type: 'TAKE_PROFIT_LIMIT',
            timeInForce: 'gtc',
            price: profitAt,
            stopPrice: profitAt,
            quantity: draw.size,
          });
  return draw.buys ? { above: loss, below: profit } : { above: profit, below: loss };
}

function listOf(draw: Draw, account: AccountId, last: number): NewOrderList {
  const name = { account, symbol: SYMBOL, listClientOrderId: null } as const;
  const working = terms({
    side: draw.buys ? 'sell' : 'buy',
    type: draw.mode === 0 ? 'LIMIT_MAKER' : 'LIMIT',
    timeInForce: draw.mode === 0 ? null : (LIFETIMES[draw.lifetime] ?? 'gtc'),
    price: MIDDLE + draw.offset,
    quantity: draw.size,
  });
  if (draw.pick % 3 === 0) return { ...name, kind: 'OCO', ...legsOf(draw, last) };
  if (draw.pick % 3 === 1) return { ...name, kind: 'OTOCO', working, ...legsOf(draw, last) };
  const pending = termsOf({ ...draw, extra: 5, pick: 1 }, last);
  return { ...name, kind: 'OTO', working, pending };
}

/** The command that a draw means now: what it cancels or changes is picked among the open orders, sometimes one that there is not. */
export function commandOf(draw: Draw, exchange: Exchange): Command {
  const account = ACCOUNTS[draw.account] ?? ANN;
  const last = exchange.lastPrice(SYMBOL) ?? MIDDLE;
  const open = exchange.openOrders(account, SYMBOL);
  const picked = open[draw.pick % Math.max(1, open.length)];
  const named = {
    account,
    symbol: SYMBOL,
    orderId: picked?.orderId ?? 1_000_000,
    clientOrderId: null,
    newClientOrderId: null,
  } as const;
  const restriction = draw.extra === 1 ? 'ONLY_NEW' : draw.extra === 2 ? 'ONLY_PARTIALLY_FILLED' : null;
  const cancel: CancelOrder = { ...named, restriction };
  const order: NewOrder = { ...termsOf(draw, last), account, symbol: SYMBOL };
  if (draw.kind < 12) return { kind: 'place', request: order };
  if (draw.kind < 15) return { kind: 'list', request: listOf(draw, account, last) };
  if (draw.kind < 16) return { kind: 'cancel', request: cancel };
  if (draw.kind < 17) {
    return draw.extra === 0 ? { kind: 'cancel-all', account } : { kind: 'cancel', request: cancel };
  }
  if (draw.kind < 18) {
    const mode = draw.buys ? 'STOP_ON_FAILURE' : 'ALLOW_FAILURE';
    return { kind: 'replace', request: { mode, cancel, order } };
  }
  const newQuantity = lots(Math.max(1, (picked?.quantity ?? 2) - (draw.extra % 5) + (draw.extra === 9 ? 5 : 0)));
  return { kind: 'amend', request: { ...named, newQuantity } };
}

/** Lets the exchange do a command. */
export function execute(exchange: Exchange, command: Command, us: number): void {
  switch (command.kind) {
    case 'place':
      exchange.place(command.request, us);
      return;
    case 'list':
      exchange.placeList(command.request, us);
      return;
    case 'cancel':
      exchange.cancel(command.request, us);
      return;
    case 'cancel-all':
      exchange.cancelAll(command.account, SYMBOL, us);
      return;
    case 'amend':
      exchange.amend(command.request, us);
      return;
    case 'replace':
      exchange.cancelReplace(command.request, us);
  }
}
