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
import { Account, Exchange, LimitBook, Order, Trader } from '@monsta/matching';
import type { CancelOrder, ExchangeListener, NewOrder, OrderTerms, SymbolRules } from '@monsta/matching';
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
    { fees: { makerPpm: 0, takerPpm: 0 }, tradeGroupId: null, paysInDiscountAsset: false },
    new Map(),
  );
  const trader = new Trader(account, RULES);
  const make = ({ isBuy, price: at, quantity: size }: Step): Order =>
    new Order(
      trader,
      '',
      { ...PLAIN, side: isBuy ? 'buy' : 'sell', price: price(at), quantity: quantity(size) },
      'NONE',
      0,
    );
  const book = new LimitBook(false);
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
        if (order.level !== null) book.remove(order);
      } else {
        let left = step.quantity;
        const side = step.isBuy ? book.asks : book.bids;
        for (let maker = side.best?.first ?? null; maker !== null && left > 0; maker = side.best?.first ?? null) {
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
  readonly exchange: Exchange;
}

/** The whole exchange: parameters, filters, funds, matching, fees, reports, accounts' changes, best prices. */
function fullPath(fill: readonly Step[], steps: readonly Step[]): Full {
  const counter = new Counter();
  const exchange = new Exchange({
    symbols: [{ rules: RULES, openingPrice: price(MIDDLE) }],
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
  const request = (step: Step, index: number): NewOrder => ({
    ...PLAIN,
    account: TRADERS[index % 2] as (typeof TRADERS)[0],
    symbol: SYMBOL,
    side: step.isBuy ? 'buy' : 'sell',
    price: step.price as Price,
    quantity: step.quantity as Quantity,
    clientOrderId: `c${index}`,
  });
  const owners: number[] = [];
  const ids: number[] = [];
  const place = (order: NewOrder, timeUs: number): void => {
    const placed = exchange.place(order, timeUs);
    if (!placed.ok) throw new Error(placed.fault.message);
    ids.push(placed.value.orderId);
  };
  let timeUs = 1_700_000_000_000_000;
  fill.forEach((step, index) => {
    owners.push(index % 2);
    place(request(step, index), timeUs);
  });
  exchange.drainDepth(SYMBOL);
  let made = fill.length;
  // Every order is accepted, so that their numbers are known beforehand.
  let orderId = fill.length;
  const commands: ({ readonly order: NewOrder } | { readonly cancel: CancelOrder })[] = steps.map((step) => {
    if (step.kind === 'add') {
      owners.push(made % 2);
      made += 1;
      orderId += 1;
      ids.push(orderId);
      return { order: request(step, made - 1) };
    }
    if (step.kind === 'take') {
      orderId += 1;
      const side = step.isBuy ? 'buy' : 'sell';
      const quantityOf = step.quantity as Quantity;
      return {
        order: {
          ...PLAIN,
          type: 'MARKET',
          timeInForce: null,
          account: TRADERS[2],
          symbol: SYMBOL,
          side,
          quantity: quantityOf,
          clientOrderId: 'taker',
        },
      };
    }
    const account = TRADERS[(owners[step.target] ?? 0) as 0 | 1];
    const target = ids[step.target] ?? 0;
    return {
      cancel: {
        account,
        symbol: SYMBOL,
        orderId: target,
        clientOrderId: null,
        newClientOrderId: 'cancel',
        restriction: null,
      },
    };
  });
  const run = (each: ((nanoseconds: number) => void) | null): number => {
    let refused = 0;
    let count = 0;
    for (const command of commands) {
      timeUs += 5;
      const begin = each === null ? 0 : performance.now();
      if ('order' in command) {
        const placed = exchange.place(command.order, timeUs);
        if (!placed.ok) throw new Error(placed.fault.message);
      } else if (!exchange.cancel(command.cancel, timeUs).ok) refused += 1;
      if (each !== null) each((performance.now() - begin) * 1e6);
      count += 1;
      // As a server does every 100 ms.
      if (count % 20_000 === 0) exchange.drainDepth(SYMBOL);
    }
    return refused;
  };
  return { run, counter, exchange };
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

const perSecond = (work: () => void): number => {
  const start = performance.now();
  work();
  return OPERATIONS / ((performance.now() - start) / 1_000);
};

const percentile = (sorted: Float64Array, share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;

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
    const samples = { bare: [] as number[], full: [] as number[], raw: [] as number[], p99: [] as number[] };
    for (let round = -1; round < options.rounds; round += 1) {
      const raw = rawMap(fill, steps);
      const bare = bareBook(fill, steps);
      const full = fullPath(fill, steps);
      const rawRate = perSecond(() => void raw());
      const bareRate = perSecond(() => void bare());
      const fullRate = perSecond(() => void full.run(null));
      const timed = fullPath(fill, steps);
      const each = new Float64Array(OPERATIONS);
      let at = 0;
      const refused = timed.run((nanoseconds) => (each[at++] = nanoseconds));
      each.sort();
      // The first round warms the code up.
      if (round < 0) continue;
      samples.raw.push(rawRate);
      samples.bare.push(bareRate);
      samples.full.push(fullRate);
      samples.p99.push(percentile(each, 0.99) / 1_000);
      facts[`${name}: cancels of orders already filled`] = refused;
      facts[`${name}: reports`] = timed.counter.reports;
      options.log(`${name}: round ${round + 1} of ${options.rounds}`);
      await new Promise<void>((resolve) => void setImmediate(resolve));
    }
    const unit = 'operations/s';
    cases.push(
      { name: `book alone, ${name}`, unit, better: 'higher', samples: samples.bare },
      { name: `whole path, ${name}`, unit, better: 'higher', samples: samples.full },
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
