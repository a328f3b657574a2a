import { invariant, pow10, RATE_UNIT, VOLUME_SCALE, type Bar } from '@monsta/core';
import type { Order } from '../exchange/order.ts';
import type { SymbolFeed } from '../exchange/symbol-feed.ts';
import { stopReached } from '../exchange/trigger-book.ts';
import { BarOffers, type BarOffersState } from './bar-offers.ts';
import { BarBirths, type Heading } from './bar-births.ts';
import type { BarRules } from './fill-rules.ts';

const resting = (order: Order): boolean => order.place === 'resting';
const waiting = (order: Order): boolean => order.place === 'waiting';
const isStop = (order: Order): boolean => order.type === 'STOP_LOSS' || order.type === 'STOP_LOSS_LIMIT';

export interface BarFillsState {
  readonly beganUs: number;
  readonly openedUs: number;
  readonly offers: BarOffersState;
}

/**
 * Fills the orders of one symbol from bars, of which only the open and the close have a known place in time. In this order:
 *
 * 1. **The open.** What was sent before it arrives and finds the open price. Resting limits that the open is beyond fill at the open; stops that it has gapped through trigger
 *    there; trailing orders follow it.
 * 2. **Inside**, where nobody knows the path, the one that is worse for us: first every stop whose trigger lies within the bar, at its trigger, a trailing one at the trigger
 *    that it had before the bar's own extreme; then take-profits at their triggers and limits at their prices, where the price must have come. Orders that came to life inside
 *    the bar fill in our favour only from what must have come after them: the close, and the extreme that the price was on its way to.
 *    Whoever hears of a fill may answer it: what he sends at once takes effect there, at the price of that moment, as an order that came to life inside the bar.
 *    With `next-close` nothing arrives at the open, but when the close is shown (`showClose`), after all that happened inside.
 * 3. **The close.** Trailing orders follow the extreme; one that the close has then come back through triggers at the close, not at the better price on the way.
 */
export class BarFills {
  #feed: SymbolFeed;
  readonly #rules: BarRules;
  readonly #offers: BarOffers;
  readonly #births = new BarBirths();
  #beganUs = -1;
  /** Tells what has happened; what is sent meanwhile has taken effect when it returns. */
  readonly #answer: () => void;
  #reach: Reach = { version: -1, below: 0, above: 0 };
  /** The close before the bar whose open was shown last; 0: there was none. */
  #closedAt = 0;
  /** When the bar began whose open is shown; -1: none is. */
  #openedUs = -1;
  /** The time of the price at which the bar stands still to be answered; -1: it does not. */
  #momentUs = -1;

