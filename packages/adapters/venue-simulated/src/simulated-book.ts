import {
  price,
  quantity,
  type BookDelta,
  type BookLevel,
  type BookSnapshot,
  type QuoteTick,
  type TimestampUs,
  usFromMs,
  hashText,
  mixSeed,
} from '@monsta/core';
import { BOOK_SLOT_MS, MINUTE_MS, tradesBy, type PriceProcess } from './price-process.ts';
import { EPOCH_MS } from './profiles.ts';
import { mix32, SIZE_BITS, SIZE_TABLE } from './random-tables.ts';
import { RecentCache } from './recent-cache.ts';

/** Levels on each side of the simulated book. */
const BOOK_LEVELS = 40;
/** Ids that one change of the book takes, as at the exchange, where an update is many small changes. */
const IDS_PER_SLOT = 8;
/** A level keeps its quantity for between these many slots. */
const LEVEL_SLOTS_MIN = 4;
const LEVEL_SLOTS_SPREAD = 28;
const STATES_KEPT = 8;
const SIZE_MASK = 2 ** SIZE_BITS - 1;

/** One side as it stands: prices in ticks from the best on, and lots. */
interface SideState {
  readonly prices: readonly number[];
  readonly lots: readonly number[];
}

interface BookState {
  readonly slot: number;
  readonly bids: SideState;
  readonly asks: SideState;
}

/**
 * The book of one instrument as a pure function of (seed, instrument, slot): time is cut into slots, and the book changes once in each.
 * The best bid is the price process's, so that every trade happens at the touch that is shown when it comes; the other levels stand at
 * fixed places, each with a quantity that changes at its own pace. Trades take nothing from these: a matching engine is not what this is.
 */
export class SimulatedBook {
  readonly #process: PriceProcess;
  readonly #seed: number;
  readonly #phaseMs: number;
  readonly #levelLots: number;
  readonly #states = new RecentCache<BookState>(STATES_KEPT);

  constructor(seed: number, process: PriceProcess, phaseMs: number) {
    const { symbol, levelSize } = process.profile;
    const { lot } = symbol.instrument;
    this.#process = process;
    this.#seed = mixSeed(seed, hashText(symbol.instrument.id), hashText('book'));
    this.#phaseMs = phaseMs;
    this.#levelLots = (levelSize * 10 ** lot.scale) / lot.units;
  }

  /** The slot whose book stands at `ms`; below 0 before the market began. */
  slotAt(ms: number): number {
    return Math.floor((ms - EPOCH_MS - this.#phaseMs) / BOOK_SLOT_MS);
  }

  timeOf(slot: number): number {
    return EPOCH_MS + this.#phaseMs + slot * BOOK_SLOT_MS;
  }

  static lastUpdateId(slot: number): number {
    return (slot + 1) * IDS_PER_SLOT;
  }

  #bestBid(slot: number): number {
    const ms = this.timeOf(slot);
    const minute = this.#process.minute(Math.floor((ms - EPOCH_MS) / MINUTE_MS));
    const count = tradesBy(minute, ms);
    // What the next trade will meet.
    return minute.bids[count] ?? minute.lastBid;
  }

  #state(slot: number): BookState {
    return this.#states.get(slot) ?? this.#states.put(slot, this.#makeState(slot));
  }

  #makeState(slot: number): BookState {
    const bid = this.#bestBid(slot);
    return { slot, bids: this.#side(slot, bid, -1), asks: this.#side(slot, bid + 1, 1) };
  }

  #side(slot: number, best: number, direction: 1 | -1): SideState {
    const spacing = this.#process.profile.levelSpacingTicks;
    const prices = [best];
    const lots = [this.#lotsAt(best, slot)];
    for (let cell = Math.floor(best / spacing); prices.length < BOOK_LEVELS && cell >= 0; cell += direction) {
      const at = cell * spacing + (mix32(this.#seed ^ cell) % spacing);
      if ((at - best) * direction <= 0 || at <= 0) continue;
      prices.push(at);
      lots.push(this.#lotsAt(at, slot));
    }
    return { prices, lots };
  }

  #lotsAt(ticks: number, slot: number): number {
    const own = mix32(this.#seed + ticks);
    const period = LEVEL_SLOTS_MIN + (own % LEVEL_SLOTS_SPREAD);
    const age = Math.floor((slot + (own >>> 8)) / period);
    const draw = mix32(own ^ Math.imul(age, 0x85ebca6b));
    return 1 + Math.floor((SIZE_TABLE[draw & SIZE_MASK] ?? 0) * this.#levelLots);
  }

  snapshot(slot: number, depth: number, nowUs: TimestampUs): BookSnapshot {
    const { bids, asks } = this.#state(slot);
    const levels = ({ prices, lots }: SideState): BookLevel[] =>
      prices.slice(0, depth).map((at, index) => [price(at), quantity(lots[index] ?? 0)]);
    return {
      kind: 'book-snapshot',
      instrument: this.#process.profile.symbol.instrument.id,
      lastUpdateId: SimulatedBook.lastUpdateId(slot),
      bids: levels(bids),
      asks: levels(asks),
      tsEventUs: usFromMs(this.timeOf(slot)),
      tsInitUs: nowUs,
    };
  }

  quote(slot: number): QuoteTick {
    const { bids, asks } = this.#state(slot);
    const timeUs = usFromMs(this.timeOf(slot));
    return {
      kind: 'quote',
      instrument: this.#process.profile.symbol.instrument.id,
      updateId: SimulatedBook.lastUpdateId(slot),
      bidPrice: price(bids.prices[0] ?? 0),
      bidQuantity: quantity(bids.lots[0] ?? 0),
      askPrice: price(asks.prices[0] ?? 0),
      askQuantity: quantity(asks.lots[0] ?? 0),
      tsEventUs: timeUs,
      tsInitUs: timeUs,
    };
  }

  /** What changed from the end of slot `from` to the end of slot `to`: all ids between them, without a gap. */
  delta(from: number, to: number): BookDelta {
    const before = this.#state(from);
    const after = this.#state(to);
    const timeUs = usFromMs(this.timeOf(to));
    return {
      kind: 'book-delta',
      instrument: this.#process.profile.symbol.instrument.id,
      firstUpdateId: SimulatedBook.lastUpdateId(from) + 1,
      lastUpdateId: SimulatedBook.lastUpdateId(to),
      bids: changes(before.bids, after.bids, -1),
      asks: changes(before.asks, after.asks, 1),
      tsEventUs: timeUs,
      tsInitUs: timeUs,
    };
  }
}

/** Walks both lists from the best price on. */
function changes(before: SideState, after: SideState, direction: 1 | -1): BookLevel[] {
  const result: BookLevel[] = [];
  let old = 0;
  let now = 0;
  while (old < before.prices.length || now < after.prices.length) {
    const oldPrice = before.prices[old];
    const newPrice = after.prices[now];
    if (newPrice === undefined || (oldPrice !== undefined && (oldPrice - newPrice) * direction < 0)) {
      if (oldPrice !== undefined) result.push([price(oldPrice), quantity(0)]);
      old += 1;
    } else if (oldPrice === undefined || oldPrice !== newPrice) {
      result.push([price(newPrice), quantity(after.lots[now] ?? 0)]);
      now += 1;
    } else {
      const lots = after.lots[now] ?? 0;
      if (before.lots[old] !== lots) result.push([price(newPrice), quantity(lots)]);
      old += 1;
      now += 1;
    }
  }
  return result;
}
