import { aiTradingConfigSchema } from '@monsta/ai-trading/config';
import { readFaultRule } from '@monsta/binance-server';
import {
  internalSubjects,
  topics,
  type TradingAction,
  type TradingCommand,
  type TradingStateMessage,
} from '@monsta/contracts';
import {
  affordableQuantity,
  expectOk,
  formatPrice,
  formatQuantity,
  parseAmount,
  price,
  quantity,
  seededRandom,
  US_PER_MS,
  type InstrumentId,
  type Random,
} from '@monsta/core';
import { VirtualClock } from '@monsta/testkit';
import { ADDRESS } from '../fault-matrix/exchange-rig.ts';
import { FAULTS, TABLE, type Client } from '../fault-matrix/cells.ts';
import { LedgerWitness } from '../fault-matrix/ledger-witness.ts';
import { faultRule } from '../fault-matrix/rules.ts';
import { TradingWorld } from '../fault-matrix/trading-world.ts';
import { LimitsWitness } from './limits-witness.ts';
import { Market, MARKETS } from './market.ts';
import { strategies } from './strategies.ts';

/** 2025-03-01T00:00:00Z, a Saturday. */
const START_MS = 1_740_787_200_000;
const POINT_MS = 1_800_000;
const POINTS_PER_DAY = 48;
const WARM_UP_POINTS = 200;
/** How long after a price things are followed closely: what is decided is sent and answered then. */
const CLOSE_MS = 1_200;
const CLOSE_STEP_MS = 120;
const LEAP_MS = 300_000;
/** How long before the next price ledger and exchange are compared. */
const BEFORE_MS = 5_000;
/** Faults end, and this many points later ledger and exchange are equal. */
const QUIET_EVERY = 12;
const HEALED_WITHIN = 2;
const STRATEGIES = strategies().map(({ id }) => id);
const TRADERS: readonly Client[] = ['user-stream', 'order-entry', 'account'];

const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

export interface WeekOutcome {
  readonly violations: readonly string[];
  /** What was done to the program, and what it said of its state. */
  readonly transcript: readonly string[];
  readonly orders: number;
  readonly fills: number;
  readonly restarts: number;
  readonly faults: number;
}

class WeekCase {
  readonly #random: Random;
  readonly #clock = new VirtualClock((START_MS - WARM_UP_POINTS * POINT_MS) * 1_000);
  readonly #market: Market;
  readonly #world: TradingWorld;
  readonly #ledger: LedgerWitness;
  readonly #limits: LimitsWitness;
  readonly #violations = new Set<string>();
  readonly #transcript: string[] = [];
  readonly #days: number;
  #restarts = 0;
  #armed = 0;
  #commands = 0;
  #resumeAt: number | null = null;
  #beginning: Promise<void> = Promise.resolve();

