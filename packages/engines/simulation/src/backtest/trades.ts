import {
  AMOUNT_SCALE,
  approximateAmount,
  baseAmount,
  divide,
  formatAmount,
  lotsWithin,
  msFromUs,
  notional,
  NotionalSum,
  pow10,
  type Amount,
  type Fill,
  type Instrument,
  type Order,
  type Price,
  type StrategyId,
} from '@monsta/core';
import { END_TAG, netOf, positionKey, splitFill } from '@monsta/trading';
import type { EndedTrip, Kernel, KernelOutput } from '@monsta/trading';
import { ClosedTrades, type ClosedTrade } from './closed-trades.ts';
import type { BacktestTrade } from './outcome.ts';

/** A trade under way, followed by its fills. Money in the quote asset, `quantity` in the base asset: what is held after fees that were taken from it, below 0 while short. */
interface OpenTrade {
  readonly strategyId: StrategyId;
  readonly instrument: Instrument;
  readonly direction: 'long' | 'short';
  readonly openedMs: number;
  readonly entryTag: string | null;
  quantity: bigint;
  largest: bigint;
  entryQuantity: bigint;
  entryValue: bigint;
  exitValue: bigint;
  /** All fees, and those of them that were not taken from what is held. */
  fees: bigint;
  feesApart: bigint;
}

export interface TradesState {
  readonly open: readonly (readonly [key: string, OpenTrade])[];
  readonly told: readonly BacktestTrade[];
  readonly closed: readonly ClosedTrade[];
  readonly turnover: Amount;
}

const ONE = pow10(AMOUNT_SCALE);
const text = (value: bigint): string => formatAmount(value as Amount);
const size = (value: bigint): bigint => (value < 0n ? -value : value);
/** Mostly the first of its kind: then there is nothing to be added to. */
const plus = (sum: bigint, by: bigint): bigint => (sum === 0n ? by : sum + by);
const PPM = 1_000_000;

/** Puts the fills and round trips that the kernel tells of together to trades, those that are still open included. */
export class Trades {
  readonly #open = new Map<string, OpenTrade>();
  /** Closed ones as somebody was told of them, which stay as they are; and those that closed since. */
  readonly #told: BacktestTrade[] = [];
  readonly #closed = new ClosedTrades();
  /** How many of those that were told come from a run that this one goes on from. */
  #wentOn = 0;
  /** The order that was told just now: a fill follows its order at once. Nothing of it reaches further. */
  #last: Order | null = null;
  #turnover = new NotionalSum();
  /** What is left of a fill whose first part closes a trade; its end is told next. */
  #turned: { readonly fill: Fill; readonly instrument: Instrument } | null = null;
  readonly #shorts: boolean;

  /** `shorts`: whether a fill may go beyond what it closes. Otherwise what is sold beyond a trade is what fees in coins have left of those before. */
  constructor(shorts: boolean) {
    this.#shorts = shorts;
  }

  /** All that was bought and sold, in the quote asset. */
  get turnover(): Amount {
    return this.#turnover.value;
  }

