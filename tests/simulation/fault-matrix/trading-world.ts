import { createAiTrading } from '@monsta/ai-trading';
import { aiTradingConfigSchema } from '@monsta/ai-trading/config';
import { serveExchange, type ServedExchange } from '@monsta/binance-server';
import { createMemoryCache } from '@monsta/cache-memory';
import { topics, type PositionMessage } from '@monsta/contracts';
import {
  expectOk,
  parseAmount,
  seededRandom,
  type AccountId,
  type Fault,
  type Instrument,
  type Result,
} from '@monsta/core';
import { createMemoryEventStream } from '@monsta/event-stream-memory';
import { openSqliteLedger } from '@monsta/ledger-sqlite';
import type { Clock, EventStream, ExecutionVenue, Ledger, MarketHistory, Role, Transport } from '@monsta/ports';
import {
  createMemoryNetwork,
  recordingTelemetry,
  type Reach,
  type RecordingTelemetry,
  type VirtualClock,
} from '@monsta/testkit';
import { isKernelOrderId, knownUntilUs, type ConfiguredStrategy } from '@monsta/trading';
import { createBinanceConnection, createBinanceCredentials, createBinanceExecution } from '@monsta/venue-binance';
import { ACCOUNT } from '../../integration/trading/world.ts';
import { CrowdExchange } from './crowd-exchange.ts';
import { ADDRESS, REST_URL, WS_URL } from './exchange-rig.ts';
import { createMemoryJournal } from './memory-journal.ts';
import { MortalClock } from './mortal-clock.ts';

/** How far time goes before what waits for the ledger has its turn again. */
const STEP_MS = 50;
const TURNS = 4;

function there<T>(value: T | null | undefined, what: string): T {
  if (value === null || value === undefined) throw new Error(`there is no ${what} yet`);
  return value;
}

/** What may stand between the trading role and what it stands on. */
export interface Between {
  readonly venue: (venue: ExecutionVenue) => ExecutionVenue;
  readonly transport: (transport: Transport) => Transport;
}

/** One life of the program: what it wants after its death has no effect, and its timers run no more. */
class Life {
  readonly clock: MortalClock;
  #dead = false;
  role: Role | null = null;
  /** True from its first word to the exchange on. */
  begun = false;
  venue: ExecutionVenue | null = null;
  /** What ends with it. */
  readonly ends: (() => void)[] = [];

  constructor(clock: Clock) {
    this.clock = new MortalClock(clock);
  }

  get isDead(): boolean {
    return this.#dead;
  }

  kill(): void {
    this.#dead = true;
    for (const end of this.ends) end();
    void this.venue?.close();
    this.clock.end();
  }

  /** The ledger as the life writes it. */
  writing(ledger: Ledger): Ledger {
    return new Proxy(ledger, {
      get: (target, name) => {
        if (name === 'commit')
          return (batch: Parameters<Ledger['commit']>[0]) =>
            this.isDead ? new Promise<never>(() => undefined) : target.commit(batch);
        const value: unknown = Reflect.get(target, name, target);
        return typeof value === 'function' ? (value.bind(target) as unknown) : value;
      },
    });
  }
}

/** What a world is made of; everything else follows from the seed. */
export interface WorldOptions {
  readonly seed: number;
  readonly latencyMs: number;
  readonly jitterMs: number;
  readonly clock: VirtualClock;
  readonly instruments: readonly Instrument[];
  /** What the collector has of the market. */
  readonly history: () => MarketHistory;
  /** Of the trading role, beside the defaults. */
  readonly config: object;
  /** Of the connection and the execution venue, beside the defaults. */
  readonly rest?: object;
  readonly execution?: object;
}

