import { AMOUNT_SCALE, invariant, pow10, sameSteps } from '@monsta/core';
import type { AccountId, AssetId, Bar, InstrumentId, MarketEvent, Price } from '@monsta/core';
import { Exchange, type ExchangeOptions, type NewAccount } from '../exchange/exchange.ts';
import type { ExchangeListener } from '../exchange/exchange-context.ts';
import { filterFailure, REFUSALS, type ExchangeFault, type Outcome } from '../exchange/exchange-faults.ts';
import type { ExchangeSnapshot } from '../exchange/exchange-snapshot.ts';
import type { ExecutionReport } from '../exchange/execution-report.ts';
import type { SymbolFeed } from '../exchange/symbol-feed.ts';
import { FEE_SCALE, type SymbolRules } from '../exchange/symbol-rules.ts';
import { isFinalAtExchange, type CancelReplace } from '../exchange/vocabulary.ts';
import { BarFills, type Reach } from './bar-fills.ts';
import type { FeedMoment, FeedSnapshot, SentCommand } from './feed-exchange-state.ts';
import { symbolOf, writtenMessage, type FeedCommand, type FeedMessage } from './feed-messages.ts';
import type { FillRules } from './fill-rules.ts';
import { DelayLine, DelaySource, NO_LATENCY, type LatencyModel } from './latency.ts';
import { TickFills } from './tick-fills.ts';

export interface FeedExchangeOptions {
  readonly symbols: readonly SymbolRules[];
  readonly rules: FillRules;
  readonly latency?: LatencyModel;
  readonly accounts?: readonly (NewAccount & { readonly id: AccountId })[];
  /** Hears everything, within the call that brought it about or, with latency, within the one that lets its time come. It must not call the exchange. */
  readonly hear: (message: FeedMessage, heardUs: number) => void;
  /** Called in the middle of a bar, whenever something has happened in it: without latency, what is sent meanwhile takes effect at that moment. Left out: nothing is answered before the bar is over. */
  readonly answer?: () => void;
  readonly fees?: Pick<ExchangeOptions, 'discount'>;
  /** Whether only orders are told of: neither balances (`account`) after what may have changed them nor lists (`list`); false unless given. */
  readonly tellsOnlyOrders?: boolean;
}

interface Market {
  readonly feed: SymbolFeed;
  /** Its commands on their way. */
  readonly line: DelayLine<SentCommand>;
  readonly ticks: TickFills | null;
  readonly bars: BarFills | null;
  readonly arriveAt: (momentUs: number) => void;
}

/**
 * The exchange for paper trading and backtests: orders, filters, funds, fees, lists and reports are the matching engine's; what they fill at comes from a feed that they are
 * not in, by the rules given. Synchronous and deterministic: time is that of the events and commands.
 */
export class FeedExchange {
  readonly #rules: FillRules;
  readonly #options: Omit<FeedExchangeOptions, 'symbols' | 'accounts'>;
  readonly #delays: DelaySource;
  /** One for all symbols; with bars one for each, since a command waits for the bar of its own. */
  readonly #commands = new Map<InstrumentId | null, DelayLine<SentCommand>>();
  readonly #answerDelays: DelaySource;
  readonly #messages: DelayLine<FeedMessage> | null;
  #symbols: readonly SymbolRules[] = [];
  #exchange: Exchange;
  readonly #markets = new Map<InstrumentId, Market>();
  /** The one that was asked for last: mostly it is asked for again. */
  #last: { readonly symbol: InstrumentId; readonly market: Market } | null = null;
  #nowUs = 0;
  #ended = false;