  constructor(seed: number, days: number) {
    const random = seededRandom(seed);
    this.#random = random;
    this.#days = days;
    this.#market = new Market(this.#clock, seededRandom(seed + 10));
    const config = {
      tickMs: 300_000,
      equitySampleMs: 3_600_000,
      publishEveryMs: 3_600_000,
      republishEveryMs: 3_600_000,
      silentAfterMs: 3_600_000,
      reconcileEveryMs: 1_800_000,
      risk: { staleAfterMs: 3_600_000, openOrdersMax: 12 },
      protectiveStop: random.integer(2) === 0 ? { distancePpm: 5_000 + random.integer(30_000) } : {},
    };
    this.#world = new TradingWorld({
      seed,
      latencyMs: 1 + random.integer(80),
      jitterMs: random.integer(40),
      clock: this.#clock,
      instruments: MARKETS.map(({ instrument }) => instrument),
      history: () => this.#market.history(),
      config,
      rest: { clockSyncIntervalMs: 1_800_000, clockSamples: 1 },
      execution: { compareIntervalMs: 120_000 },
    });
    this.#ledger = new LedgerWitness(this.#world);
    this.#limits = new LimitsWitness(this.#world, this.#market, aiTradingConfigSchema.parse(config));
  }

  #say(what: string): void {
    this.#transcript.push(`${this.#clock.nowUs()} ${what}`);
  }

  async #pass(ms: number, stepMs: number): Promise<void> {
    for (let left = ms; left > 0; left -= stepMs) {
      await this.#clock.advance(Math.min(stepMs, left));
      for (let turns = 0; turns < 3; turns += 1) await turn();
    }
  }

  /** One price, and the time until the next; `before` that, a few seconds earlier: what the next one brings about has not begun then. */
  async #point(before: () => Promise<void> = () => Promise.resolve()): Promise<void> {
    const { model, stream } = this.#world;
    for (const [id, { bid, ask, lots }] of this.#market.step()) model.crowd(id).move(bid, ask, quantity(lots));
    this.#market.publish(stream);
    await this.#pass(CLOSE_MS, CLOSE_STEP_MS);
    await this.#untilPoint(BEFORE_MS);
    await before();
    await this.#untilPoint();
  }

  /** Bars end on the clock. */
  async #untilPoint(lessMs = 0): Promise<void> {
    await this.#pass(POINT_MS - lessMs - ((this.#clock.nowUs() / US_PER_MS) % POINT_MS), LEAP_MS);
  }

  /** One life of the program. */
  #begin(): void {
    const { stream } = this.#world;
    expectOk(
      stream.subscribe({
        subject: topics.tradingState,
        queueMax: 10_000,
        overflow: 'end',
        onMessage: ({ payload }) => {
          // A life that is dead may still talk to itself.
          if (stream === this.#world.stream) this.#hearState(payload as TradingStateMessage);
        },
      }),
    );
    this.#beginning = this.#world
      .trade(strategies(), { venue: (venue) => this.#limits.watch(venue), transport: (transport) => transport })
      .catch((thrown: unknown) => void this.#violations.add(`the program does not start: ${String(thrown)}`));
  }

  #hearState({ state, reason, by }: TradingStateMessage): void {
    const line = `${state} by ${by}: ${reason ?? 'no reason'}`;
    if (this.#transcript.at(-1)?.endsWith(line) !== true) this.#say(line);
    if (state !== 'ACTIVE' && (reason === null || reason.length < 10))
      this.#violations.add(`trading is ${state} and nobody says why`);
  }

  #restart(): void {
    this.#restarts += 1;
    this.#say('killed');
    this.#world.kill();
    const downMs = this.#random.integer(this.#random.integer(4) === 0 ? 3_600_000 : 20_000);
    this.#clock.setTimer(downMs, () => this.#begin());
  }

  #arm(): void {
    const client = TRADERS[this.#random.integer(TRADERS.length)] ?? 'account';
    const fault = FAULTS[this.#random.integer(FAULTS.length)] ?? 'delay';
    if (TABLE[fault][client].length === 0) return;
    this.#armed += 1;
    const paths = { 'order-entry': '/api/v3/order*', account: '*', 'user-stream': '*', collector: '*' } as const;
    const requests =
      client === 'user-stream'
        ? { channel: 'ws-api', method: 'userDataStream.*' }
        : { channel: 'rest', method: client === 'account' ? 'GET' : 'POST', path: paths[client] };
    const targets = {
      requests,
      frames: { channel: 'user-data', event: '*' },
      connections: { channel: 'connection', path: '/ws-api/*' },
      address: ADDRESS,
    };
    const rule = faultRule(fault, 'calm', targets, this.#random);
    this.#say(`fault ${fault} of ${client}`);
    if (rule === null) {
      const { way } = this.#world;
      way.reach = fault === 'network-lost' ? 'lost' : 'refused';
      this.#clock.setTimer(30_000 + this.#random.integer(600_000), () => (way.reach = 'reached'));
      return;
    }
    const faults = this.#world.served.server.faults;
    expectOk(faults.add(expectOk(readFaultRule({ ...rule, id: `f${this.#armed}` }, this.#armed))));
  }

  #command(action: TradingAction): void {
    this.#commands += 1;
    this.#say(`a person asks: ${JSON.stringify(action)}`);
    const command: TradingCommand = { id: `c-${this.#commands}`, actor: 'tester', action };
    expectOk(this.#world.stream.publish(internalSubjects.tradingCommands, command, { tsEventUs: this.#clock.nowUs() }));
  }

  #setState(state: TradingStateMessage['state'], flatten: boolean): void {
    this.#command({ kind: 'set-state', state, flatten, reason: 'a person of the test wants it' });
  }

  #pick<T>(from: readonly [T, ...T[]] | readonly T[]): T {
    const found = from[this.#random.integer(from.length)];
    if (found === undefined) throw new RangeError('there is nothing to pick from');
    return found;
  }

  /** One of the smaller things that a person may ask for. */
  #ask(): void {
    const { id: instrument } = this.#pick(MARKETS).instrument;
    const strategyId = this.#pick(STRATEGIES);
    const reason = 'a person of the test wants it';
    const asked: readonly TradingAction[] = [
      { kind: 'set-strategy', strategyId, state: this.#pick(['running', 'reducing', 'paused'] as const), reason },
      { kind: 'close-position', strategyId, instrument, reason },
      { kind: 'cancel-all', instrument, strategyId: null, includeProtective: this.#random.integer(2) === 0 },
      { kind: 'place-order', order: this.#manualOrder(instrument) },
    ];
    this.#command(this.#pick(asked));
  }

  #manualOrder(instrument: InstrumentId): Extract<TradingAction, { kind: 'place-order' }>['order'] {
    const market = MARKETS.find((each) => each.instrument.id === instrument)?.instrument;
    if (market === undefined) throw new RangeError(`${instrument} is not traded here`);
    const last = this.#market.last(instrument);
    const lots = affordableQuantity(expectOk(parseAmount('700')), last, market);
    const type = this.#pick(['market', 'limit'] as const);
    return {
      requestId: null,
      instrument,
      side: this.#random.integer(3) === 0 ? 'sell' : 'buy',
      type,
      timeInForce: 'gtc',
      quantity: formatQuantity(lots, market),
      limitPrice: type === 'market' ? null : formatPrice(price(Math.round(last * 0.997)), market),
      stopPrice: null,
      stopLimitPrice: null,
      trailingBps: null,
      icebergQuantity: null,
      exit: null,
      reason: null,
    };
  }

  /** What happens to the program besides the market. */
  #disturb(point: number): void {
    if (point === this.#resumeAt) {
      this.#setState('ACTIVE', false);
      // A program that is just starting hears no commands.
      this.#resumeAt = this.#world.live ? null : point + 1;
    }
    if (this.#random.integer(20) === 0) this.#arm();
    if (this.#random.integer(75) === 0 && this.#world.live)
      this.#clock.setTimer(this.#random.integer(this.#random.integer(2) === 0 ? 400 : 60_000), () => this.#restart());
    if (this.#random.integer(100) === 0 && this.#resumeAt === null && this.#world.live) {
      this.#setState(this.#random.integer(2) === 0 ? 'HALTED' : 'REDUCING', this.#random.integer(2) === 0);
      this.#resumeAt = point + 3 + this.#random.integer(10);
    }
    if (this.#random.integer(15) === 0 && this.#world.live) this.#ask();
    if (this.#random.integer(150) === 0 && this.#world.live)
      void this.#world.deposit('USDT', String(100 + this.#random.integer(2_000)));
  }

  /** All faults end; then ledger and exchange must be equal soon. */
  async #comeToRest(): Promise<void> {
    this.#world.served.server.faults.clear();
    this.#world.way.reach = 'reached';
    let differences: readonly string[] = [];
    for (let point = 0; point < HEALED_WITHIN; point += 1) {
      await this.#point(async () => {
        differences = [...(await this.#ledger.differences()), ...(this.#world.live ? [] : ['the program is not live'])];
      });
      if (differences.length === 0) return;
    }
    for (const difference of differences.slice(0, 5))
      this.#violations.add(`at ${this.#clock.nowUs()}, ${HEALED_WITHIN} points after all faults: ${difference}`);
  }

  async run(): Promise<WeekOutcome> {
    const world = this.#world;
    const warm = { publish: () => ({ ok: true, value: null }) } as never;
    for (let point = 0; point < WARM_UP_POINTS; point += 1) {
      await this.#clock.advance(POINT_MS);
      this.#market.step();
      this.#market.publish(warm);
    }
    await world.serve();
    this.#begin();
    await world.during(this.#beginning);
    await this.#untilPoint();
    for (let point = 0; point < this.#days * POINTS_PER_DAY && this.#violations.size === 0; point += 1) {
      if (point % QUIET_EVERY === QUIET_EVERY - 1) await this.#comeToRest();
      else {
        this.#disturb(point);
        await this.#point();
      }
      if (point % QUIET_EVERY === 0) for (const broken of await this.#ledger.broken()) this.#violations.add(broken);
    }
    return this.#finish();
  }

  async #finish(): Promise<WeekOutcome> {
    const world = this.#world;
    // A market as thin as this one may not take a position in five orders, nor what is left of it below the least value of an order; then it says so.
    const divergences = await this.#ledger.divergences();
    for (const divergence of divergences)
      if (!/^divergence (flatten|close)_failed/.test(divergence)) this.#violations.add(divergence);
    for (const violation of this.#limits.violations) this.#violations.add(violation);
    for (const { code, message } of world.fatal) this.#violations.add(`trading ended: ${code}: ${message}`);
    for (const { level, message } of world.exchangeLog.records)
      if (level === 'error') this.#violations.add(`the exchange logged: ${message}`);
    const { orders, fills } = await this.#ledger.counts();
    await world.close();
    const told = { restarts: this.#restarts, faults: this.#armed };
    return { violations: [...this.#violations], transcript: this.#transcript, orders, fills, ...told };
  }
}

/** Plays so many days of five markets, four strategies and all that goes wrong; everything follows from the seed. */
export const runWeek = (seed: number, days: number): Promise<WeekOutcome> => new WeekCase(seed, days).run();
