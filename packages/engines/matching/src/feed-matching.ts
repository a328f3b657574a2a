import { fillId, formatAmount, invariant, isFinal, timestampUs, US_PER_MS, venueOrderId } from '@monsta/core';
import type {
  Amount,
  Balance,
  ClientOrderId,
  Fill,
  Instrument,
  InstrumentId,
  MarketEvent,
  OrderRequest,
  OrderSide,
  Price,
  Quantity,
  QuoteTick,
  TimestampUs,
  TradeTick,
} from '@monsta/core';
import type { AccountChange } from './changes.ts';
import { lockFor, settle, takerSlices, type FillModel, type Slice } from './fill-model.ts';
import { checkFilters, type Refusal } from './filters.ts';
import type { HeldOrder, VenueAccount } from './venue-account.ts';

interface Market {
  readonly quote: QuoteTick;
  /** What is left of the quote after what our own orders took of it. */
  bidLeft: Quantity;
  askLeft: Quantity;
}

/**
 * One account trading against a feed that its orders are not in. Synchronous and deterministic: time is that of the requests and events, ids are
 * counted, and each call returns the changes it made to the account, already applied. See `FillModel` for how orders fill.
 */
export class FeedMatching {
  readonly account: VenueAccount;
  readonly #model: FillModel;
  readonly #instruments = new Map<InstrumentId, Instrument>();
  readonly #markets = new Map<InstrumentId, Market>();
  #nowUs: TimestampUs = timestampUs(0);

  constructor(model: FillModel, account: VenueAccount) {
    this.#model = model;
    this.account = account;
  }

  setInstruments(instruments: Iterable<Instrument>): void {
    for (const instrument of instruments) this.#instruments.set(instrument.id, instrument);
  }

  /** Fills the account at its opening, once. */
  open(balances: readonly Balance[]): readonly AccountChange[] {
    return this.#applied([{ kind: 'opened', balances }]);
  }

  /** Takes an order. An id seen before is refused with `duplicate_order` and changes nothing. */
  submit(request: OrderRequest): readonly AccountChange[] {
    this.#advance(request.createdUs);
    const tsUs = this.#nowUs;
    if (this.account.order(request.clientOrderId) !== null) {
      const { clientOrderId } = request;
      return [
        {
          kind: 'refused',
          request: 'submit',
          clientOrderId,
          code: 'duplicate_order',
          reason: '-2010 Duplicate order sent.',
          tsUs,
        },
      ];
    }
    const market = this.#marketFor(request);
    if ('code' in market)
      return this.#applied([{ kind: 'rejected', request, code: market.code, reason: market.reason, tsUs }]);
    return this.#match(request, market.instrument, market.market);
  }