  constructor(options: FeedExchangeOptions, from: FeedSnapshot | null = null) {
    this.#options = options;
    this.#rules = options.rules;
    const { feed, order, response, seed } = options.latency ?? NO_LATENCY;
    this.#delays = new DelaySource([feed, order], seed);
    this.#answerDelays = new DelaySource([response], seed + 1);
    this.#messages = this.#answerDelays.isZero ? null : new DelayLine(this.#answerDelays);
    this.#exchange = this.#build(from?.symbols ?? options.symbols, from?.exchange ?? null);
    for (const { id, ...account } of options.accounts ?? []) this.#exchange.addAccount(id, account);
    if (from === null) return;
    this.useSymbols(options.symbols);
    for (const { symbol } of from.exchange.symbols) {
      const places = from.places.filter((place) => place.symbol === symbol);
      this.#market(symbol)?.ticks?.takeBack(new Map(places.map(({ orderId, ahead }) => [orderId, ahead])));
    }
  }

  /** The engine, to be asked; commands go through `send`. */
  get exchange(): Pick<
    Exchange,
    'accountOptions' | 'feesCollected' | 'lastPrice' | 'openOrders' | 'order' | 'positions' | 'rules' | 'setFees'
  > {
    return this.#exchange;
  }

  get nowUs(): number {
    return this.#nowUs;
  }

  /** How many commands are on their way to the exchange. */
  get inFlight(): number {
    return this.#commands.values().reduce((count, line) => count + line.size, 0);
  }

