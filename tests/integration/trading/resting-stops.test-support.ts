import {
  assetId,
  baseAmount,
  expectOk,
  isContingent,
  lotsWithin,
  parseAmount,
  price,
  quantity,
  seededRandom,
  timestampUs,
  type Amount,
  type ClientOrderId,
  type Fill,
  type Order,
  type OrderRequest,
  type Random,
  type StrategyId,
  type VenueOrderEvent,
} from '@monsta/core';
import { FeedAccount } from '@monsta/matching';
import {
  decodeInput,
  encodeInput,
  fillKey,
  isKernelOrderId,
  Kernel,
  UNLIMITED,
  reconcile,
  type ConfiguredStrategy,
  type ExitPlan,
  type KernelConfig,
  type KernelInput,
  type KernelOutput,
  type OrderInSteps,
  type PositionRecord,
  type RecoveredState,
} from '@monsta/trading';
import { barOf, START_US, wishful } from './wishful.test-support.ts';
import { ACCOUNT, BTC } from './world.ts';

const money = (text: string): Amount => expectOk(parseAmount(text));
const STEPS_PER_BAR = 12;
/** As often as a person asks for each. */
const STATES = ['ACTIVE', 'ACTIVE', 'ACTIVE', 'REDUCING', 'HALTED'] as const;
const NOTHING = 0n as Amount;

const CONFIG: KernelConfig = {
  accountId: ACCOUNT,
  quoteAsset: assetId('USDT'),
  allocationPpm: 95_000,
  rebalanceBandPpm: 100_000,
  exitPlan: null,
  equitySampleMs: 60_000,
  limits: {
    ...UNLIMITED,
    positionPpmMax: 400_000,
    dailyLossPpmMax: 900_000,
    drawdownPpmMax: 900_000,
    openOrdersMax: 20,
    priceCollarPpm: 50_000,
    staleAfterMs: 3_600_000,
    orderNotionalMin: money('5'),
    exposureMax: null,
    cashReservePpm: 5_000,
  },
};

const newAccount = (): FeedAccount =>
  new FeedAccount({
    rules: {
      kind: 'ticks',
      offers: 'quotes',
      resting: 'queue',
      slippage: { kind: 'none' },
      beyondPpm: null,
      quoteAgeMsMax: 3_600_000,
    },
    fees: { makerPpm: 1_000, takerPpm: 1_000 },
    feesFrom: 'received',
    balances: [{ asset: assetId('USDT'), free: money('10000') }],
  });

type Command = Extract<KernelOutput, { kind: 'submit' | 'submit-list' | 'cancel' | 'cancel-list' | 'replace' }>;

const STOP = { price: null, distancePpm: 4_000, limitOffsetPpm: 1_000, trailingBps: null };
const PROFIT = { price: null, distancePpm: 4_000 };
/** What a world may plan for every position: each of them in turn, by its seed. */
export const PLANS: readonly ExitPlan[] = [
  { stop: STOP, takeProfit: null },
  { stop: STOP, takeProfit: PROFIT },
  { stop: { ...STOP, distancePpm: null, trailingBps: 40 }, takeProfit: null },
  { stop: { ...STOP, trailingBps: 30 }, takeProfit: PROFIT },
  { stop: null, takeProfit: PROFIT },
];

/** What the run has seen happen, so that a test knows that it has tried what it means to try. */
export interface Seen {
  stops: number;
  stopsSold: number;
  replaced: number;
  crashes: number;
  refused: number;
  selling: number;
  /** Pairs of stop and take profit, and what they sold. */
  lists: number;
  listsSold: number;
  /** Take profits that the kernel itself had to watch. */
  taken: number;
}

/** Two strategies on one account, with commands and reports that are late, a program that dies, and a venue that refuses stops at times. */
export class StopWorld {
  readonly seen: Seen = {
    stops: 0,
    stopsSold: 0,
    replaced: 0,
    crashes: 0,
    refused: 0,
    selling: 0,
    lists: 0,
    listsSold: 0,
    taken: 0,
  };
  readonly faults: string[] = [];
  readonly #random: Random;
  readonly #config: KernelConfig;
  readonly #strategies: readonly ConfiguredStrategy[];
  readonly #account = newAccount();
  readonly #requests = new Map<ClientOrderId, OrderRequest>();
  readonly #held = new Map<StrategyId, Amount>();
  #kernel: Kernel;
  /** What the kernel of this life took in and gave out, to be replayed. */
  #life: { readonly input: KernelInput; readonly outputs: readonly KernelOutput[] }[] = [];
  #toVenue: Command[] = [];
  #toKernel: VenueOrderEvent[] = [];
  #nowUs = START_US;
  #at = 6_000_000;
  #trades = 0;
  // The ledger.
  readonly #orders = new Map<ClientOrderId, OrderInSteps>();
  readonly #positions = new Map<StrategyId, PositionRecord>();
  #balances: RecoveredState['balances'] = [];
  #recorded: RecoveredState['account'] = null;
  readonly #fills: string[] = [];

