import {
  accountId,
  assetId,
  expectOk,
  instrumentId,
  parseAmount,
  parseDecimal,
  price,
  quantity,
  seededRandom,
} from '@monsta/core';
import type { Amount, Price, Quantity } from '@monsta/core';
import { Account, Exchange, LimitBook, OrderPool, Trader } from '@monsta/matching';
import type { CancelOrder, ExchangeListener, NewOrder, Order, OrderTerms, SymbolRules } from '@monsta/matching';
import type { BenchCase, BenchOptions, BenchReport } from './report.ts';

const BASE = assetId('BTC');
const QUOTE = assetId('USDT');
const SYMBOL = instrumentId('BTCUSDT');
const TRADERS = [accountId('maker-1'), accountId('maker-2'), accountId('taker')] as const;
const OPERATIONS = 400_000;
/** The middle of the book, in ticks of 0.01. */
const MIDDLE = 6_000_000;
const decimal = (text: string) => expectOk(parseDecimal(text));
const money = (text: string): Amount => expectOk(parseAmount(text));

/** The filters of BTCUSDT as recorded; the number of open orders is not limited, because three accounts hold a whole market's. */
const RULES: SymbolRules = {
  symbol: SYMBOL,
  base: BASE,
  quote: QUOTE,
  tick: { units: 1, scale: 2 },
  lot: { units: 1, scale: 5 },
  pricePrecision: 8,
  quantityPrecision: 8,
  status: 'TRADING',
  orderTypes: ['LIMIT', 'MARKET', 'STOP_LOSS', 'STOP_LOSS_LIMIT', 'TAKE_PROFIT', 'TAKE_PROFIT_LIMIT', 'LIMIT_MAKER'],
  icebergAllowed: true,
  listsAllowed: true,
  quoteQuantityAllowed: true,
  trailingAllowed: true,
  cancelReplaceAllowed: true,
  amendAllowed: true,
  selfTradeModes: ['NONE', 'EXPIRE_TAKER', 'EXPIRE_MAKER', 'EXPIRE_BOTH', 'DECREMENT'],
  selfTradeModeDefault: 'EXPIRE_MAKER',
  price: { min: 1, max: 100_000_000 },
  percentPrice: {
    name: 'PERCENT_PRICE_BY_SIDE',
    bidUp: decimal('5'),
    bidDown: decimal('0.2'),
    askUp: decimal('5'),
    askDown: decimal('0.2'),
    averageMinutes: 5,
  },
  quantity: { min: 1, max: 900_000_000 },
  marketQuantity: { min: 1, max: 10_000_000, step: 0 },
  notional: [
    {
      name: 'NOTIONAL',
      min: money('5'),
      max: money('9000000'),
      minAppliesToMarket: true,
      maxAppliesToMarket: false,
      averageMinutes: 5,
    },
  ],
  icebergPartsMax: 10,
  ordersMax: 10_000_000,
  algoOrdersMax: 5,
  icebergOrdersMax: 5,
  orderListsMax: 20,
  orderAmendsMax: 10,
  positionMax: null,
  trailing: { aboveMin: 10, aboveMax: 2_000, belowMin: 10, belowMax: 2_000 },
};

/** One step of a run: an order that rests, the cancel of one that rests, or an order that takes. */
interface Step {
  readonly kind: 'add' | 'cancel' | 'take';
  readonly isBuy: boolean;
  readonly price: number;
  readonly quantity: number;
  /** Which of the resting orders, counted from the first ever added. */
  readonly target: number;
}

/**
 * Fills a book with `resting` orders on `levels` levels a side, then adds and cancels in equal parts with one taker in twenty (each takes about one resting order, and one is
 * added for it), so that the book keeps its size. Prices crowd towards the touch as in a real book.
 */
function script(
  seed: number,
  levels: number,
  resting: number,
): { readonly fill: readonly Step[]; readonly steps: readonly Step[] } {
  const random = seededRandom(seed);
  const live: number[] = [];
  let added = 0;
  const add = (level: number, isBuy: boolean): Step => {
    live.push(added);
    added += 1;
    const price = isBuy ? MIDDLE - 1 - level : MIDDLE + 1 + level;
    return { kind: 'add', isBuy, price, quantity: 100 + random.integer(900), target: -1 };
  };
  const crowded = (): number => Math.floor(levels * random.next() ** 2);
  const fill: Step[] = [];
  for (let index = 0; index < resting; index += 1) {
    const level = Math.floor(index / 2);
    fill.push(add(level < levels ? level : random.integer(levels), index % 2 === 0));
  }
  const steps: Step[] = [];
  while (steps.length < OPERATIONS) {
    const draw = random.integer(20);
    if (draw === 0) {
      const isBuy = random.integer(2) === 0;
      steps.push({ kind: 'take', isBuy, price: 0, quantity: 100 + random.integer(900), target: -1 });
      steps.push(add(random.integer(3), !isBuy));
    } else if (draw % 2 === 0) steps.push(add(crowded(), random.integer(2) === 0));
    else {
      const at = random.integer(live.length);
      const target = live[at] ?? 0;
      live[at] = live.at(-1) ?? 0;
      live.pop();
      steps.push({ kind: 'cancel', isBuy: true, price: 0, quantity: 0, target });
    }
  }
  return { fill, steps };
}

