import { readFaultRule } from '@monsta/binance-server';
import {
  expectOk,
  price,
  quantity,
  seededRandom,
  strategyId,
  US_PER_MS,
  type Random,
  type VenueAccountEvent,
} from '@monsta/core';
import type { ExecutionVenue, Timer, Transport } from '@monsta/ports';
import { defineStrategy, isKernelOrderId, parseParameters, type ConfiguredStrategy } from '@monsta/trading';
import { BTC, Tape } from '../../integration/trading/world.ts';
import { FAULTS, TABLE, type Cell, type Client } from './cells.ts';
import type { CaseOutcome } from './collector-case.ts';
import type { Crowd } from './crowd-exchange.ts';
import { ADDRESS } from './exchange-rig.ts';
import { LedgerWitness } from './ledger-witness.ts';
import { faultRule, type Targets } from './rules.ts';
import { stopPlan, type Dip, type StopPlan } from './stop-plan.ts';
import { TradingWorld } from './trading-world.ts';

const MAIN = 'main';
const TRADERS: readonly Client[] = ['user-stream', 'order-entry', 'account'];
const MINUTE_MS = 60_000;
const ANOTHER_AFTER_MS = 20_000;
/** Minutes that every case has. */
const BUSY_MINUTES = 6;
/** How often the strategy wants something: in and out, at each minute the other. */
const WISHES = 10;
/** Ledger and venue are equal again within this many minutes after that. */
const HEALED_MINUTES = 14;
const MIDDLE = 6_000_000;
const BID = price(MIDDLE - 100);
const ASK = price(MIDDLE + 100);
/** Where a limit order to buy rests. */
const RESTING = price(MIDDLE - 1_000);
const MUCH = quantity(1_000_000);
const USER_STREAM = { channel: 'connection', path: '/ws-api/*' };

/** Makes a client wrong on purpose, so that the witness can be tried. */
export interface TradingMutation {
  readonly venue?: (venue: ExecutionVenue) => ExecutionVenue;
  readonly transport?: (transport: Transport) => Transport;
}

class TradingCase {
  readonly #tape = new Tape();
  readonly #world: TradingWorld;
  readonly #crowd: Crowd;
  readonly #witness: LedgerWitness;
  readonly #random: Random;
  readonly #cell: Cell;
  readonly #mutation: TradingMutation;
  readonly #violations = new Set<string>();
  readonly #transcript: string[] = [];
  /** Called for each order that is sent. */
  #onSubmit: () => void = () => undefined;
  #armed = false;
  /** The next life of the program, while none is. */
  #beginning: Timer | null = null;
  #liveSinceUs: number | null = null;
  /** The faults of order entry strike cancels, not orders. */
  readonly #cancels: boolean;
  /** Null: positions have nothing at the exchange that they are left by. */
  readonly #stops: StopPlan | null;
  readonly #strategy: ConfiguredStrategy;
  /** At whose end the fault is let loose. */
  readonly #armMinute: number;

