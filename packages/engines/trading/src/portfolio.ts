import {
  addAmounts,
  baseAmount,
  isFinal,
  lotsWithin,
  negateAmount,
  notional,
  price,
  subtractAmounts,
} from '@monsta/core';
import type {
  Amount,
  AssetId,
  Balance,
  Bar,
  ClientOrderId,
  Fill,
  ForeignFill,
  Instrument,
  InstrumentId,
  Order,
  Price,
  Quantity,
  StrategyId,
  TimestampUs,
} from '@monsta/core';
import { AccountTotals } from './account-totals.ts';
import { commitmentsOf, type Commitment } from './commitments.ts';
import { decodePosition } from './position-record.ts';
import type { OrderInSteps, PositionRecord } from './records.ts';
import type { Markets } from './markets.ts';
import { positionKey, flatPosition, sizeOf, valueAt, type Position } from './position.ts';
import { bookFill, observePrices, takeCoins, type Moved } from './round-trip.ts';
import { WorkingOrders } from './working-orders.ts';
import { coinsInSales, coinsOf, reservationsOf, type Reservation } from './reservations.ts';

const NOTHING = 0n as Amount;

/** The lowest and the highest price that a position as it is now has seen. What lies between them moves nothing; what they mean for it is reckoned when somebody looks. */
export interface Extremes {
  readonly key: string;
  readonly openedUs: TimestampUs;
  position: Position;
  readonly instrument: Instrument;
  low: number;
  high: number;
  /** True while the position has not been told of them. */
  untold: boolean;
}

interface Valued {
  coins: Amount;
  mark: Price;
  instrument: Instrument;
  value: Amount;
}

const NO_ORDERS: readonly Order[] = [];
const NO_RESERVATIONS: readonly Reservation[] = [];

/** Positions by strategy and instrument, the account's totals by asset, and the orders that are working. All of it follows from orders and fills. */
export class Portfolio {
  readonly #markets: Markets;
  readonly #positions = new Map<string, Position>();
  /** The same side by side; null once one of them has moved. */
  #all: readonly Position[] | null = null;
  #holdings = 0;
  /** Positions whose excursions moved since they were recorded. */
  readonly #excursed = new Set<string>();
  /** The lowest and highest price that a position as it is now has seen: what lies between them moves nothing. */
  readonly #extremes = new Map<string, Extremes>();
  #untold = false;
  readonly #orders = new WorkingOrders();
  /** What all working orders hold back, which every order is weighed against several times; null when one of them has moved since. */
  #reservations: readonly Reservation[] | null = null;
  /** What is about to sell each position; gathered anew when one of them has moved. */
  readonly #sales = new Map<string, readonly Reservation[]>();
  /** What coins of an instrument were last valued at: asked several times for each input. */
  readonly #values = new Map<InstrumentId, Valued>();
  /** What the account holds, by asset. */
  readonly money = new AccountTotals();

  /** True where positions may be below nothing. */
  readonly shorts: boolean;

  constructor(markets: Markets, shorts = false) {
    this.#markets = markets;
    this.shorts = shorts;
  }