  constructor(feed: SymbolFeed, rules: BarRules, answer: () => void) {
    this.#feed = feed;
    this.#rules = rules;
    this.#answer = answer;
    this.#offers = new BarOffers(rules);
    feed.offer(this.#offers);
  }

  /** Goes on with an exchange that took over the orders of the one before. */
  moveTo(feed: SymbolFeed): void {
    this.#feed = feed;
    feed.offer(this.#offers);
  }

  /**
   * Takes a closed bar. `arrive` lets the commands take effect that came by a time, where `pending` says that there are any. Bars come in order; throws `InvariantError` for one
   * that begins before the last ended.
   */
  bar(bar: Bar, pending: boolean, arrive: (untilUs: number) => void): void {
    const feed = this.#feed;
    const { openTimeUs, closeTimeUs, open, high, low, close } = bar;
    const shown = this.#openedUs === openTimeUs;
    invariant(openTimeUs >= this.#beganUs, 'bars come in order and do not overlap');
    invariant(this.#openedUs === -1 || shown, 'the bar whose open was shown is the next one');
    invariant(low <= open && open <= high && low <= close && close <= high, 'a bar lies between its low and its high');
    this.#beganUs = closeTimeUs;
    this.#openedUs = -1;
    if (!pending && !shown && this.#untouched(bar)) {
      if (this.#rules.acts === 'this-close') this.#begin(bar);
      this.#end(bar);
      return;
    }
    if (!shown) {
      this.#atOpen(bar, arrive);
      this.#answerAt(openTimeUs, open);
    }
    this.#offers.standAt(0);
    feed.advance(closeTimeUs - 1);
    if (feed.openOrders > 0) {
      this.#births.begin(feed.orders());
      while (this.#stopStep(bar) || this.#certainStep(bar));
      this.#close(bar);
    }
    this.#end(bar);
  }

  /** What open orders wait for, good until something is sent or fills; null where they may have something to do with any bar, or with its volume. */
  reach(): Reach | null {
    const { acts, volumeSharePpm, slippage } = this.#rules;
    if (acts === 'this-close' && (volumeSharePpm !== null || slippage.kind === 'square-root')) return null;
    if (this.#reach.version !== this.#feed.version) this.#reach = reachOf(this.#feed, this.#rules.limits === 'touch');
    return this.#openedUs === -1 ? this.#reach : null;
  }

  /** What `bar` does with one that is out of reach. */
  letBy(close: number, closeTimeUs: number): void {
    const looksAhead = this.#rules.acts === 'this-close';
    if (looksAhead) this.#offers.begin(0, Number.MAX_SAFE_INTEGER);
    this.#beganUs = closeTimeUs;
    this.#feed.advance(closeTimeUs - 1);
    this.#feed.setLast(close, 0);
    this.#offers.standAt(looksAhead ? close : 0);
  }

  /** Shows the open of a bar that follows whole: until then it is the price of the moment, and what came by its time meets it. */
  showOpen(bar: Bar, arrive: (untilUs: number) => void): void {
    invariant(bar.openTimeUs >= this.#beganUs && this.#openedUs === -1, 'bars open in order, one after the other');
    this.#openedUs = bar.openTimeUs;
    this.#closedAt = this.#feed.lastPrice;
    this.#atOpen(bar, arrive);
  }

  /**
   * Shows the close of a bar that was shown from its open on and is over: until it is left it is the price of the moment, and what came by its time meets it. A stop is one where the close before had not reached it:
   * this one may trigger it at once.
   */
  showClose({ close, closeTimeUs }: Bar, arrive: (untilUs: number) => void): void {
    invariant(closeTimeUs >= this.#beganUs && this.#openedUs === -1, 'a bar closes when it is over');
    const feed = this.#feed;
    feed.advance(closeTimeUs);
    feed.setLast(this.#closedAt === 0 ? close : this.#closedAt, 0);
    this.#momentUs = closeTimeUs;
    this.#offers.standAt(close);
    arrive(closeTimeUs);
    feed.setLast(close, 0);
    feed.showLast();
  }

  leaveClose(): void {
    this.#momentUs = -1;
    this.#offers.standAt(0);
  }

  /** The time at which a bar stands still, at a price that what is sent now meets; null while none does. */
  get momentUs(): number | null {
    const us = this.#momentUs === -1 ? this.#openedUs : this.#momentUs;
    return us === -1 ? null : us;
  }

  /** Stands still at a price, and lets everybody answer what has happened. */
  #answerAt(timeUs: number, price: number): void {
    this.#momentUs = timeUs;
    this.#offers.standAt(price);
    this.#answer();
    this.#offers.standAt(0);
    this.#momentUs = -1;
  }

  /** Where the newest bar left off, for `goOn`. */
  state(): BarFillsState {
    return { beganUs: this.#beganUs, openedUs: this.#openedUs, offers: this.#offers.state() };
  }

  goOn({ beganUs, openedUs, offers }: BarFillsState): void {
    this.#beganUs = beganUs;
    this.#openedUs = openedUs;
    this.#offers.goOn(offers);
  }

  /** No more bars come: what is sent now meets the last close, or the price given. */
  stay(price: number | null): void {
    this.#offers.standAt(price ?? this.#feed.lastPrice);
  }

  #atOpen(bar: Bar, arrive: (untilUs: number) => void): void {
    const feed = this.#feed;
    feed.advance(bar.openTimeUs);
    if (feed.lastPrice === 0) feed.setLast(bar.open, 0);
    this.#begin(bar);
    this.#offers.standAt(bar.open);
    if (this.#rules.acts !== 'next-close') arrive(bar.openTimeUs);
    this.#open(bar.open);
  }

  #begin({ volume }: Bar): void {
    const { volumeSharePpm, slippage } = this.#rules;
    const needed = volumeSharePpm !== null || slippage.kind === 'square-root';
    // Most bars meet no order: what a bigint costs is spent only where it matters.
    const lots = needed ? lotsOf(volume, this.#feed.rules.lot) : 0;
    const left =
      volumeSharePpm === null ? Number.MAX_SAFE_INTEGER : Number((BigInt(lots) * BigInt(volumeSharePpm)) / RATE_UNIT);
    this.#offers.begin(lots, left);
  }

  #open(open: number): void {
    const feed = this.#feed;
    feed.setLast(open, 0);
    for (const order of feed.orders()) {
      if (resting(order) && this.#through(order, open, open)) this.#fill(order, open);
    }
    feed.showLast();
  }

  /** Triggers the next stop inside the bar: falling ones from the highest, then rising ones from the lowest. False where there is none. */
  #stopStep(bar: Bar): boolean {
    return this.#stopOf(false, bar) || this.#stopOf(true, bar);
  }

  #stopOf(isBuy: boolean, bar: Bar): boolean {
    const { low, high } = bar;
    let next: Order | null = null;
    let at = 0;
    for (const order of this.#feed.orders()) {
      if (order.isBuy !== isBuy || !waiting(order) || !this.#stopsHere(order)) continue;
      const trigger = this.#armedTrigger(order, low, high);
      if (trigger === 0 || (isBuy ? trigger > high : trigger < low)) continue;
      if (next !== null && (isBuy ? trigger >= at : trigger <= at)) continue;
      next = order;
      at = trigger;
    }
    if (next === null) return false;
    this.#trigger(next, at, isBuy ? 'rising' : 'falling', bar);
    return true;
  }

  /** Stops, and whatever trails; a take-profit that the bar itself has set trailing waits for the close. */
  #stopsHere(order: Order): boolean {
    return isStop(order) || (order.trailingDelta > 0 && !this.#births.has(order));
  }

  /** The trigger of a stop; a trailing one that waits for its activation begins to follow there where the bar reaches it. */
  #armedTrigger(order: Order, low: number, high: number): number {
    const trigger = this.#feed.triggerOf(order);
    if (trigger > 0 || order.stopPrice === 0 || !isStop(order)) return trigger;
    if (order.isBuy ? high < order.stopPrice : low > order.stopPrice) return 0;
    this.#feed.follow(order, order.stopPrice);
    return this.#feed.triggerOf(order);
  }

  /** Triggers or fills the next order for which the price must have come. False where there is none. */
  #certainStep(bar: Bar): boolean {
    for (const order of this.#feed.orders()) {
      if (!waiting(order) || isStop(order) || !this.#reachesTrigger(order, bar)) continue;
      if (order.trailingDelta === 0) {
        this.#trigger(order, order.stopPrice, order.isBuy ? 'falling' : 'rising', bar);
        return true;
      }
      if (this.#feed.triggerOf(order) > 0) continue;
      this.#feed.follow(order, order.stopPrice);
      this.#births.mark(order, order.isBuy ? 'falling' : 'rising');
    }
    return this.#offers.left > 0 && (this.#limitOf(true, bar) || this.#limitOf(false, bar));
  }

  /** Fills the limit of that side whose price comes first, the oldest of one price. */
  #limitOf(isBuy: boolean, bar: Bar): boolean {
    let next: Order | null = null;
    for (const order of this.#feed.orders()) {
      if (order.isBuy !== isBuy || !resting(order)) continue;
      if (!this.#through(order, this.#births.low(order, bar), this.#births.high(order, bar))) continue;
      if (next === null || (isBuy ? order.price > next.price : order.price < next.price)) next = order;
    }
    if (next === null) return false;
    const { price } = next;
    this.#feed.setLast(price, 0);
    this.#fill(next, price);
    this.#happened(price, isBuy ? 'falling' : 'rising', bar);
    return true;
  }

  #reachesTrigger(order: Order, bar: Bar): boolean {
    if (order.stopPrice === 0) return false;
    return order.isBuy
      ? this.#births.low(order, bar) <= order.stopPrice
      : this.#births.high(order, bar) >= order.stopPrice;
  }

  #trigger(order: Order, price: number, heading: Heading, bar: Bar): void {
    this.#offers.standAt(price);
    this.#feed.trigger(order, price);
    this.#offers.standAt(0);
    this.#happened(price, heading, bar);
  }

  /** What came to life by it, or by what was answered, has only a part of the bar before it. */
  #happened(price: number, heading: Heading, { closeTimeUs }: Bar): void {
    this.#births.note(this.#feed.orders(), heading);
    this.#answerAt(closeTimeUs - 1, price);
    this.#births.note(this.#feed.orders(), heading);
  }

  #close(bar: Bar): void {
    const feed = this.#feed;
    for (const order of feed.orders()) {
      if (!waiting(order) || order.trailingDelta === 0 || feed.triggerOf(order) === 0) continue;
      feed.follow(order, order.isBuy ? this.#births.low(order, bar) : this.#births.high(order, bar));
    }
    feed.setLast(bar.close, 0);
    this.#offers.standAt(bar.close);
    feed.showLast();
  }

  /** True for a bar that no open order has anything to do with, as most are. */
  #untouched({ low, high }: Bar): boolean {
    if (this.#feed.openOrders === 0) return true;
    for (const order of this.#feed.orders()) {
      if (resting(order) && this.#through(order, low, high)) return false;
      if (waiting(order) && (order.trailingDelta > 0 || stopReached(order, low) || stopReached(order, high)))
        return false;
    }
    return true;
  }

  #end({ close, closeTimeUs }: Bar): void {
    this.#feed.advance(closeTimeUs - 1);
    this.#feed.setLast(close, 0);
    this.#offers.standAt(this.#rules.acts === 'this-close' ? close : 0);
  }

  /** True where a price between the two is one that fills a resting order. */
  #through(order: Order, low: number, high: number): boolean {
    const touch = this.#rules.limits === 'touch';
    if (order.isBuy) return touch ? low <= order.price : low < order.price;
    return touch ? high >= order.price : high > order.price;
  }

  #fill(order: Order, price: number): void {
    const quantity = Math.min(order.remaining, this.#offers.left);
    if (quantity === 0) return;
    this.#offers.use(quantity);
    this.#feed.fill(order, price, quantity);
  }
}

/** What open orders wait for: a bar whose low is above `below` and whose high is below `above` touches none of them. */
export interface Reach {
  /** Of the orders that it is of. */
  readonly version: number;
  readonly below: number;
  readonly above: number;
}

function reachOf(feed: SymbolFeed, touch: boolean): Reach {
  const { version } = feed;
  let [below, above] = [-Infinity, Infinity];
  // Prices are whole: beyond one is at the next.
  const apart = touch ? 0 : 1;
  for (const order of feed.orders()) {
    if (!resting(order) && !waiting(order)) continue;
    // What trails follows every price.
    if (order.trailingDelta > 0) return { version, below: Infinity, above: 0 };
    const falling = resting(order) ? order.isBuy : stopReached(order, 0);
    const at = resting(order) ? order.price + (order.isBuy ? -apart : apart) : order.stopPrice;
    if (falling) below = Math.max(below, at);
    else above = Math.min(above, at);
  }
  return { version, below, above };
}

/** A bar's volume in whole lots. */
function lotsOf(volume: bigint, lot: { readonly units: number; readonly scale: number }): number {
  const lots = (volume * pow10(lot.scale)) / (BigInt(lot.units) * pow10(VOLUME_SCALE));
  return Number(lots > BigInt(Number.MAX_SAFE_INTEGER) ? BigInt(Number.MAX_SAFE_INTEGER) : lots);
}