  /**
   * Takes the rules of symbols as they are now; symbols that are not named keep theirs. Open orders of a symbol whose tick or lot has changed are canceled, since their prices
   * and quantities mean something else now.
   */
  useSymbols(symbols: readonly SymbolRules[]): void {
    const known = new Map(this.#symbols.map((rules) => [rules.symbol, rules]));
    const changed = symbols.filter((rules) => !same(known.get(rules.symbol), rules));
    if (changed.length === 0) return;
    const restepped = new Set<InstrumentId>();
    for (const rules of changed) {
      const before = known.get(rules.symbol);
      if (before !== undefined && !sameSteps(before, rules)) {
        restepped.add(rules.symbol);
        for (const account of this.#exchange.accounts()) {
          this.#exchange.cancelAll(account, rules.symbol, this.#nowUs);
        }
      }
      known.set(rules.symbol, rules);
    }
    // What was shown was counted in the old steps.
    for (const symbol of restepped) this.#markets.delete(symbol);
    const snapshot = this.#exchange.snapshot();
    const kept = snapshot.symbols.map((saved) => {
      const rules = known.get(saved.symbol);
      if (rules === undefined || !restepped.has(saved.symbol)) return saved;
      return { ...saved, tick: rules.tick, lot: rules.lot, lastPrice: 0, averages: [] };
    });
    this.#exchange = this.#build([...known.values()], { ...snapshot, symbols: kept });
    for (const { symbol, status } of changed) this.#exchange.setStatus(symbol, status);
  }

  snapshot(): FeedSnapshot {
    const places = [...this.#markets].flatMap(([symbol, { ticks }]) =>
      (ticks?.places ?? []).map(([orderId, ahead]) => ({ symbol, orderId, ahead })),
    );
    return { symbols: this.#symbols, exchange: this.#exchange.snapshot(), places };
  }

  /** What `snapshot` leaves out: another one with both goes on as this one does. */
  moment(): FeedMoment {
    const messages = this.#messages?.state() ?? null;
    return {
      nowUs: this.#nowUs,
      ended: this.#ended,
      commands: [...this.#commands].map(([symbol, line]) => [symbol, line.state()]),
      messages:
        messages === null
          ? null
          : {
              lastUs: messages.lastUs,
              items: messages.items.map(({ item, dueUs }) => ({ item: writtenMessage(item), dueUs })),
            },
      drawn: { commands: this.#delays.drawn, messages: this.#answerDelays.drawn },
      bars: [...this.#markets].flatMap(([symbol, { bars }]) => (bars === null ? [] : [[symbol, bars.state()]])),
      ticks: [...this.#markets].flatMap(([symbol, { ticks }]) => (ticks === null ? [] : [[symbol, ticks.state()]])),
    };
  }

  goOn({ nowUs, ended, commands, messages, drawn, bars, ticks }: FeedMoment): void {
    this.#nowUs = nowUs;
    this.#ended = ended;
    this.#delays.goOn(drawn.commands);
    this.#answerDelays.goOn(drawn.messages);
    for (const [symbol, state] of commands) this.#lineOf(symbol).goOn(state);
    if (messages !== null) this.#messages?.goOn(messages);
    for (const [symbol, state] of bars) this.#market(symbol)?.bars?.goOn(state);
    for (const [symbol, state] of ticks) this.#market(symbol)?.ticks?.goOn(state);
  }

  /**
   * Sends a command off. Without latency it has taken effect when this returns; with it, and with bars that act at the next open, it does when its time has come.
   */
  send(command: FeedCommand, sentUs: number): void {
    const symbol = symbolOf(command);
    const market = this.#market(symbol);
    const line = market === null ? this.#lineOf(symbol) : market.line;
    line.send({ command, rules: market === null ? null : market.feed.rules }, sentUs);
    const momentUs = market?.bars?.momentUs ?? null;
    if (momentUs !== null) this.#arriveAt(line, momentUs);
    this.advance(sentUs);
  }

  /** Time goes on without an event. What acts at the next open or close waits for it all the same. */
  advance(timeUs: number): void {
    if (this.#rules.kind !== 'bars' || this.#rules.acts === 'this-close' || this.#ended) this.#arrive(timeUs);
    this.#hearUntil(timeUs);
  }

  /** Takes an event of the feed. Events of kinds that the rules don't fill from, and of symbols without rules, are let by. */
  observe(event: MarketEvent): void {
    if (event.kind === 'bar') {
      if (event.closed && this.#rules.kind === 'bars' && event.interval === this.#rules.interval)
        this.observeBar(event);
      return;
    }
    const market = this.#market(event.instrument);
    if (market === null || market.ticks === null || event.kind === 'feed') return;
    const { tsInitUs } = event;
    // What is due by the same instant meets the newer data.
    this.#arrive(tsInitUs - 1);
    this.#pass(tsInitUs);
    switch (event.kind) {
      case 'quote':
        market.ticks.quote(event);
        break;
      case 'trade':
        market.ticks.trade(event);
        break;
      case 'book-snapshot':
        market.ticks.snapshot(event);
        break;
      case 'book-delta':
        market.ticks.delta(event);
    }
    this.#arrive(tsInitUs);
    this.#hearUntil(tsInitUs);
  }

  /**
   * Takes a closed bar. `finer`: the same time in shorter bars, whose order then decides what happened; throws `InvariantError` where they are not of that time and range.
   */
  observeBar(bar: Bar, finer: readonly Bar[] = []): void {
    const market = this.#market(bar.instrument);
    if (market === null || market.bars === null) return;
    const { bars, line } = market;
    for (const part of finer) {
      const within = part.openTimeUs >= bar.openTimeUs && part.closeTimeUs <= bar.closeTimeUs;
      const inRange = part.low >= bar.low && part.high <= bar.high;
      invariant(within && inRange && part.instrument === bar.instrument, 'finer bars lie within the bar they explain');
    }
    if (finer.length === 0) bars.bar(bar, line.size > 0, market.arriveAt);
    else for (const part of finer) bars.bar(part, line.size > 0, market.arriveAt);
    this.#pass(bar.closeTimeUs);
    this.#hearUntil(bar.closeTimeUs);
  }

  /** Nothing comes of a bar whose range lies between these prices, until something is sent or fills; null where something may come of any, since an order of its symbol is on its way, say. */
  reach(symbol: InstrumentId): Reach | null {
    const market = this.#known(symbol);
    if (market === null || market.bars === null || this.#messages !== null || market.line.size > 0) return null;
    return market.bars.reach();
  }

  /** `observeBar` of bars that are out of reach: of the last of them. */
  letBy(symbol: InstrumentId, close: number, closeTimeUs: number): void {
    this.#known(symbol)?.bars?.letBy(close, closeTimeUs);
    this.#pass(closeTimeUs);
  }

  /**
   * Shows the open of a bar, which `observeBar` takes whole afterwards: what was sent before meets it now, and so does what is sent until then. Of the rest of the bar only the volume is
   * known already, where it caps fills or moves prices.
   */
  showOpen(bar: Bar): void {
    const market = this.#market(bar.instrument);
    if (market === null || market.bars === null) return;
    market.bars.showOpen(bar, market.arriveAt);
    this.#hearUntil(bar.openTimeUs);
  }

  /** Shows the close of a bar that was observed: what was sent before meets it now, and so does what is sent until it is left. */
  showClose(bar: Bar): void {
    const market = this.#market(bar.instrument);
    market?.bars?.showClose(bar, market.arriveAt);
    this.#hearUntil(bar.closeTimeUs);
  }

  leaveClose(symbol: InstrumentId): void {
    this.#known(symbol)?.bars?.leaveClose();
  }

  /** No more bars come: orders on their way are refused with `data_ended`, and what is sent from now on meets the last close, or what `prices` has instead, with what is left of that bar's volume. */
  endData(prices: ReadonlyMap<InstrumentId, Price> | null = null): void {
    this.#ended = true;
    const onTheirWay = [...this.#commands.values()].flatMap((line) => {
      const sent: SentCommand[] = [];
      for (let next = line.take(Infinity); next !== null; next = line.take(Infinity)) sent.push(next.item);
      return sent;
    });
    for (const { command } of onTheirWay) {
      if (command.kind === 'cancel-replace') this.#refuseHalves(command.replace, REFUSALS.dataEnded.fault, this.#nowUs);
      else if (command.kind === 'place' || command.kind === 'place-list')
        this.#tell({ kind: 'refused', command, fault: REFUSALS.dataEnded.fault, timeUs: this.#nowUs }, this.#nowUs);
      else this.#run(command, this.#nowUs);
    }
    for (const [id, { bars }] of this.#markets) bars?.stay(prices?.get(id) ?? null);
    this.#hearUntil(this.#nowUs);
  }

  /** Lots of others before a resting order at its price; null where that is not known, or does not count. */
  queueAhead(symbol: InstrumentId, orderId: number): number | null {
    const market = this.#markets.get(symbol);
    const order = market?.feed.order(orderId);
    return order === undefined ? null : (market?.ticks?.queueAhead(order) ?? null);
  }

  /** Lets the commands of a symbol that are due by a moment of its bar take effect there. */
  #arriveAt(line: DelayLine<SentCommand>, momentUs: number): void {
    for (let next = line.take(momentUs); next !== null; next = line.take(momentUs)) this.#execute(next.item, momentUs);
  }

  /** Lets the commands take effect that are due, in the order of their times. */
  #arrive(untilUs: number): void {
    for (let line = this.#nextLine(untilUs); line !== null; line = this.#nextLine(untilUs)) {
      const next = line.take(untilUs);
      if (next === null) return;
      this.#pass(next.dueUs);
      this.#execute(next.item, next.dueUs);
    }
  }

  #nextLine(untilUs: number): DelayLine<SentCommand> | null {
    let first: DelayLine<SentCommand> | null = null;
    let firstUs = untilUs;
    for (const line of this.#commands.values()) {
      const { nextUs } = line;
      if (nextUs === null || nextUs > firstUs || (first !== null && nextUs === firstUs)) continue;
      first = line;
      firstUs = nextUs;
    }
    return first;
  }

  #execute({ command, rules }: SentCommand, timeUs: number): void {
    const entering = command.kind === 'place' || command.kind === 'place-list' || command.kind === 'cancel-replace';
    const market = entering || command.kind === 'amend' ? this.#market(symbolOf(command)) : null;
    const stale = rules !== null && market !== null && !sameSteps(rules, market.feed.rules);
    const fault = stale ? filterFailure('PRICE_FILTER') : entering ? market?.ticks?.placingFault(timeUs) : null;
    const outcome = fault ?? this.#run(command, timeUs);
    if (outcome.ok) return;
    if (command.kind === 'cancel-replace') this.#refuseHalves(command.replace, outcome.fault, timeUs);
    else this.#tell({ kind: 'refused', command, fault: outcome.fault, timeUs }, timeUs);
  }

  /** Nothing of a replacement was done: the new order is refused, and so is the cancel. */
  #refuseHalves({ cancel, order }: CancelReplace, fault: ExchangeFault, timeUs: number): void {
    const { fault: undone } = REFUSALS.replaceFailed;
    this.#tell({ kind: 'refused', command: { kind: 'cancel', cancel }, fault: undone, timeUs }, timeUs);
    this.#tell({ kind: 'refused', command: { kind: 'place', order }, fault, timeUs }, timeUs);
  }

  #replace(replace: CancelReplace, timeUs: number): Outcome<unknown> {
    const { cancel, order } = replace;
    const replaced = this.#exchange.cancelReplace(replace, timeUs);
    if (!replaced.ok || replaced.value.fault === null) return replaced;
    const { fault, cancelFault, newOrderFault, cancelResult } = replaced.value;
    if (cancelResult === 'NOT_ATTEMPTED') return { ok: false, fault };
    // One half was done or tried: each that failed is told by itself.
    if (cancelFault !== null) {
      this.#tell({ kind: 'refused', command: { kind: 'cancel', cancel }, fault: cancelFault, timeUs }, timeUs);
    }
    if (replaced.value.placed === null) {
      this.#tell({ kind: 'refused', command: { kind: 'place', order }, fault: newOrderFault ?? fault, timeUs }, timeUs);
    }
    return replaced;
  }

  #run(command: FeedCommand, timeUs: number): Outcome<unknown> {
    const exchange = this.#exchange;
    switch (command.kind) {
      case 'place':
        return exchange.place(command.order, timeUs);
      case 'place-list':
        return exchange.placeList(command.list, timeUs);
      case 'cancel':
        return exchange.cancel(command.cancel, timeUs);
      case 'cancel-all':
        return exchange.cancelAll(command.account, command.symbol, timeUs);
      case 'cancel-list':
        return exchange.cancelList(command.list, command.newClientOrderId, timeUs);
      case 'cancel-replace':
        return this.#replace(command.replace, timeUs);
      case 'amend':
        return exchange.amend(command.amend, timeUs);
    }
  }

  /** Lets those who have heard something answer. With latency an answer would come at a time of which a bar knows nothing: it waits for the next open. */
  #answered(): void {
    if (this.#messages === null && this.#delays.isZero) this.#options.answer?.();
  }

  #pass(timeUs: number): void {
    if (timeUs > this.#nowUs) this.#nowUs = timeUs;
  }

  #tell(message: FeedMessage, timeUs: number): void {
    if (this.#messages === null) this.#options.hear(message, timeUs);
    else this.#messages.send(message, timeUs);
  }

  #hearUntil(timeUs: number): void {
    this.#pass(timeUs);
    if (this.#messages === null) return;
    for (let next = this.#messages.take(timeUs); next !== null; next = this.#messages.take(timeUs)) {
      this.#options.hear(next.item, next.dueUs);
    }
  }

  #build(symbols: readonly SymbolRules[], snapshot: ExchangeSnapshot | null): Exchange {
    this.#symbols = symbols;
    const options: ExchangeOptions = {
      symbols: symbols.map((rules) => ({ rules, openingPrice: null })),
      listener: this.#listener(),
      discount: this.#options.fees?.discount ?? null,
      publishesDepth: false,
      tellsLists: this.#options.tellsOnlyOrders !== true,
      scalesMin: snapshot === null ? new Map<AssetId, number>() : scalesOf(snapshot),
    };
    const exchange = snapshot === null ? new Exchange(options) : Exchange.restore(options, snapshot);
    this.#last = null;
    for (const [symbol, market] of this.#markets) {
      const feed = exchange.feed(symbol);
      invariant(feed !== null, 'a symbol that is known stays known');
      market.ticks?.moveTo(feed);
      market.bars?.moveTo(feed);
      this.#markets.set(symbol, { ...market, feed });
    }
    return exchange;
  }

  #lineOf(symbol: InstrumentId | null): DelayLine<SentCommand> {
    const key = this.#rules.kind === 'bars' ? symbol : null;
    let line = this.#commands.get(key);
    if (line === undefined) {
      line = new DelayLine(this.#delays);
      this.#commands.set(key, line);
    }
    return line;
  }

  /** The market of a symbol; null without rules of it. */
  #market(symbol: InstrumentId): Market | null {
    return this.#known(symbol) ?? this.#open(symbol);
  }

