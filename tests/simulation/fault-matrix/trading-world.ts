import { aiTradingConfigSchema, createAiTrading } from '@monsta/ai-trading';
import { serveExchange, type ServedExchange } from '@monsta/binance-server';
import { createMemoryCache } from '@monsta/cache-memory';
import { expectOk, seededRandom, type AccountId, type Fault, type Result, type VenueAccountEvent } from '@monsta/core';
import { createMemoryEventStream } from '@monsta/event-stream-memory';
import { openSqliteLedger } from '@monsta/ledger-sqlite';
import type { EventStream, ExecutionVenue, Ledger, Role, Transport } from '@monsta/ports';
import { createMemoryNetwork, recordingTelemetry, type Reach, type RecordingTelemetry } from '@monsta/testkit';
import { isKernelOrderId, type ConfiguredStrategy } from '@monsta/trading';
import { createBinanceConnection, createBinanceCredentials, createBinanceExecution } from '@monsta/venue-binance';
import { ACCOUNT, BTC, Tape } from '../../integration/trading/world.ts';
import { CrowdExchange } from './crowd-exchange.ts';
import { ADDRESS, REST_URL, WS_URL } from './exchange-rig.ts';
import { createMemoryJournal } from './memory-journal.ts';

/** How far time goes before what waits for the ledger has its turn again. */
const STEP_MS = 50;
const TURNS = 4;

/** What may stand between the trading role and its venue. */
export type VenueChange = (venue: ExecutionVenue) => ExecutionVenue;

/** The trading role over a ledger, on Binance's execution venue, on an exchange behind a network in memory. */
export class TradingWorld {
  readonly tape = new Tape();
  readonly model: CrowdExchange;
  readonly way: { reach: Reach; hindered: number } = { reach: 'reached', hindered: 0 };
  readonly exchangeLog: RecordingTelemetry = recordingTelemetry();
  readonly telemetry: RecordingTelemetry = recordingTelemetry();
  readonly fatal: Fault[] = [];
  readonly told: VenueAccountEvent[] = [];
  readonly stream: EventStream;
  readonly #seed: number;
  readonly #network: ReturnType<typeof createMemoryNetwork>;
  #served: ServedExchange | null = null;
  #ledger: Ledger | null = null;
  #role: Role | null = null;
  #close: () => Promise<void> = () => Promise.resolve();

  constructor(seed: number, latencyMs: number, jitterMs: number) {
    const { clock } = this.tape;
    this.#seed = seed;
    this.model = new CrowdExchange(clock, BTC);
    this.#network = createMemoryNetwork({
      clock,
      latencyMs,
      jitter: { maxMs: jitterMs, random: seededRandom(seed + 1) },
      logger: this.exchangeLog.logger,
      reach: () => {
        if (this.way.reach !== 'reached') this.way.hindered += 1;
        return this.way.reach;
      },
    });
    this.stream = createMemoryEventStream({ clock, logger: this.telemetry.logger, epoch: 'case' });
  }

  get served(): ServedExchange {
    if (this.#served === null) throw new Error('the exchange is not served yet');
    return this.#served;
  }

  get ledger(): Ledger {
    if (this.#ledger === null) throw new Error('there is no ledger yet');
    return this.#ledger;
  }

  /** The exchange's name of the account. */
  get venueAccount(): AccountId {
    const [first] = this.served.accounts;
    if (first === undefined) throw new Error('the exchange has no account');
    return first.account;
  }

  get live(): boolean {
    return this.#role?.readiness().ready === true;
  }

  async serve(): Promise<void> {
    const { clock } = this.tape;
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
  }

  /** Opens the venue, again where the exchange can't be reached, and starts the role on it. */
  async trade(
    strategies: readonly ConfiguredStrategy[],
    change: VenueChange,
    changeTransport: (transport: Transport) => Transport,
  ): Promise<void> {
    const { clock } = this.tape;
    this.#ledger = expectOk(await openSqliteLedger({ path: ':memory:' }));
    let opened = await this.#openVenue(changeTransport);
    for (let attempt = 1; !opened.ok && opened.fault.retry === 'retryable' && attempt < 40; attempt += 1) {
      await this.advance(opened.fault.retryAfterMs ?? 3_000);
      opened = await this.#openVenue(changeTransport);
    }
    const venue = change(expectOk(opened));
    venue.onAccountEvent((event) => this.told.push(event));
    const make = (): Role =>
      createAiTrading({
        stream: this.stream,
        ledger: this.ledger,
        journal: createMemoryJournal(),
        venue,
        history: this.tape.history(),
        clock,
        random: seededRandom(this.#seed + 2),
        telemetry: this.telemetry,
        config: aiTradingConfigSchema.parse({ risk: { staleAfterMs: 120_000 } }),
        strategies,
        accountId: ACCOUNT,
        origin: 'simulated',
        mode: 'paper',
        onFatal: (fault) => this.fatal.push(fault),
      });
    // A start that fails ends the program; its supervisor starts it again.
    let role = make();
    let started = await this.during(role.start());
    for (let attempt = 1; !started.ok && attempt < 20; attempt += 1) {
      await this.advance(1_000);
      role = make();
      started = await this.during(role.start());
    }
    expectOk(started);
    this.#role = role;
    this.#close = async () => {
      await this.during(role.stop());
      await this.during(venue.close());
      await this.ledger.close();
    };
  }

  async #openVenue(changeTransport: (transport: Transport) => Transport): Promise<Result<ExecutionVenue>> {
    const { clock } = this.tape;
    const [account] = this.served.accounts;
    if (account === undefined) throw new Error('the exchange has no account');
    const connection = createBinanceConnection({
      restUrl: REST_URL,
      wsUrl: WS_URL,
      wsApiUrl: WS_URL,
      transport: changeTransport(this.#network.transport(ADDRESS)),
      clock,
      random: seededRandom(this.#seed + 3),
      ...this.telemetry,
      cache: createMemoryCache({ clock }),
    });
    const { apiKey, apiSecret } = account;
    const opened = await this.during(
      createBinanceExecution({
        connection,
        account: {
          name: 'trader',
          credentials: expectOk(createBinanceCredentials({ apiKey, kind: 'hmac', secret: apiSecret })),
        },
        symbols: [BTC.id],
        rulesOf: (symbol) => (symbol === BTC.id ? this.model.rules : null),
        isOurs: isKernelOrderId,
      }),
    );
    if (!opened.ok) connection.stop();
    return opened;
  }

  /** Lets time pass, with turns for what is done in real input and output in between. */
  async advance(ms: number): Promise<void> {
    for (let left = ms; left > 0; left -= STEP_MS) {
      await this.tape.clock.advance(Math.min(STEP_MS, left));
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
    await this.#close();
    await this.during(this.served.close(0));
    await this.stream.close();
  }
}