  constructor(seed: number, plan: ExitPlan) {
    this.#random = seededRandom(seed);
    this.#config = { ...CONFIG, exitPlan: plan };
    this.#strategies = [wishful('taker', seed, false), wishful('rester', seed + 1_000, true)];
    this.#kernel = this.#begin();
  }

  run(steps: number): void {
    for (let step = 0; step < steps; step += 1) {
      this.#move();
      const share = this.#random.next();
      while (this.#toVenue.length > 0 && this.#random.next() < share) this.#deliver();
      while (this.#toKernel.length > 0 && this.#random.next() < share) this.#report();
      if (step % STEPS_PER_BAR === STEPS_PER_BAR - 1) this.#closeBar();
      if (this.#random.next() < 0.01) this.#crash();
      if (this.#random.next() < 0.015) this.#command();
    }
    this.#settle();
  }

  /** Lets all that is under way arrive, and time pass until what was refused has been tried again. */
  #settle(): void {
    this.#command('ACTIVE');
    for (let round = 0; round < 400; round += 1) {
      while (this.#toVenue.length > 0 || this.#toKernel.length > 0) {
        while (this.#toVenue.length > 0) this.#deliver(false);
        while (this.#toKernel.length > 0) this.#report();
      }
      this.#nowUs += 1_000_000;
      this.#feed({ kind: 'tick', tsUs: timestampUs(this.#nowUs) });
    }
    for (const view of this.#kernel.positions()) {
      const { protection, quantity: coins } = view;
      if (lotsWithin(coins, BTC) === 0) continue;
      if (protection === null) this.faults.push(`${view.strategyId} holds coins that nothing protects at the end`);
    }
    const total = (asset: string, of: RecoveredState['balances']): bigint =>
      of.filter((each) => each.asset === asset).reduce((sum, { free, locked }) => sum + free + locked, 0n);
    for (const asset of ['BTC', 'USDT']) {
      const ours = total(asset, this.#kernel.account().balances);
      const theirs = total(asset, this.#account.balances());
      if (ours !== theirs) this.faults.push(`${asset}: ${ours} in the ledger, ${theirs} at the venue`);
    }
  }

  /** A person halts, reduces or resumes, and sells everything at times. */
  #command(state = STATES[this.#random.integer(STATES.length)] ?? 'ACTIVE'): void {
    const flatten = state !== 'ACTIVE' && this.#random.next() < 0.5;
    const action = { kind: 'set-state', state, reason: 'test', flatten } as const;
    this.#feed({ kind: 'command', tsUs: timestampUs(this.#nowUs), id: `c${this.#nowUs}`, actor: 'tester', action });
  }

  #begin(): Kernel {
    const tsUs = timestampUs(this.#nowUs);
    this.#kernel = new Kernel(this.#config, this.#strategies);
    this.#life = [];
    this.#account.useInstruments([BTC]);
    this.#feed({ kind: 'instruments', tsUs, instruments: [BTC] });
    const open = [...this.#orders.values()];
    const state: RecoveredState = {
      account: this.#recorded,
      balances: this.#balances,
      positions: [...this.#positions.values()],
      openOrders: open,
      seenFills: [...this.#fills],
      seenTransfers: [],
      decided: [],
      strategies: [],
      roundTrips: [],
    };
    this.#feed({ kind: 'recover', tsUs, state });
    const venueOrders = new Map(
      open.map(({ order: { clientOrderId: id } }) => [
        id,
        { order: this.#account.order(id), fills: this.#account.fillsOf(id) },
      ]),
    );
    const plan = reconcile({
      nowUs: tsUs,
      orders: open.map(({ order }) => order),
      seenFills: new Set(this.#fills),
      venueOrders,
      venueOpenOrders: this.#account.openOrders(),
      isOurs: isKernelOrderId,
    });
    if (plan.cancels.length > 0) this.faults.push(`orders that the ledger does not know: ${plan.cancels.join(', ')}`);
    this.#feed({ kind: 'reconcile', tsUs, plan, balances: this.#account.balances() });
    const live = { kind: 'feed', instrument: BTC.id, status: 'live', reason: null } as const;
    this.#feed({ kind: 'market', tsUs, event: { ...live, tsEventUs: tsUs, tsInitUs: tsUs } });
    return this.#kernel;
  }

  /** The program dies: what it was about to send is not sent, what it was about to hear is not heard. */
  #crash(): void {
    this.#replay();
    this.seen.crashes += 1;
    this.#toVenue = [];
    this.#toKernel = [];
    this.#begin();
  }

  /** The same life again, through the journal's encoding and a snapshot in its middle, gives the same. */
  #replay(): void {
    const cut = this.#random.integer(this.#life.length + 1);
    let kernel = new Kernel(this.#config, this.#strategies);
    for (const [index, { input, outputs }] of this.#life.entries()) {
      if (index === cut)
        kernel = Kernel.restore(JSON.parse(JSON.stringify(kernel.snapshot())), this.#config, this.#strategies);
      const decoded = decodeInput(JSON.parse(JSON.stringify(encodeInput(input))));
      const again = decoded === null ? null : kernel.handle(decoded);
      const [given, expected] = [JSON.stringify(again, text), JSON.stringify(outputs, text)];
      if (given !== expected) {
        this.faults.push(`input ${index} (${input.kind}), restored at ${cut}: ${given} instead of ${expected}`);
        return;
      }
    }
  }

  #move(): void {
    const jump = this.#random.next() < 0.05 ? 8 : 1;
    this.#at = Math.max(3_000_000, this.#at + Math.round(this.#random.gaussian() * 4_000 * jump));
    this.#nowUs += 1_000_000;
    const tsUs = timestampUs(this.#nowUs);
    const size = quantity(this.#random.next() < 0.6 ? 300 : 100_000);
    this.#market({
      kind: 'quote',
      instrument: BTC.id,
      updateId: this.#nowUs,
      bidPrice: price(this.#at - 1),
      bidQuantity: size,
      askPrice: price(this.#at + 1),
      askQuantity: size,
      tsEventUs: tsUs,
      tsInitUs: tsUs,
    });
    this.#trades += 1;
    this.#market({
      kind: 'trade',
      instrument: BTC.id,
      tradeId: this.#trades,
      price: price(this.#at),
      quantity: quantity(500),
      buyerIsMaker: this.#random.next() < 0.5,
      tsEventUs: tsUs,
      tsInitUs: tsUs,
    });
    if (this.#random.next() < 0.2) this.#feed({ kind: 'tick', tsUs });
  }

  #market(event: Extract<KernelInput, { kind: 'market' }>['event']): void {
    this.#hear(this.#account.observe(event));
    this.#feed({ kind: 'market', tsUs: event.tsInitUs, event });
  }

  #closeBar(): void {
    const minute = Math.floor((this.#nowUs - START_US) / 60_000_000) + 1;
    this.#nowUs = START_US + minute * 60_000_000;
    this.#market(barOf(minute, this.#at));
  }

  /** One command reaches the venue. Some stops are refused before they get there, as an adapter does for a filter. */
  #deliver(mayRefuse = true): void {
    const command = this.#toVenue.shift();
    if (command === undefined) return;
    const tsEventUs = timestampUs(this.#nowUs);
    if (command.kind === 'cancel') {
      this.#hear(this.#account.cancel(command.clientOrderId, tsEventUs));
      return;
    }
    if (command.kind === 'cancel-list') {
      this.#hear(this.#account.cancelList(command.listId, tsEventUs));
      return;
    }
    const requests = command.kind === 'submit-list' ? command.request.orders : [command.request];
    for (const request of requests) this.#requests.set(request.clientOrderId, request);
    if (requests.some(({ type }) => isContingent(type)) && mayRefuse && this.#random.next() < 0.06) {
      this.seen.refused += 1;
      const reason = 'the filter says no';
      const code = requests.some(({ trailingBps }) => trailingBps !== null) ? 'trailing_barred' : 'filter_x';
      const refused = requests.map(
        ({ clientOrderId }) => ({ kind: 'order-rejected', clientOrderId, code, reason, tsEventUs }) as const,
      );
      const stays = { kind: 'cancel-rejected', code: 'not_replaced', reason, tsEventUs } as const;
      this.#hear(
        command.kind === 'replace' ? [{ ...stays, clientOrderId: command.clientOrderId }, ...refused] : refused,
      );
      return;
    }
    if (command.kind === 'submit-list') this.#hear(this.#account.submitList(command.request));
    else if (command.kind === 'submit') this.#hear(this.#account.submit(command.request));
    else this.#hear(this.#account.replace(command.clientOrderId, command.request));
  }

  /** What the venue has decided: it holds from now on, whenever it is heard of. */
  #hear(events: readonly VenueOrderEvent[]): void {
    for (const event of events) {
      this.#toKernel.push(event);
      if (event.kind === 'order-filled') this.#take(event.fill);
    }
    for (const { id } of this.#strategies) {
      const open = this.#account
        .openOrders()
        .filter(({ side, clientOrderId }) => side === 'sell' && this.#requests.get(clientOrderId)?.strategyId === id);
      // Of a pair one at most sells.
      const selling = once(
        open,
        ({ clientOrderId }) => this.#requests.get(clientOrderId)?.listId ?? clientOrderId,
      ).reduce((sum, order) => sum + baseAmount(quantity(order.quantity - order.filledQuantity), BTC), 0n);
      const held = this.#held.get(id) ?? NOTHING;
      if (held < 0n || selling > held) this.faults.push(`${id} sells ${selling} of ${held} at the venue`);
    }
  }

  #take(fill: Fill): void {
    const coins = baseAmount(fill.quantity, BTC);
    const fee = fill.feeAsset === BTC.base ? fill.fee : 0n;
    const moved = (fill.side === 'buy' ? coins : -coins) - fee;
    this.#held.set(fill.strategyId, ((this.#held.get(fill.strategyId) ?? 0n) + moved) as Amount);
    const request = this.#requests.get(fill.clientOrderId);
    if (request !== undefined && isContingent(request.type)) this.seen.stopsSold += 1;
    if (request !== undefined && request.listId !== null) this.seen.listsSold += 1;
  }

  #report(): void {
    const event = this.#toKernel.shift();
    if (event !== undefined) this.#feed({ kind: 'venue', tsUs: event.tsEventUs, event });
  }

  #feed(input: KernelInput): void {
    const outputs = this.#kernel.handle(input);
    this.#life.push({ input, outputs });
    for (const output of outputs) this.#record(output);
    this.#check();
  }

  #record(output: KernelOutput): void {
    switch (output.kind) {
      case 'submit':
      case 'replace':
        this.#toVenue.push(output);
        if (isContingent(output.request.type)) this.seen.stops += 1;
        if (output.kind === 'replace') this.seen.replaced += 1;
        if (output.request.tag === 'take-profit' && output.request.type === 'limit') this.seen.taken += 1;
        return;
      case 'submit-list':
        this.#toVenue.push(output);
        this.seen.lists += 1;
        return;
      case 'cancel':
      case 'cancel-list':
        this.#toVenue.push(output);
        return;
      case 'order':
        if (isOver(output.order)) this.#orders.delete(output.order.clientOrderId);
        else this.#orders.set(output.order.clientOrderId, output);
        return;
      case 'position':
        this.#positions.set(output.position.strategyId, output.position);
        return;
      case 'balances':
        this.#balances = output.balances;
        return;
      case 'account':
        this.#recorded = output.account;
        return;
      case 'fill':
        this.#fills.push(fillKey(output.fill));
        return;
      case 'divergence':
        // In a market as thin as this one five market orders may not be enough, which is what it says.
        if (output.divergence.code !== 'flatten_failed')
          this.faults.push(`${output.divergence.code}: ${output.divergence.message}`);
        return;
      default:
    }
  }

  /** Where nothing is under way, every coin is in an order that sells it, or it is said why not. */
  #check(): void {
    if (this.#kernel.gate.state !== 'ACTIVE' || this.#kernel.account().equity === null) return;
    const working = this.#kernel.workingOrders();
    for (const { strategyId: id, quantity: coins, protection } of this.#kernel.positions()) {
      const sells = working.filter(({ strategyId: owner, side }) => owner === id && side === 'sell');
      if (sells.some(({ status }) => status === 'pending_submit' || status === 'pending_cancel')) continue;
      const selling = once(sells, (order) => order.listId ?? order.clientOrderId).reduce(
        (sum, { quantity: all, filledQuantity }) => sum + all - filledQuantity,
        0,
      );
      const held: number = lotsWithin(coins, BTC);
      const said = protection?.mode === 'watched' || protection?.mode === 'exiting';
      if (protection?.mode === 'exiting') this.seen.selling += 1;
      if (selling > held || (selling < held && !said))
        this.faults.push(`${id} holds ${held} lots and sells ${selling}, ${protection?.mode ?? 'unprotected'}`);
    }
  }
}

/** The first of each kind. */
function once<T>(list: readonly T[], kind: (each: T) => string): readonly T[] {
  return [...new Map(list.toReversed().map((each) => [kind(each), each])).values()];
}

const text = (_key: string, value: unknown): unknown => (typeof value === 'bigint' ? String(value) : value);

const isOver = ({ status }: Order): boolean =>
  status === 'filled' || status === 'canceled' || status === 'expired' || status === 'rejected';