/** The trading role over a ledger, on Binance's execution venue, on an exchange behind a network in memory. */
export class TradingWorld {
  readonly clock: VirtualClock;
  readonly instruments: readonly Instrument[];
  readonly model: CrowdExchange;
  readonly way: { reach: Reach; hindered: number } = { reach: 'reached', hindered: 0 };
  readonly exchangeLog: RecordingTelemetry = recordingTelemetry();
  readonly telemetry: RecordingTelemetry = recordingTelemetry();
  readonly fatal: Fault[] = [];
  /** What came in from outside. */
  readonly deposits: string[] = [];
  /** What the role says of its positions. */
  positions: readonly PositionMessage[] = [];
  readonly #options: WorldOptions;
  readonly #network: ReturnType<typeof createMemoryNetwork>;
  readonly #journal = createMemoryJournal();
  #stream: EventStream | null = null;
  #served: ServedExchange | null = null;
  #ledger: Ledger | null = null;
  #life: Life;
  #lives = 0;

  constructor(options: WorldOptions) {
    const { seed, latencyMs, jitterMs, clock, instruments } = options;
    this.#options = options;
    this.clock = clock;
    this.#life = new Life(clock);
    this.instruments = instruments;
    this.model = new CrowdExchange(clock, instruments);
    this.#network = createMemoryNetwork({
      clock,
      latencyMs,
      jitter: { maxMs: jitterMs, random: seededRandom(seed + 1) },
      logger: this.exchangeLog.logger,
      reach: (from) => {
        if (from !== ADDRESS) return 'reached';
        if (this.way.reach !== 'reached') this.way.hindered += 1;
        return this.way.reach;
      },
    });
  }

  get served(): ServedExchange {
    return there(this.#served, 'exchange');
  }

  get ledger(): Ledger {
    return there(this.#ledger, 'ledger');
  }

  get stream(): EventStream {
    return there(this.#stream, 'event stream');
  }

  /** The exchange's name of the account. */
  get venueAccount(): AccountId {
    return there(this.served.accounts[0], 'account').account;
  }

  /** True while no program runs, nor starts. */
  get down(): boolean {
    return !this.#life.begun;
  }

  get live(): boolean {
    return this.#life.role?.readiness().ready === true;
  }

  async serve(): Promise<void> {
    const { clock } = this;
    this.#ledger = expectOk(await openSqliteLedger({ path: ':memory:' }));
    this.#served = expectOk(
      await serveExchange({
        model: this.model,
        clock,
        logger: this.exchangeLog.logger,
        httpServer: this.#network.httpServer,
        host: new URL(REST_URL).hostname,
        port: 80,
        accounts: [{ name: 'trader', balances: { USDT: '100000' } }],
      }),
    );
    this.#newLife();
  }

  #newLife(): Life {
    this.#lives += 1;
    const { clock } = this;
    const life = new Life(clock);
    this.#life = life;
    this.positions = [];
    this.#stream = createMemoryEventStream({ clock, logger: this.telemetry.logger, epoch: `life-${this.#lives}` });
    expectOk(
      this.#stream.subscribe({
        subject: topics.positions,
        queueMax: 10_000,
        overflow: 'end',
        onMessage: ({ payload }) => {
          if (!life.isDead) this.positions = payload as readonly PositionMessage[];
        },
      }),
    );
    return life;
  }

  /** The program dies: requests that are on their way arrive, and nobody hears the answers. */
  kill(): void {
    this.#life.kill();
    this.#newLife();
  }

  /** Money comes in from outside. Somebody else lets time pass. */
  async deposit(asset: string, amount: string): Promise<void> {
    const answer = await this.#network.transport('127.0.0.1').request({
      method: 'POST',
      url: `${REST_URL}/sim/deposit`,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ account: this.venueAccount, asset, amount }),
      timeoutMs: 10_000,
    });
    if (expectOk(answer).status !== 200) throw new Error(expectOk(answer).body);
    this.deposits.push(`${asset} ${expectOk(parseAmount(amount))}`);
  }

  /** Opens the venue, again where the exchange can't be reached, and starts the role on it. Somebody else lets time pass. */
  async trade(strategies: readonly ConfiguredStrategy[], between: Between): Promise<void> {
    const { clock } = this;
    const life = this.#life;
    life.begun = true;
    let opened = await this.#openVenue(life, between);
    for (let attempt = 1; !opened.ok && opened.fault.retry === 'retryable' && attempt < 60; attempt += 1) {
      await clock.sleep(opened.fault.retryAfterMs ?? 3_000);
      if (life.isDead) return;
      opened = await this.#openVenue(life, between);
    }
    if (life.isDead) {
      if (opened.ok) void opened.value.close();
      return;
    }
    const venue = between.venue(expectOk(opened));
    life.venue = venue;
    // A start that fails ends the program; its supervisor starts it again.
    let role = this.#makeRole(life, venue, strategies);
    let started = await role.start();
    for (let attempt = 1; !started.ok && attempt < 60; attempt += 1) {
      await clock.sleep(started.fault.retryAfterMs ?? 5_000);
      if (life.isDead) return;
      role = this.#makeRole(life, venue, strategies);
      started = await role.start();
    }
    if (!life.isDead) expectOk(started);
    life.role = role;
  }

  #makeRole(life: Life, venue: ExecutionVenue, strategies: readonly ConfiguredStrategy[]): Role {
    const { clock } = life;
    return createAiTrading({
      stream: this.stream,
      ledger: life.writing(this.ledger),
      journal: this.#journal,
      venue,
      history: this.#options.history(),
      clock,
      random: seededRandom(this.#options.seed + 2),
      telemetry: this.telemetry,
      config: aiTradingConfigSchema.parse(this.#options.config),
      strategies,
      intervals: ['1m', '5m', '15m', '1h', '4h', '1d'],
      accountId: ACCOUNT,
      origin: 'simulated',
      mode: 'paper',
      exposureMax: null,
      onStop: 'keep-all',
      onFatal: (fault) => {
        if (!life.isDead) this.fatal.push(fault);
      },
    });
  }

  async #openVenue(life: Life, between: Between): Promise<Result<ExecutionVenue>> {
    const { clock } = life;
    const { apiKey, apiSecret } = there(this.served.accounts[0], 'account');
    const transport = this.#network.transport(ADDRESS);
    const connection = createBinanceConnection({
      restUrl: REST_URL,
      wsUrl: WS_URL,
      wsApiUrl: WS_URL,
      transport: between.transport(transport),
      clock,
      random: seededRandom(this.#options.seed + 3 + this.#lives),
      ...this.telemetry,
      cache: createMemoryCache({ clock }),
      config: this.#options.rest ?? {},
    });
    life.ends.push(
      () => void transport.close(),
      () => connection.stop(),
    );
    const credentials = expectOk(createBinanceCredentials({ apiKey, kind: 'hmac', secret: apiSecret }));
    const agreedUs = knownUntilUs(expectOk(await this.ledger.account(ACCOUNT)));
    const opened = await createBinanceExecution({
      connection,
      account: { name: 'trader', credentials },
      symbols: this.instruments.map(({ id }) => id),
      rulesOf: (symbol) => this.model.rules.get(symbol) ?? null,
      isOurs: isKernelOrderId,
      config: this.#options.execution ?? {},
      ...(agreedUs === null ? {} : { knownUntilUs: agreedUs }),
    });
    if (!opened.ok) connection.stop();
    return opened;
  }

  /** Lets time pass, with turns for what is done in real input and output in between. */
  async advance(ms: number): Promise<void> {
    for (let left = ms; left > 0; left -= STEP_MS) {
      await this.clock.advance(Math.min(STEP_MS, left));
      for (let turn = 0; turn < TURNS; turn += 1) await new Promise<void>((resolve) => void setImmediate(resolve));
    }
  }

  /** Lets time pass until a promise is settled. */
  async during<T>(promise: Promise<T>): Promise<T> {
    let done = false;
    const settle = (): void => {
      done = true;
    };
    void promise.then(settle, settle);
    for (let passed = 0; !done && passed < 900_000; passed += STEP_MS) await this.advance(STEP_MS);
    if (!done) throw new Error('what was waited for did not end within 15 minutes');
    return promise;
  }

  async close(): Promise<void> {
    const { role, venue } = this.#life;
    if (role !== null) await this.during(role.stop());
    if (venue !== null) await this.during(venue.close());
    await this.ledger.close();
    await this.during(this.served.close(0));
    await this.stream.close();
  }
}