  /** For `goOn`. */
  state(): TradesState {
    return {
      open: [...this.#open].map(([key, trade]) => [key, { ...trade }]),
      told: [...this.#told],
      closed: this.#untold(),
      turnover: this.turnover,
    };
  }

  goOn({ open, told, closed, turnover }: TradesState): void {
    this.#turnover = new NotionalSum(turnover);
    for (const trade of told) this.#told.push(trade);
    this.#wentOn = told.length;
    for (const [key, trade] of open) this.#open.set(key, trade);
    for (const trade of closed) this.#closed.add(trade);
  }

  heard(output: KernelOutput): void {
    switch (output.kind) {
      case 'order':
        this.#last = output.order;
        return;
      case 'fill':
        this.#filled(output.fill, output.instrument);
        return;
      case 'trip-ended':
        this.#ended(output.ended);
        return;
      default:
    }
  }

  #filled(fill: Fill, instrument: Instrument): void {
    const key = positionKey(fill.strategyId, fill.instrument);
    const trade = this.#open.get(key) ?? this.#begin(key, fill, instrument);
    const enters = (fill.side === 'buy') === (trade.direction === 'long');
    const coins = baseAmount(fill.quantity, instrument);
    if (this.#shorts && !enters && coins > size(trade.quantity)) {
      const held = lotsWithin(size(trade.quantity) as Amount, instrument);
      if (held > 0) {
        // It goes beyond what it closes: the rest begins another trade, once this one is told to have ended.
        const [first, rest] = splitFill(fill, held);
        this.#turned = { fill: rest, instrument };
        this.#filled(first, instrument);
        return;
      }
    }
    const money = notional(fill.price, fill.quantity, instrument);
    this.#turnover.add(fill.price, fill.quantity, instrument);
    if (enters) {
      trade.entryQuantity = plus(trade.entryQuantity, coins);
      trade.entryValue = plus(trade.entryValue, money);
    } else trade.exitValue = plus(trade.exitValue, money);
    trade.quantity = fill.side === 'buy' ? plus(trade.quantity, coins) : trade.quantity - coins;
    if (fill.feeAsset === instrument.base) {
      trade.quantity -= fill.fee;
      trade.fees += divide(money * fill.fee, coins, 'half-even');
    } else if (fill.feeAsset === instrument.quote) {
      const all = trade.fees === trade.feesApart;
      trade.feesApart = plus(trade.feesApart, fill.fee);
      trade.fees = all ? trade.feesApart : trade.fees + fill.fee;
    }
    if (size(trade.quantity) > trade.largest) trade.largest = size(trade.quantity);
  }

  #begin(key: string, fill: Fill, instrument: Instrument): OpenTrade {
    const last = this.#last;
    const trade: OpenTrade = {
      strategyId: fill.strategyId,
      instrument,
      direction: fill.side === 'buy' ? 'long' : 'short',
      openedMs: msFromUs(fill.tsEventUs),
      entryTag: last !== null && last.clientOrderId === fill.clientOrderId ? last.tag : null,
      quantity: 0n,
      largest: 0n,
      entryQuantity: 0n,
      entryValue: 0n,
      exitValue: 0n,
      fees: 0n,
      feesApart: 0n,
    };
    this.#open.set(key, trade);
    return trade;
  }