const PLAIN: OrderTerms = {
  side: 'buy',
  type: 'LIMIT',
  timeInForce: 'gtc',
  quantity: null,
  quoteOrderQuantity: null,
  price: null,
  stopPrice: null,
  trailingDelta: null,
  icebergQuantity: null,
  clientOrderId: null,
  selfTradeMode: null,
  strategyId: null,
  strategyType: null,
};

type Run = () => number;

/** The book alone: orders made beforehand are added, taken out, and matched; no accounts, filters or reports. */
function bareBook(fill: readonly Step[], steps: readonly Step[]): Run {
  const account = new Account(
    TRADERS[0],
    {
      fees: { makerPpm: 0, takerPpm: 0 },
      tradeGroupId: null,
      paysInDiscountAsset: false,
      canTrade: true,
      feesFrom: 'received',
      feesOn: 'both',
      margin: null,
      commission: null,
    },
    new Map(),
  );
  const pool = new OrderPool();
  const trader = new Trader(account, RULES, pool);
  const make = ({ isBuy, price: at, quantity: size }: Step): Order =>
    pool.create(
      trader,
      '',
      0,
      { ...PLAIN, side: isBuy ? 'buy' : 'sell', price: price(at), quantity: quantity(size) },
      'NONE',
      0,
    );
  const book = new LimitBook(pool, false);
  const orders = [...fill, ...steps].filter(({ kind }) => kind === 'add').map(make);
  let next = 0;
  for (; next < fill.length; next += 1) book.add(orders[next] as Order);
  return () => {
    let matches = 0;
    for (const step of steps) {
      if (step.kind === 'add') {
        book.add(orders[next] as Order);
        next += 1;
      } else if (step.kind === 'cancel') {
        const order = orders[step.target] as Order;
        if (order.isQueued) book.remove(order);
      } else {
        let left = step.quantity;
        const side = step.isBuy ? book.asks : book.bids;
        while (left > 0 && side.size > 0) {
          const maker = book.firstAt(side, side.best);
          const lots = Math.min(left, maker.shown) as Quantity;
          maker.executed = (maker.executed + lots) as Quantity;
          book.consume(maker, lots);
          left -= lots;
          matches += 1;
        }
      }
    }
    return matches;
  };
}

class Counter implements ExchangeListener {
  reports = 0;
  others = 0;
  onReport(): void {
    this.reports += 1;
  }
  onTrade(): void {
    this.others += 1;
  }
  onBest(): void {
    this.others += 1;
  }
  onListStatus(): void {
    this.others += 1;
  }
  onAccount(): void {
    this.others += 1;
  }
}

interface Full {
  readonly run: (each: ((nanoseconds: number) => void) | null) => number;
  readonly counter: Counter;
}

function orderRequest(step: Step, owner: number, name: string): NewOrder {
  const takes = step.kind === 'take';
  return {
    account: TRADERS[owner] ?? TRADERS[0],
    symbol: SYMBOL,
    side: step.isBuy ? 'buy' : 'sell',
    type: takes ? 'MARKET' : 'LIMIT',
    timeInForce: takes ? null : 'gtc',
    quantity: step.quantity as Quantity,
    quoteOrderQuantity: null,
    price: takes ? null : (step.price as Price),
    stopPrice: null,
    trailingDelta: null,
    icebergQuantity: null,
    clientOrderId: name,
    selfTradeMode: null,
    strategyId: null,
    strategyType: null,
  };
}

function cancelRequest(owner: number, orderId: number): CancelOrder {
  const account = TRADERS[owner] ?? TRADERS[0];
  return { account, symbol: SYMBOL, orderId, clientOrderId: null, newClientOrderId: 'cancel', restriction: null };
}

/**
 * The whole exchange: parameters, filters, funds, matching, fees, reports, accounts' changes, best prices, depth. The requests are made in the loop, as a server makes them
 * from what it read.
 */