  constructor(seed: number, cell: Cell, mutation: TradingMutation) {
    const random = seededRandom(seed);
    this.#random = random;
    this.#cell = cell;
    this.#mutation = mutation;
    const [latencyMs, jitterMs] = [1 + random.integer(80), random.integer(40)];
    this.#armMinute = 1 + random.integer(3);
    this.#cancels = cell.client === 'order-entry' && random.integer(3) === 0;
    const resting = this.#rests ? RESTING : null;
    this.#stops = stopPlan(seed, { middle: MIDDLE, resting, wishes: WISHES, minutes: BUSY_MINUTES });
    this.#world = new TradingWorld({
      ...{ seed, latencyMs, jitterMs },
      clock: this.#tape.clock,
      instruments: [BTC],
      history: () => this.#tape.history(),
      config: { risk: { staleAfterMs: 120_000, lossCooldownMs: 0 }, protectiveStop: this.#stops?.settings ?? {} },
    });
    this.#crowd = this.#world.model.crowd(BTC.id);
    this.#witness = new LedgerWitness(this.#world);
    this.#strategy = this.#makeStrategy();
  }

  get #faults() {
    return this.#world.served.server.faults;
  }

  #add(rule: Readonly<Record<string, unknown>>): void {
    expectOk(this.#faults.add(expectOk(readFaultRule(rule, this.#faults.rules().length + 1))));
  }

  /** Orders rest in the book: what is canceled and what trades in parts does. */
  get #rests(): boolean {
    return this.#cell.moment === 'partial-fill' || this.#cancels;
  }

  #targets(client: Client): Targets {
    const events = ['*', 'executionReport', 'outboundAccountPosition'] as const;
    const questions = ['*', '/api/v3/account', '/api/v3/openOrders', '/api/v3/myTrades'] as const;
    // With stops, an exit takes the place of one in a request of its own, and pairs have theirs.
    const orders = this.#stops === null ? '/api/v3/order' : '/api/v3/order*';
    const requests =
      client === 'order-entry'
        ? { channel: 'rest', method: this.#cancels ? 'DELETE' : 'POST', path: orders }
        : client === 'account'
          ? { channel: 'rest', method: 'GET', path: questions[this.#random.integer(questions.length)] }
          : { channel: 'ws-api', method: 'userDataStream.*' };
    return {
      requests,
      frames: { channel: 'user-data', event: events[this.#random.integer(events.length)] },
      connections: USER_STREAM,
      address: ADDRESS,
    };
  }

  #arm(): void {
    if (this.#armed) return;
    this.#armed = true;
    const { fault, moment } = this.#cell;
    if (this.#random.integer(2) === 0)
      this.#world.clock.setTimer(this.#random.integer(70_000), () => this.#addAnother());
    const rule = faultRule(fault, moment, this.#targets(this.#cell.client), this.#random);
    if (rule !== null) this.#add({ ...rule, id: MAIN });
    else {
      const { way } = this.#world;
      way.reach = fault === 'network-lost' ? 'lost' : 'refused';
      this.#world.clock.setTimer(70_000 + this.#random.integer(60_000), () => (way.reach = 'reached'));
    }
  }

  /** Another fault on top, whatever it may be; it does not keep the first from happening. */
  #addAnother(): void {
    if (!this.#struck) {
      this.#world.clock.setTimer(ANOTHER_AFTER_MS, () => this.#addAnother());
      return;
    }
    const client = TRADERS[this.#random.integer(TRADERS.length)] ?? 'account';
    const others = FAULTS.filter((fault) => TABLE[fault][client].length > 0);
    const fault = others[this.#random.integer(others.length)] ?? 'delay';
    const rule = faultRule(fault, 'calm', this.#targets(client), this.#random);
    if (rule !== null) this.#add({ ...rule, id: 'another' });
  }

  get #struck(): boolean {
    return this.#world.way.hindered > 0 || this.#faults.log().some(({ rule }) => rule === MAIN);
  }

  /** Lets the fault loose at its moment, at the end of a minute: orders are sent right after. */
  #disturb(): void {
    const { moment } = this.#cell;
    switch (moment) {
      case 'reconnect':
      case 'repair':
        // The stream goes as the order is sent.
        this.#onSubmit = () => {
          this.#onSubmit = () => undefined;
          this.#arm();
          this.#add({ fault: 'cut', where: USER_STREAM, id: 'cause' });
        };
        if (this.#cell.client !== 'order-entry') {
          this.#arm();
          this.#add({ fault: 'cut', where: USER_STREAM, id: 'cause' });
          this.#onSubmit = () => undefined;
        }
        return;
      case 'hand-over':
        this.#arm();
        this.#world.served.server.announceShutdown();
        return;
      case 'partial-fill':
        return;
      case 'restart':
        this.#arm();
        // Often while orders are on their way.
        this.#world.clock.setTimer(this.#random.integer(this.#random.integer(2) === 0 ? 300 : 3_000), () =>
          this.#restart(this.#random.integer(5_000)),
        );
        return;
      default:
        this.#arm();
    }
  }

  /** The program dies, and comes back a moment later. */
  #restart(downMs: number): void {
    this.#world.kill();
    this.#liveSinceUs = null;
    this.#beginning?.cancel();
    this.#beginning = this.#world.clock.setTimer(downMs, () => void this.#begin());
  }

  /** One life of the program. */
  async #begin(): Promise<void> {
    try {
      await this.#world.trade([this.#strategy], {
        venue: (venue) => this.#overheard(venue),
        transport: this.#mutation.transport ?? ((transport) => transport),
      });
    } catch (thrown) {
      this.#violations.add(`the program does not start: ${String(thrown)}`);
    }
  }

  /** Wants one thing after the other, at each bar the next. */
  #makeStrategy(): ConfiguredStrategy {
    const resting = { share: 1, limitPrice: RESTING / 100 };
    const wishes = this.#stops?.wishes ?? (this.#rests ? [resting, 0] : [1, 0]);
    let next = 0;
    const definition = defineStrategy({
      name: 'scripted',
      parameters: {},
      intervals: () => ['1m'],
      onBar(context) {
        const wish = next < WISHES ? (wishes[next % wishes.length] ?? null) : null;
        next += 1;
        if (wish === null) return;
        if (typeof wish === 'number') context.setTarget(wish);
        else context.setTarget(wish.share, { limitPrice: wish.limitPrice });
      },
    });
    const parameters = expectOk(parseParameters(definition, null));
    return { id: strategyId('scripted'), definition, parameters, instruments: [BTC.id] };
  }

  /** A minute of the market: what rests is partly traded with in its middle, and its bar closes. */
  async #minute(index: number): Promise<void> {
    const { clock, stream } = this.#world;
    await this.#world.advance(
      MINUTE_MS - ((clock.nowUs() / US_PER_MS) % MINUTE_MS) - 40_000 + (index === 0 ? MINUTE_MS : 0),
    );
    if (this.#rests && index > 0 && index <= BUSY_MINUTES) this.#tradeWithResting(index);
    const dip = this.#stops?.dips[index] ?? null;
    if (dip !== null) clock.setTimer(dip.afterMs, () => this.#fall(dip, this.#stops?.deathsMs[index] ?? null));
    await this.#world.advance(20_000);
    if (index > 0 && index <= BUSY_MINUTES) this.#meddle();
    const lots = this.#random.integer(3) === 0 ? quantity(1_000 + this.#random.integer(9_000)) : MUCH;
    this.#crowd.offer(BID, ASK, lots);
    await this.#world.advance(19_000);
    this.#showPrice([BID, ASK], MIDDLE);
    await this.#world.advance(1_000);
    if (index === this.#armMinute) this.#disturb();
    this.#tape.closeBar(stream, MIDDLE);
    await this.#check();
  }

  /** At times others move money on the account too. */
  #meddle(): void {
    const { venueAccount } = this.#world;
    if (this.#random.integer(8) === 0)
      this.#crowd.byHand(venueAccount, 'buy', ASK, quantity(100 + this.#random.integer(100)));
    if (this.#random.integer(12) === 0) void this.#world.deposit('USDT', String(10 + this.#random.integer(90)));
  }

  #fall({ rises, at, lots, forMs }: Dip, downMs: number | null): void {
    if (downMs !== null && this.#world.live) this.#restart(downMs);
    if (rises) this.#crowd.climb(at, lots);
    else this.#crowd.fall(at, lots);
    this.#showPrice(rises ? [at - 200, at] : [at, at + 200], at);
    this.#world.clock.setTimer(forMs, () => {
      this.#crowd.rise(BID, ASK, MUCH);
      this.#showPrice([BID, ASK], MIDDLE);
    });
  }

  #showPrice(quote: readonly [bid: number, ask: number], last: number): void {
    const { stream } = this.#world;
    this.#tape.quote = quote;
    this.#tape.publishQuote(stream);
    this.#tape.trade(stream, last);
  }

  #tradeWithResting(index: number): void {
    if (index >= this.#armMinute && this.#cell.moment === 'partial-fill') this.#arm();
    this.#crowd.hit('sell', RESTING, quantity(100 + this.#random.integer(5_000)));
    this.#crowd.offer(BID, ASK, MUCH);
  }

  async #check(): Promise<void> {
    for (const violation of await this.#witness.broken()) this.#violations.add(violation);
    for (const violation of await this.#witness.unnoticed(this.#liveSinceUs)) this.#violations.add(violation);
  }

  #hear(event: VenueAccountEvent): void {
    this.#transcript.push(`${event.kind} ${event.tsEventUs}${event.kind === 'reports' ? ` ${event.state}` : ''}`);
    if (event.kind === 'reports') this.#liveSinceUs = event.state === 'live' ? this.#world.clock.nowUs() : null;
    if (event.kind === 'foreign-fill' && isKernelOrderId(event.fill.clientOrderId))
      this.#violations.add(`a fill of order ${event.fill.clientOrderId} is called foreign`);
  }

  /** What the role tells its venue and hears of it. */
  #overheard(venue: ExecutionVenue): ExecutionVenue {
    venue.onEvent((event) => {
      const id = event.kind === 'order-filled' ? event.fill.clientOrderId : event.clientOrderId;
      this.#transcript.push(
        `${event.kind} ${id} ${event.tsEventUs}${'code' in event ? ` ${event.code}` : ''}${'reason' in event ? ` ${event.reason}` : ''}`,
      );
    });
    venue.onAccountEvent((event) => this.#hear(event));
    this.#liveSinceUs = this.#world.clock.nowUs();
    const changed = this.#mutation.venue?.(venue) ?? venue;
    return new Proxy(changed, {
      get: (target, name) => {
        if (name === 'submit')
          return (request: Parameters<ExecutionVenue['submit']>[0]) => {
            this.#onSubmit();
            target.submit(request);
          };
        if (name === 'submitList')
          return (request: Parameters<ExecutionVenue['submitList']>[0]) => {
            this.#onSubmit();
            target.submitList(request);
          };
        if (name === 'replace')
          return (...asked: Parameters<ExecutionVenue['replace']>) => {
            this.#onSubmit();
            target.replace(...asked);
          };
        const value: unknown = Reflect.get(target, name);
        return typeof value === 'function' ? (value.bind(target) as unknown) : value;
      },
    });
  }

  /** What is not as it must be in the end. */
  async #open(): Promise<readonly string[]> {
    const differences = await this.#witness.differences();
    return this.#stops === null ? differences : [...differences, ...this.#witness.uncovered()];
  }

  async run(): Promise<CaseOutcome> {
    const world = this.#world;
    await world.serve();
    if (this.#cell.moment === 'open') this.#arm();
    await world.during(this.#begin());
    let minutes = 0;
    for (; minutes < BUSY_MINUTES; minutes += 1) await this.#minute(minutes);
    let differences = await this.#open();
    while ((differences.length > 0 || !world.live || !this.#struck) && minutes < BUSY_MINUTES + HEALED_MINUTES) {
      await this.#minute((minutes += 1));
      differences = await this.#open();
    }
    for (const difference of differences) this.#violations.add(`in the end: ${difference}`);
    if (!world.live) this.#violations.add('the role is not live in the end');
    if (!this.#struck) this.#violations.add('the fault never struck');
    return this.#finish();
  }

  async #finish(): Promise<CaseOutcome> {
    const world = this.#world;
    for (const divergence of await this.#witness.divergences()) this.#violations.add(divergence);
    for (const { code, message } of world.fatal) this.#violations.add(`trading ended: ${code}: ${message}`);
    for (const { level, message } of world.exchangeLog.records)
      if (level === 'error') this.#violations.add(`the exchange logged: ${message}`);
    const { orders, fills } = await this.#witness.counts();
    if (orders === 0) this.#violations.add('no order was sent');
    const faultLog = this.#faults.log().map(({ atUs, rule, subject, note }) => `${atUs} ${rule} ${subject}: ${note}`);
    await world.close();
    return { violations: [...this.#violations], transcript: this.#transcript, compared: fills, faultLog };
  }
}

/** Runs a case of order entry, user stream or account. */
export async function runTradingCase(seed: number, cell: Cell, mutation: TradingMutation = {}): Promise<CaseOutcome> {
  return new TradingCase(seed, cell, mutation).run();
}