  #ended(ended: EndedTrip): void {
    const key = positionKey(ended.strategyId, ended.instrument);
    const open = this.#open.get(key);
    if (open === undefined) return;
    this.#open.delete(key);
    this.#closed.add(closedTradeOf(ended, open));
    const turned = this.#turned;
    this.#turned = null;
    if (turned !== null) this.#filled(turned.fill, turned.instrument);
  }

  /**
   * The trades until now, made into objects when they are read: in the order of their closes, then those that are open. `closesMs`: the closes of the main interval until now, oldest first; asked for then.
   */
  asOfNow(kernel: Kernel, closesMs: () => Float64Array): () => readonly BacktestTrade[] {
    const rows = this.#closed.length;
    const open = this.#opened(kernel);
    return () => {
      const closes = closesMs();
      for (let row = this.#told.length - this.#wentOn; row < rows; row += 1)
        this.#told.push(closedTrade(this.#closed.at(row), closes));
      const opened = open.map(([trade, view]) => openTrade(trade, view, closes));
      return [...this.#told.slice(0, this.#wentOn + rows), ...opened];
    };
  }

  /** As they are now. */
  #opened(kernel: Kernel): readonly (readonly [trade: OpenTrade, view: View | null])[] {
    if (this.#open.size === 0) return [];
    const views = new Map(kernel.positions().map((view) => [positionKey(view.strategyId, view.instrument), view]));
    return [...this.#open]
      .filter(([, { quantity, instrument }]) => lotsWithin(size(quantity) as Amount, instrument) > 0)
      .map(([key, trade]) => [{ ...trade }, views.get(key) ?? null] as const);
  }

  #untold(): readonly ClosedTrade[] {
    const rows: ClosedTrade[] = [];
    for (let row = this.#told.length - this.#wentOn; row < this.#closed.length; row += 1)
      rows.push(this.#closed.at(row));
    return rows;
  }
}

const averageOf = (value: bigint, coins: bigint): string | null =>
  coins === 0n ? null : text(divide(value * ONE, coins, 'half-even'));

const valueOf = (coins: bigint, at: Price, { tick }: Instrument): bigint =>
  divide(coins * BigInt(at) * BigInt(tick.units), pow10(tick.scale), 'half-even');

const shareOf = (part: bigint, whole: bigint): number =>
  whole === 0n ? 0 : approximateAmount(part as Amount) / approximateAmount(whole as Amount);

function closedTradeOf(ended: EndedTrip, open: OpenTrade): ClosedTrade {
  const { trip, strategyId, instrument, key, closedUs, tag, cause } = ended;
  const { direction, entryTag, largest, openedMs, fees } = open;
  const { realizedProfit, excursions } = trip;
  return {
    strategyId,
    instrument,
    direction,
    entryTag,
    exitTag: tag,
    exitCause: tag === END_TAG ? 'end_of_data' : cause,
    key,
    openedMs,
    closedMs: msFromUs(closedUs),
    adversePpm: excursions.adversePpm,
    favourablePpm: excursions.favourablePpm,
    entryQuantity: trip.entryQuantity,
    entryValue: trip.entryValue,
    exitQuantity: trip.exitQuantity,
    exitValue: trip.exitValue,
    largest,
    // What a fee in a third asset was worth may be unknown.
    profit: netOf(realizedProfit, trip.fees) ?? realizedProfit,
    fees: fees + trip.fees.otherValue,
  };
}

function closedTrade(trade: ClosedTrade, closesMs: Float64Array): BacktestTrade {
  const { strategyId, instrument, direction, openedMs, closedMs, profit, entryValue } = trade;
  return {
    id: `${strategyId}:${instrument}:${trade.key}`,
    strategyId,
    instrument,
    direction,
    openedMs,
    closedMs,
    entryPrice: averageOf(entryValue, trade.entryQuantity) ?? '0',
    exitPrice: averageOf(trade.exitValue, trade.exitQuantity),
    quantity: text(trade.largest),
    profit: text(profit),
    fees: text(trade.fees),
    returnShare: shareOf(profit, entryValue),
    adverseShare: trade.adversePpm / PPM,
    favourableShare: trade.favourablePpm / PPM,
    bars: closesBetween(closesMs, openedMs, closedMs),
    entryTag: trade.entryTag,
    exitTag: trade.exitTag,
    exitCause: trade.exitCause,
  };
}

type View = ReturnType<Kernel['positions']>[number];

function openTrade(trade: OpenTrade, view: View | null, closesMs: Float64Array): BacktestTrade {
  const { strategyId, instrument, direction, openedMs, entryTag, quantity, largest, entryValue, exitValue } = trade;
  const mark = view?.mark ?? null;
  const worth = mark === null ? 0n : valueOf(quantity, mark, instrument);
  const traded = direction === 'long' ? exitValue - entryValue : entryValue - exitValue;
  const profit = traded + worth - trade.feesApart;
  return {
    id: `${strategyId}:${instrument.id}:open`,
    strategyId,
    instrument: instrument.id,
    direction,
    openedMs,
    closedMs: null,
    entryPrice: averageOf(entryValue, trade.entryQuantity) ?? '0',
    exitPrice: mark === null ? null : averageOf(valueOf(ONE, mark, instrument), ONE),
    quantity: text(largest),
    profit: text(profit),
    fees: text(trade.fees),
    returnShare: shareOf(profit, entryValue),
    adverseShare: (view?.excursions?.adversePpm ?? 0) / PPM,
    favourableShare: (view?.excursions?.favourablePpm ?? 0) / PPM,
    bars: closesBetween(closesMs, openedMs, Infinity),
    entryTag,
    exitTag: null,
    exitCause: null,
  };
}

/** How many closes came after one time, up to and at another. */
const closesBetween = (closesMs: Float64Array, afterMs: number, untilMs: number): number =>
  firstAfter(closesMs, untilMs) - firstAfter(closesMs, afterMs);

/** Index of the first that is later. */
function firstAfter(sorted: Float64Array, ms: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] ?? Infinity) <= ms) low = middle + 1;
    else high = middle;
  }
  return low;
}