function fullPath(fill: readonly Step[], steps: readonly Step[]): Full {
  const counter = new Counter();
  const exchange = new Exchange({
    // Ids as large as they are on a busy symbol.
    symbols: [{ rules: RULES, openingPrice: price(MIDDLE), counters: { orderId: 10_000_000_000 } }],
    listener: counter,
    publishesDepth: true,
  });
  for (const id of TRADERS) {
    exchange.addAccount(id, {
      balances: [
        { asset: BASE, free: money('1000000') },
        { asset: QUOTE, free: money('100000000000') },
      ],
    });
  }
  /** The numbers of the orders that rest, in the order in which they were added; the two makers take turns. */
  const ids = new Float64Array(fill.length + steps.length);
  let added = 0;
  let timeUs = 1_700_000_000_000_000;
  const add = (step: Step): void => {
    const placed = exchange.place(orderRequest(step, added % 2, `c${added}`), timeUs);
    if (!placed.ok) throw new Error(placed.fault.message);
    ids[added] = placed.value.orderId;
    added += 1;
  };
  for (const step of fill) add(step);
  exchange.drainDepth(SYMBOL);
  const run = (each: ((nanoseconds: number) => void) | null): number => {
    let refused = 0;
    let count = 0;
    for (const step of steps) {
      timeUs += 5;
      const begin = each === null ? 0 : performance.now();
      if (step.kind === 'add') add(step);
      else if (step.kind === 'cancel') {
        if (!exchange.cancel(cancelRequest(step.target % 2, ids[step.target] ?? 0), timeUs).ok) refused += 1;
      } else if (!exchange.place(orderRequest(step, 2, 'taker'), timeUs).ok) throw new Error('a taker was refused');
      if (each !== null) each((performance.now() - begin) * 1e6);
      count += 1;
      // A server takes the changes every 100 ms: at 500,000 commands a second, every 50,000.
      if (count % 50_000 === 0) exchange.drainDepth(SYMBOL);
    }
    return refused;
  };
  return { run, counter };
}

/** The least that any engine does: the same commands through one `Map` of orders, without price, time or money. */
function rawMap(fill: readonly Step[], steps: readonly Step[]): Run {
  const orders = new Map<number, Step>();
  let next = 0;
  for (const step of fill) orders.set(next++, step);
  return () => {
    let taken = 0;
    for (const step of steps) {
      if (step.kind === 'add') orders.set(next++, step);
      else if (step.kind === 'cancel') orders.delete(step.target);
      else taken += step.quantity;
    }
    return taken;
  };
}

interface Rate {
  /** Operations a second of the clock. */
  readonly wall: number;
  /** Operations a second of the thread's processor time: the same on an idle machine, and comparable on a busy one. */
  readonly cpu: number;
}

function perSecond(work: () => number): Rate {
  const start = performance.now();
  const before = process.threadCpuUsage();
  work();
  const { user, system } = process.threadCpuUsage(before);
  return { wall: OPERATIONS / ((performance.now() - start) / 1_000), cpu: OPERATIONS / ((user + system) / 1e6) };
}

/** A run in which each command is timed by itself, which slows it down: only its distribution counts. */
function timedRun(fill: readonly Step[], steps: readonly Step[]): { readonly p99Us: number; readonly refused: number } {
  const each = new Float64Array(OPERATIONS);
  let at = 0;
  const refused = fullPath(fill, steps).run((nanoseconds) => {
    each[at] = nanoseconds;
    at += 1;
  });
  each.sort();
  return { p99Us: (each[Math.floor(OPERATIONS * 0.99)] ?? 0) / 1_000, refused };
}

const SHAPES = [
  { name: '1,000 levels', levels: 500, resting: 2_000 },
  { name: '100,000 levels', levels: 50_000, resting: 100_000 },
] as const;

/** Operations a second of the book alone and of the whole path, beside a bare map, in turns. */
export async function run(options: BenchOptions): Promise<BenchReport> {
  const cases: BenchCase[] = [];
  const facts: Record<string, string | number | boolean | null> = { operations: OPERATIONS };
  for (const { name, levels, resting } of SHAPES) {
    const { fill, steps } = script(options.seed, levels, resting);
    const samples = {
      bare: [] as number[],
      full: [] as number[],
      cpu: [] as number[],
      raw: [] as number[],
      p99: [] as number[],
    };
    for (let round = -1; round < options.rounds; round += 1) {
      // One after the other, so that none is slowed down by what another holds in memory.
      const raw = perSecond(rawMap(fill, steps));
      const bare = perSecond(bareBook(fill, steps));
      const full = fullPath(fill, steps);
      const fullRate = perSecond(() => full.run(null));
      const timed = timedRun(fill, steps);
      // The first round warms the code up.
      if (round < 0) continue;
      samples.raw.push(raw.wall);
      samples.bare.push(bare.wall);
      samples.full.push(fullRate.wall);
      samples.cpu.push(fullRate.cpu);
      samples.p99.push(timed.p99Us);
      facts[`${name}: cancels of orders already filled`] = timed.refused;
      facts[`${name}: reports`] = full.counter.reports;
      options.log(`${name}: round ${round + 1} of ${options.rounds}`);
      await new Promise<void>((resolve) => void setImmediate(resolve));
    }
    const unit = 'operations/s';
    cases.push(
      { name: `book alone, ${name}`, unit, better: 'higher', samples: samples.bare },
      { name: `whole path, ${name}`, unit, better: 'higher', samples: samples.full },
      { name: `whole path, ${name}, by processor time`, unit, better: 'higher', samples: samples.cpu },
      { name: `bare Map, ${name}`, unit, better: 'higher', samples: samples.raw },
      { name: `whole path, ${name}, p99 of one command`, unit: 'µs', better: 'lower', samples: samples.p99 },
    );
  }
  return {
    title: 'Matching engine: orders added, canceled and matched',
    cases,
    comparisons: SHAPES.map(({ name }) => ({ case: `whole path, ${name}`, baseline: `book alone, ${name}` })),
    facts,
    skipped: null,
  };
}