  /** Cancels an open order; `order_unknown` where there is none of that id. */
  cancel(clientOrderId: ClientOrderId, atUs: TimestampUs): readonly AccountChange[] {
    this.#advance(atUs);
    const order = this.account.order(clientOrderId);
    if (order === null || isFinal(order.status)) {
      const reason = '-2011 Unknown order sent.';
      return [{ kind: 'refused', request: 'cancel', clientOrderId, code: 'order_unknown', reason, tsUs: this.#nowUs }];
    }
    return this.#applied([{ kind: 'canceled', clientOrderId, reason: 'canceled on request', tsUs: this.#nowUs }]);
  }

  /** Takes market data and fills resting orders with it. */
  observe(event: MarketEvent): readonly AccountChange[] {
    if (event.kind === 'quote') return this.#observeQuote(event);
    if (event.kind === 'trade') return this.#observeTrade(event);
    return [];
  }

  #observeQuote(quote: QuoteTick): readonly AccountChange[] {
    this.#advance(quote.tsInitUs);
    const market: Market = { quote, bidLeft: quote.bidQuantity, askLeft: quote.askQuantity };
    this.#markets.set(quote.instrument, market);
    const changes: AccountChange[] = [];
    for (const order of this.#resting(quote.instrument)) {
      const buy = order.request.side === 'buy';
      const limit = order.request.limitPrice;
      if (limit === null || !(buy ? quote.askPrice > 0 && quote.askPrice < limit : quote.bidPrice > limit)) continue;
      const left = buy ? market.askLeft : market.bidLeft;
      const size = Math.min(left, order.request.quantity - order.filled) as Quantity;
      if (size <= 0) continue;
      this.#take(market, order.request.side, size);
      // The quote is the present one, though it was learned late: a fill never happens before its order.
      const tsUs = timestampUs(Math.max(quote.tsEventUs, order.acceptedUs));
      changes.push(...this.#fillResting(order, { price: limit, quantity: size }, tsUs));
    }
    return changes;
  }

  #observeTrade(trade: TradeTick): readonly AccountChange[] {
    this.#advance(trade.tsInitUs);
    const changes: AccountChange[] = [];
    const left = { buy: trade.quantity as number, sell: trade.quantity as number };
    for (const order of this.#resting(trade.instrument)) {
      const { side, limitPrice } = order.request;
      // A trade that came late (a repaired gap) may be older than the order.
      if (limitPrice === null || trade.tsEventUs < order.acceptedUs) continue;
      if (!(side === 'buy' ? trade.price < limitPrice : trade.price > limitPrice)) continue;
      const size = Math.min(left[side], order.request.quantity - order.filled) as Quantity;
      if (size <= 0) continue;
      left[side] -= size;
      changes.push(...this.#fillResting(order, { price: limitPrice, quantity: size }, trade.tsEventUs));
    }
    return changes;
  }

  /** Open orders of an instrument: best price first, then oldest. */
  #resting(instrument: InstrumentId): readonly HeldOrder[] {
    const open = this.account.openOrders();
    if (open.length === 0) return open;
    const rank = (order: HeldOrder): number => {
      const limit = order.request.limitPrice ?? 0;
      return order.request.side === 'buy' ? -limit : limit;
    };
    return open
      .filter((order) => order.request.instrument === instrument)
      .sort((left, right) => rank(left) - rank(right));
  }

  #fillResting(order: HeldOrder, slice: Slice, tsUs: TimestampUs): readonly AccountChange[] {
    const instrument = this.#instruments.get(order.request.instrument);
    invariant(instrument !== undefined, `instrument ${order.request.instrument} of a resting order is unknown`);
    const limit = order.request.limitPrice;
    invariant(limit !== null, 'only limit orders rest');
    const after = (order.request.quantity - order.filled - slice.quantity) as Quantity;
    const lockedAfter = lockFor(order.request.side, limit, after, instrument, this.#model);
    return this.#applied([this.#fill(order.request, slice, instrument, 'maker', lockedAfter, tsUs, 0)]);
  }

  #marketFor(request: OrderRequest): { readonly instrument: Instrument; readonly market: Market } | Refusal {
    const instrument = this.#instruments.get(request.instrument);
    if (instrument === undefined)
      return { code: 'instrument_unknown', reason: `-1121 Invalid symbol: ${request.instrument}` };
    const market = this.#markets.get(request.instrument);
    if (market === undefined) {
      return {
        code: 'no_quote',
        reason: `no best bid and ask of ${instrument.id} has been seen yet, so that there is no price to fill at`,
      };
    }
    const { quote } = market;
    const ageMs = (this.#nowUs - quote.tsInitUs) / US_PER_MS;
    if (ageMs > this.#model.quoteAgeMsMax) {
      return {
        code: 'quote_stale',
        reason: `the newest quote of ${instrument.id} is ${Math.round(ageMs)} ms old, above ${this.#model.quoteAgeMsMax} ms`,
      };
    }
    const touch = request.side === 'buy' ? quote.askPrice : quote.bidPrice;
    if (touch < 1) return { code: 'no_quote', reason: `nobody offers the other side of ${instrument.id}` };
    return checkFilters(request, instrument, touch) ?? { instrument, market };
  }

  #match(request: OrderRequest, instrument: Instrument, market: Market): readonly AccountChange[] {
    const { side, limitPrice } = request;
    const buy = side === 'buy';
    const touch = buy ? market.quote.askPrice : market.quote.bidPrice;
    const shown = buy ? market.askLeft : market.bidLeft;
    const crosses = limitPrice === null || (buy ? limitPrice >= touch : limitPrice <= touch);
    const all = crosses ? takerSlices(side, request.quantity, limitPrice, touch, shown, this.#model) : [];
    const taken = all.reduce((sum, slice) => sum + slice.quantity, 0);
    const slices = request.timeInForce === 'fok' && taken < request.quantity ? [] : all;
    const filled = slices.reduce((sum, slice) => sum + slice.quantity, 0);
    const rest = (request.quantity - filled) as Quantity;
    const rests = rest > 0 && limitPrice !== null && request.timeInForce === 'gtc';

    const parts = slices.map((slice) => settle(side, slice, instrument, this.#model.takerFeePpm, this.#model));
    const lockRest = rests ? lockFor(side, limitPrice, rest, instrument, this.#model) : (0n as Amount);
    const cost = parts.reduce((sum, part) => sum + part.debit, 0n);
    const locked = (cost + lockRest) as Amount;
    const lockAsset = buy ? instrument.quote : instrument.base;
    const free = this.account.free(lockAsset);
    // What the whole order is worth must be there, also where a FOK or IOC order fills nothing of it.
    const needed = limitPrice === null || rests ? locked : this.#atLeast(locked, request, instrument);
    const tsUs = this.#nowUs;
    if (free < needed) {
      const reason = `-2010 Account has insufficient balance for requested action: it takes ${formatAmount(needed)} ${lockAsset}, ${formatAmount(free)} are free`;
      return this.#applied([{ kind: 'rejected', request, code: 'insufficient_balance', reason, tsUs }]);
    }

    const orderId = venueOrderId(String(this.account.accepted + 1));
    const changes: AccountChange[] = [{ kind: 'accepted', request, venueOrderId: orderId, lockAsset, locked, tsUs }];
    let left = locked;
    slices.forEach((slice, index) => {
      left = (left - (parts[index]?.debit ?? 0n)) as Amount;
      changes.push(this.#fill(request, slice, instrument, 'taker', left, tsUs, index, orderId));
    });
    if (slices.length > 0) this.#take(market, side, Math.min(shown, filled) as Quantity);
    if (rest > 0 && !rests) {
      const reason =
        limitPrice === null ? 'the quote shows no more' : `${request.timeInForce.toUpperCase()}: no more at this price`;
      changes.push({ kind: 'expired', clientOrderId: request.clientOrderId, reason, tsUs });
    }
    return this.#applied(changes);
  }

  #atLeast(locked: Amount, request: OrderRequest, instrument: Instrument): Amount {
    const whole = lockFor(request.side, request.limitPrice ?? (1 as Price), request.quantity, instrument, this.#model);
    return locked > whole ? locked : whole;
  }

  #fill(
    request: OrderRequest,
    slice: Slice,
    instrument: Instrument,
    liquidity: Fill['liquidity'],
    lockedAfter: Amount,
    tsUs: TimestampUs,
    offset: number,
    orderId = this.account.order(request.clientOrderId)?.venueOrderId ?? null,
  ): AccountChange {
    invariant(orderId !== null, `order ${request.clientOrderId} has no id at the venue`);
    const feePpm = liquidity === 'taker' ? this.#model.takerFeePpm : this.#model.makerFeePpm;
    const { fee, feeAsset, ...moved } = settle(request.side, slice, instrument, feePpm, this.#model);
    const fill: Fill = {
      fillId: fillId(String(this.account.fills + 1 + offset)),
      clientOrderId: request.clientOrderId,
      venueOrderId: orderId,
      strategyId: request.strategyId,
      instrument: request.instrument,
      side: request.side,
      price: slice.price,
      quantity: slice.quantity,
      fee,
      feeAsset,
      liquidity,
      tsEventUs: tsUs,
    };
    return { kind: 'filled', fill, ...moved, lockedAfter };
  }

  #take(market: Market, side: OrderSide, size: Quantity): void {
    if (side === 'buy') market.askLeft = Math.max(0, market.askLeft - size) as Quantity;
    else market.bidLeft = Math.max(0, market.bidLeft - size) as Quantity;
  }

  #applied(changes: readonly AccountChange[]): readonly AccountChange[] {
    for (const change of changes) this.account.apply(change);
    return changes;
  }

  #advance(us: TimestampUs): void {
    if (us > this.#nowUs) this.#nowUs = us;
  }
}