  position(strategyId: StrategyId, instrument: InstrumentId, nowUs: TimestampUs): Position {
    if (this.#untold) this.#tellExtremes();
    return this.#positions.get(positionKey(strategyId, instrument)) ?? flatPosition(strategyId, instrument, nowUs);
  }

  /** The same where one was ever held, but for how far the market went: that may not be told yet. */
  holding(strategyId: StrategyId, instrument: InstrumentId): Position | null {
    return this.#positions.get(positionKey(strategyId, instrument)) ?? null;
  }

  /** Another one after each change of what is held: while it is the same, so is each `holding`, but for how far the market went. */
  get holdings(): number {
    return this.#holdings;
  }

  positions(): readonly Position[] {
    if (this.#untold) this.#tellExtremes();
    return this.#held;
  }

  /** The same, but for how far the market went: that may not be told yet. */
  get #held(): readonly Position[] {
    this.#all ??= [...this.#positions.values()];
    return this.#all;
  }

  /** Takes a position as it is recorded. */
  putPosition(position: Position): void {
    if (this.#untold) this.#tellExtremes();
    const key = positionKey(position.strategyId, position.instrument);
    this.#positions.set(key, position);
    this.#all = null;
    this.#excursed.delete(key);
    this.#holdings += 1;
  }

  /** Takes positions as the ledger kept them. */
  recover(records: readonly PositionRecord[]): void {
    for (const record of records) this.putPosition(decodePosition(record));
  }

  order(id: ClientOrderId): Order | null {
    return this.#orders.get(id)?.order ?? null;
  }

  /** In whose steps a working order counts; for any other order those of now. */
  stepsOf({ clientOrderId, instrument }: Order): Instrument {
    return this.#orders.get(clientOrderId)?.instrument ?? this.#known(instrument);
  }

  /** Orders that are not final, oldest first. */
  workingOrders(): readonly Order[] {
    return this.#orders.orders;
  }

  /** The same, with the steps that they count in. */
  inSteps(): readonly OrderInSteps[] {
    return this.#orders.inSteps;
  }

  workingOf(strategyId: StrategyId, instrument: InstrumentId): readonly Order[] {
    if (this.#orders.size === 0) return NO_ORDERS;
    return this.workingOrders().filter((order) => order.strategyId === strategyId && order.instrument === instrument);
  }

  /** What is about to close a position: its sales, or of a short one its purchases. */
  salesOf(strategyId: StrategyId, instrument: InstrumentId): readonly Reservation[] {
    if (this.#orders.size === 0) return NO_RESERVATIONS;
    const key = positionKey(strategyId, instrument);
    let sales = this.#sales.get(key);
    if (sales === undefined) {
      const sells = this.inSteps().filter(
        ({ order }) => order.strategyId === strategyId && order.instrument === instrument && this.#closes(order),
      );
      sales = reservationsOf(sells);
      this.#sales.set(key, sales);
    }
    return sales;
  }

  /** The orders of a list that are still working. */
  ofList(listId: ClientOrderId): readonly Order[] {
    return this.workingOrders().filter((order) => order.listId === listId);
  }

  /** How many orders are working of those that count; a pair is one. */
  openOrders(counts: (order: Order) => boolean): number {
    return this.#reserving().filter(({ orders }) => orders.some(counts)).length;
  }

  /** Keeps a working order, in the steps that it began with (those of now for a new one), and lets go of a final one. */
  putOrder(order: Order, instrument: Instrument = this.stepsOf(order)): void {
    this.#reservations = null;
    if (this.#sales.size > 0) this.#sales.clear();
    if (isFinal(order.status)) this.#orders.delete(order.clientOrderId);
    else this.#orders.put(order, instrument);
  }

  /** Moves totals and the position by a fill that is counted in the steps of `instrument`; the position as it is then, and the trip that ended. */
  applyFill(fill: Fill, instrument: Instrument, nowUs: TimestampUs): Moved {
    this.applyFillToTotals(fill, instrument);
    const before = this.position(fill.strategyId, fill.instrument, nowUs);
    const otherFee = this.#worthOf(fill.fee, fill.feeAsset, instrument.quote);
    const moved = bookFill(before, fill, instrument, otherFee, this.shorts);
    this.putPosition(moved.position);
    return moved;
  }

  /** Takes coins that the account no longer has from a position. */
  takeCoins(position: Position, by: Amount, instrument: Instrument, nowUs: TimestampUs): Moved {
    const moved = takeCoins(position, by, instrument, nowUs);
    this.putPosition(moved.position);
    return moved;
  }

  /** A price at which an instrument traded: how far the market went against its positions, and in their favour. */
  observe(id: InstrumentId, at: Price): void {
    this.#observe(id, at, at, null);
  }

  /** The extremes of a bar, for positions that were opened before it began. */
  observeBar({ instrument, low, high, openTimeUs }: Bar): void {
    this.#observe(instrument, low, high, openTimeUs);
  }

  /** Positions that went further than was recorded of them, once each. */
  takeExcursed(): readonly Position[] {
    if (this.#untold) this.#tellExtremes();
    if (this.#excursed.size === 0) return [];
    const moved = this.excursed.flatMap((key) => this.#positions.get(key) ?? []);
    this.#excursed.clear();
    return moved;
  }

  get excursed(): readonly string[] {
    if (this.#untold) this.#tellExtremes();
    return [...this.#excursed].sort();
  }

  restoreExcursed(keys: readonly string[]): void {
    for (const key of keys) this.#excursed.add(key);
  }

  #observe(id: InstrumentId, low: Price, high: Price, sinceUs: TimestampUs | null): void {
    for (const [key, position] of this.#positions) {
      const { trip } = position;
      if (trip === null || position.instrument !== id || (sinceUs !== null && trip.openedUs > sinceUs)) continue;
      this.see(this.#extremesOf(key, position, trip.openedUs), low, high);
    }
  }

  /** Widens what a position has seen. */
  see(extremes: Extremes, low: number, high: number): void {
    if (low < extremes.low) extremes.low = low;
    else if (high <= extremes.high) return;
    if (high > extremes.high) extremes.high = high;
    extremes.untold = true;
    this.#untold = true;
  }

  /** What the open positions in an instrument have seen, for who shows them many prices: good until one of them moves. */
  extremesIn(id: InstrumentId): readonly Extremes[] {
    const found: Extremes[] = [];
    for (const [key, position] of this.#positions)
      if (position.trip !== null && position.instrument === id)
        found.push(this.#extremesOf(key, position, position.trip.openedUs));
    return found;
  }

  #extremesOf(key: string, position: Position, openedUs: TimestampUs): Extremes {
    const instrument = this.#known(position.instrument);
    const known = this.#extremes.get(key);
    if (known !== undefined && known.position === position && known.instrument === instrument) return known;
    if (this.#untold) this.#tellExtremes();
    const now = this.#positions.get(key) ?? position;
    const made = { key, openedUs, position: now, instrument, low: Infinity, high: -Infinity, untold: false };
    this.#extremes.set(key, made);
    return made;
  }

  #tellExtremes(): void {
    this.#untold = false;
    for (const extremes of this.#extremes.values()) {
      if (!extremes.untold) continue;
      extremes.untold = false;
      const { key, position, instrument, low, high } = extremes;
      const seen = observePrices(position, price(low), price(high), instrument);
      if (seen === position) continue;
      extremes.position = seen;
      this.#positions.set(key, seen);
      this.#all = null;
      this.#excursed.add(key);
    }
  }

  /** What an amount of any asset is worth in `quote`, at the last price of its own market against it; null where none is known. */
  #worthOf(fee: Amount, asset: AssetId, quote: AssetId): Amount | null {
    if (asset === quote) return fee;
    for (const instrument of this.#markets.instruments()) {
      if (instrument.base !== asset || instrument.quote !== quote) continue;
      const { mark } = this.#markets.state(instrument.id);
      if (mark !== null) return valueAt(fee, mark, instrument);
    }
    return null;
  }

  applyFillToTotals(fill: ForeignFill, instrument: Instrument): void {
    const money = notional(fill.price, fill.quantity, instrument);
    const coins = baseAmount(fill.quantity, instrument);
    const buys = fill.side === 'buy';
    this.money.move(instrument.base, buys ? coins : negateAmount(coins), fill.tsEventUs);
    const inQuote = fill.feeAsset === instrument.quote;
    const fee = inQuote ? fill.fee : NOTHING;
    const paid = buys ? negateAmount(addAmounts(money, fee)) : subtractAmounts(money, fee);
    this.money.move(instrument.quote, paid, fill.tsEventUs);
    if (!inQuote) this.money.move(fill.feeAsset, -fill.fee as Amount, fill.tsEventUs);
  }

  /** Lots of a position that no working order is about to close, those of `except` left out. */
  freeToSell(
    strategyId: StrategyId,
    instrument: InstrumentId,
    nowUs: TimestampUs,
    except: (order: Order) => boolean = () => false,
  ): Quantity {
    const selling = coinsInSales(this.salesOf(strategyId, instrument), (order) => !except(order));
    const { quantity } = this.position(strategyId, instrument, nowUs);
    return lotsWithin(subtractAmounts(sizeOf(quantity), selling), this.#known(instrument));
  }

  /** What working orders may still spend of an asset. */
  reserved(asset: AssetId): Amount {
    let sum = NOTHING;
    for (const each of this.#reserving()) {
      const { side, instrument } = each;
      if (side === 'sell') {
        if (instrument.base === asset) sum = addAmounts(sum, coinsOf(each));
      } else if (instrument.quote === asset) sum = addAmounts(sum, this.#worth(each) ?? NOTHING);
    }
    return sum;
  }

  /** Value of the entries in an instrument that are still working. */
  openEntryValue(id: InstrumentId): Amount {
    let sum = NOTHING;
    for (const each of this.#reserving()) {
      if (each.instrument.id !== id || each.side !== 'buy') continue;
      sum = addAmounts(sum, this.#worth(each) ?? NOTHING);
    }
    return sum;
  }

  /** What a strategy's working entries in an instrument may still buy, and its value; null while that is unknown. */
  openEntriesOf(strategyId: StrategyId, id: InstrumentId): { readonly coins: Amount; readonly value: Amount | null } {
    let [coins, value]: [Amount, Amount | null] = [NOTHING, NOTHING];
    for (const each of this.#reserving()) {
      if (each.side !== 'buy' || each.instrument.id !== id || each.orders[0]?.strategyId !== strategyId) continue;
      const worth = this.#worth(each);
      coins = addAmounts(coins, coinsOf(each));
      value = value === null || worth === null ? null : addAmounts(value, worth);
    }
    return { coins, value };
  }

  /** Positions (a strategy and an instrument each) that are open or being entered, those of `except` left out. */
  openPositions(except: (strategyId: StrategyId, instrument: InstrumentId) => boolean): number {
    const open = new Set<string>();
    for (const { strategyId, instrument, openedUs } of this.#held)
      if (openedUs !== null && !except(strategyId, instrument)) open.add(positionKey(strategyId, instrument));
    for (const order of this.#orders.orders)
      if (!this.#closes(order) && !except(order.strategyId, order.instrument))
        open.add(positionKey(order.strategyId, order.instrument));
    return open.size;
  }

  /** Realised and unrealised profit of a strategy, as its positions tell it; null while the price of one of them is unknown. */
  profitOf(strategyId: StrategyId): Amount | null {
    let sum = NOTHING;
    for (const position of this.#held) {
      if (position.strategyId !== strategyId) continue;
      const value = this.valueOf(position.quantity, position.instrument);
      if (value === null) return null;
      sum = addAmounts(addAmounts(sum, position.realizedProfit), subtractAmounts(value, position.costBasis));
    }
    return sum;
  }

  /** Value of all positions and of all entries that are still working, or of those of one strategy; null while the price of one of them is unknown. */
  exposure(of: StrategyId | null = null): Amount | null {
    let sum = NOTHING;
    for (const position of this.#held) {
      if (of !== null && position.strategyId !== of) continue;
      const value = this.valueOf(position.quantity, position.instrument);
      if (value === null) return null;
      sum = addAmounts(sum, value);
    }
    for (const each of this.#reserving()) {
      if (each.side !== 'buy' || (of !== null && each.orders[0]?.strategyId !== of)) continue;
      const worth = this.#worth(each);
      if (worth === null) return null;
      sum = addAmounts(sum, worth);
    }
    return sum;
  }

  balances(): readonly Balance[] {
    const assets = [...this.money.assets].sort();
    return assets.map((asset) => {
      const total = this.money.of(asset) ?? NOTHING;
      const wanted = this.reserved(asset);
      const locked = wanted > total ? (total > 0n ? total : NOTHING) : wanted;
      return { asset, free: subtractAmounts(total, locked), locked };
    });
  }

  freeCash(quote: AssetId): Amount {
    const free = subtractAmounts(this.money.of(quote) ?? NOTHING, this.reserved(quote));
    return free > 0n ? free : NOTHING;
  }

  /** Value of an instrument's positions over all strategies; null while its price is unknown. */
  positionValue(id: InstrumentId): Amount | null {
    return this.valueOf(this.coinsIn(id), id);
  }

  /** Coins of an instrument that all strategies hold together. */
  coinsIn(id: InstrumentId): Amount {
    let coins = NOTHING;
    for (const { instrument, quantity } of this.#held) if (instrument === id) coins = addAmounts(coins, quantity);
    return coins;
  }

  /** Cash plus all positions at their marks; null while a mark, or the cash itself, is unknown. */
  equity(quote: AssetId): Amount | null {
    let sum = this.money.of(quote);
    for (const position of this.#held) {
      const value = this.valueOf(position.quantity, position.instrument);
      if (sum === null || value === null) return null;
      sum = addAmounts(sum, value);
    }
    return sum;
  }

  /** What all strategies, or one of them, have committed themselves to on either side; see `commitmentsOf`. */
  commitments(of: StrategyId | null = null): readonly Commitment[] {
    return commitmentsOf(this.positions(), this.inSteps(), of);
  }

  /** Coins of an instrument at its mark; null while that is unknown. */
  valueOf(coins: Amount, id: InstrumentId): Amount | null {
    if (coins === 0n) return NOTHING;
    const { mark } = this.#markets.state(id);
    if (mark === null) return null;
    const instrument = this.#known(id);
    const last = this.#values.get(id);
    if (last !== undefined && last.coins === coins && last.mark === mark && last.instrument === instrument)
      return last.value;
    const value = valueAt(coins, mark, instrument);
    if (last === undefined) this.#values.set(id, { coins, mark, instrument, value });
    else [last.coins, last.mark, last.instrument, last.value] = [coins, mark, instrument, value];
    return value;
  }

  #reserving(): readonly Reservation[] {
    this.#reservations ??= reservationsOf(this.inSteps());
    return this.#reservations;
  }

  /** What is left of an order or a pair, at its own price or else at the market's; null while that is unknown. */
  #worth(reservation: Reservation): Amount | null {
    const { price, left, instrument } = reservation;
    if (price !== null) return notional(price, left, instrument);
    const { ask, mark } = this.#markets.state(instrument.id);
    const at = ask ?? mark;
    return at === null ? null : valueAt(coinsOf(reservation), at, this.#known(instrument.id));
  }

  /** Where nothing can be owed, every sale closes. */
  #closes({ side, reduceOnly }: Order): boolean {
    return this.shorts ? reduceOnly : side === 'sell';
  }

  #known(id: InstrumentId): Instrument {
    const instrument = this.#markets.instrument(id);
    if (instrument === null) throw new RangeError(`instrument ${id} is not known to the kernel`);
    return instrument;
  }
}