  /** The same where it was needed before. */
  #known(symbol: InstrumentId): Market | null {
    if (this.#last !== null && this.#last.symbol === symbol) return this.#last.market;
    const market = this.#markets.get(symbol);
    return market === undefined ? null : (this.#last = { symbol, market }).market;
  }

  /** The market of a symbol, when it is first needed. */
  #open(symbol: InstrumentId): Market | null {
    const feed = this.#exchange.feed(symbol);
    if (feed === null) return null;
    const rules = this.#rules;
    const line = this.#lineOf(symbol);
    const market: Market = {
      feed,
      line,
      ticks: rules.kind === 'ticks' ? new TickFills(feed, rules) : null,
      bars: rules.kind === 'bars' ? new BarFills(feed, rules, () => this.#answered()) : null,
      arriveAt: (momentUs) => this.#arriveAt(line, momentUs),
    };
    this.#markets.set(symbol, market);
    return market;
  }

  #listener(): ExchangeListener {
    return {
      onReport: (report) => {
        if (this.#rules.kind === 'ticks') this.#noteQueue(report);
        this.#tell({ kind: 'report', report }, report.timeUs);
      },
      onListStatus: (status) => this.#tell({ kind: 'list', status }, status.timeUs),
      onAccount: (account, holdings, timeUs) => {
        if (this.#options.tellsOnlyOrders === true) return;
        this.#tell({ kind: 'account', account, positions: holdings.map((holding) => holding.position()) }, timeUs);
      },
      // Neither is a market that anybody sees: prices are the feed's.
      onTrade: () => undefined,
      onBest: () => undefined,
    };
  }

  #noteQueue({ symbol, orderId, executionType, status, price, isWorking }: ExecutionReport): void {
    const market = this.#markets.get(symbol);
    if (market === undefined || market.ticks === null) return;
    if (isFinalAtExchange(status)) market.ticks.ended(orderId);
    else if (executionType === 'NEW' && isWorking && price > 0) {
      const order = market.feed.order(orderId);
      if (order !== undefined) market.ticks.rests(order);
    }
  }
}

const same = (left: unknown, right: unknown): boolean => text(left) === text(right);
const text = (value: unknown): string =>
  JSON.stringify(value, (_key, part: unknown) => (typeof part === 'bigint' ? `${part}n` : part));

/** The digits that the balances have, so that none is lost whatever the symbols need now. */
function scalesOf({ accounts }: ExchangeSnapshot): ReadonlyMap<AssetId, number> {
  const scales = new Map<AssetId, number>();
  for (const { asset, free, locked } of accounts.flatMap(({ holdings }) => holdings)) {
    let scale = Math.max(FEE_SCALE, scales.get(asset) ?? 0);
    for (const held of [BigInt(free), BigInt(locked)]) {
      while (scale < AMOUNT_SCALE && held % pow10(AMOUNT_SCALE - scale) !== 0n) scale += 1;
    }
    scales.set(asset, scale);
  }
  return scales;
}
