import { clientOrderId, instrumentId, strategyId } from '@monsta/core';
import type { Amount, Instrument, Order, StrategyId, TimestampUs } from '@monsta/core';
import type { AccountMonitor } from './account-monitor.ts';
import type { AlgoDesk } from './algo-desk.ts';
import { AnsweredRequests, type AnsweredRequest } from './answered-requests.ts';
import { ClosingDesk, type Closing } from './closing-desk.ts';
import { END_TAG } from './exit-cause.ts';
import { beginFlatten, stepFlatten, type FlattenState } from './flatten.ts';
import { MANUAL, type Answer, type KernelAction, type ManualOrder, type Refusal } from './kernel-action.ts';
import type { Emit, KernelConfig, KernelInput } from './kernel-types.ts';
import { readManualOrder, type ReadOrder } from './manual-order.ts';
import type { Markets } from './markets.ts';
import type { OrderDesk } from './order-desk.ts';
import type { Portfolio } from './portfolio.ts';
import { sellableLots } from './position.ts';
import { isProtective } from './protection.ts';
import type { ProtectiveDesk } from './protective-desk.ts';
import type { OrderDenied } from './risk.ts';
import type { StrategyDesk } from './strategy-desk.ts';
import type { TradingGate } from './trading-gate.ts';

export type CommandInput = Extract<KernelInput, { kind: 'command' }>;

type Of<K extends KernelAction['kind']> = Extract<KernelAction, { kind: K }>;

/** What of the commands survives a restart. */
export interface CommandState {
  readonly flatten: FlattenState | null;
  readonly closing: readonly Closing[];
  readonly answered: readonly AnsweredRequest[];
}

interface CommandDeskParts {
  readonly config: KernelConfig;
  readonly markets: Markets;
  readonly portfolio: Portfolio;
  readonly desk: OrderDesk;
  readonly protective: ProtectiveDesk;
  readonly algos: AlgoDesk;
  readonly strategies: StrategyDesk;
  readonly gate: TradingGate;
  readonly monitor: AccountMonitor;
  readonly emit: Emit;
}

const DONE: Answer = { error: null, orders: [], repeated: false, note: null };
const refused = (code: string, message: string, details?: Refusal['details']): Answer => ({
  ...DONE,
  error: { code, message, ...(details === undefined ? {} : { details }) },
});
const denied = ({ rule, limit, actual, message }: OrderDenied): Answer =>
  refused('order_denied', `${message} (${rule}: ${actual} against ${limit})`, { rule, limit, actual });
const answered = (orders: readonly Order[], note: string | null = null): Answer => ({
  ...DONE,
  orders: orders.map(({ clientOrderId: id }) => id),
  note,
});

/** Carries out what a person asks for. Each command is answered once, when what it did is recorded, and leaves a decision that tells who asked for what and what came of it. */
export class CommandDesk {
  readonly #parts: CommandDeskParts;
  readonly #closing: ClosingDesk;
  readonly #answered = new AnsweredRequests();
  #flatten: FlattenState | null = null;
  #moved = false;

  constructor(parts: CommandDeskParts) {
    this.#parts = parts;
    this.#closing = new ClosingDesk(parts);
  }

  /** True while all positions are being closed at the market. */
  get flattening(): boolean {
    return this.#flatten !== null;
  }

  get state(): CommandState {
    return { flatten: this.#flatten, closing: this.#closing.state, answered: this.#answered.state };
  }

  restore({ flatten, closing, answered: before }: CommandState): void {
    this.#flatten = flatten;
    this.#closing.restore(closing);
    this.#answered.restore(before);
  }

  /** True when something has to be recorded with the account. */
  takeMoved(): boolean {
    const moved = this.#closing.takeMoved() || this.#moved;
    this.#moved = false;
    return moved;
  }

  handle({ id, actor, action }: CommandInput, nowUs: TimestampUs): void {
    const { emit, gate } = this.#parts;
    const answer = this.#answer(action, actor, nowUs);
    this.#record(id, actor, action, answer, nowUs);
    emit({ kind: 'reply', id, gate: gate.current(), ...answer });
  }

  #answer(action: KernelAction, actor: string, nowUs: TimestampUs): Answer {
    switch (action.kind) {
      case 'set-state':
        return this.#setState(action, actor, nowUs);
      case 'place-order':
        return this.#placeOnce(action.order, nowUs);
      case 'cancel-order':
        return this.#cancelOrder(action.clientOrderId, nowUs);
      case 'cancel-all':
        return this.#cancelMany(action, nowUs);
      case 'close-position':
        return this.#closePosition(action, actor, nowUs);
      case 'set-strategy':
        return this.#setStrategy(action, actor, nowUs);
      case 'set-parameters':
        return this.#setParameters(action, nowUs);
    }
  }

  #setState({ state, reason, flatten, dataEnded = false }: Of<'set-state'>, actor: string, nowUs: TimestampUs): Answer {
    const { emit, gate, monitor } = this.#parts;
    if (flatten && state === 'ACTIVE')
      return refused('parameter_invalid', 'flatten goes with HALTED or REDUCING, not with ACTIVE');
    this.#moved = true;
    const message = `${actor} set trading to ${state}: ${reason}`;
    emit({ kind: 'note', level: 'warn', code: 'trading_state_set', message });
    if (state === 'ACTIVE') {
      this.#flatten = null;
      const lifted = { dailyLoss: gate.has('daily_loss'), drawdown: gate.has('drawdown') };
      gate.resume(reason, nowUs);
      monitor.resume(this.#equity(), lifted);
    } else {
      gate.raise({ code: 'user', state, reason, by: 'user', sinceUs: nowUs, lasting: true });
      this.#flatten = flatten ? beginFlatten(nowUs, dataEnded ? END_TAG : null) : null;
    }
    // The kill switch sends nothing more, an exit that was asked for before it neither.
    if (state === 'HALTED') {
      this.#closing.clear();
      this.#parts.protective.waiting.denyAll(() => true, 'trading_state', 'trading is HALTED', nowUs);
    }
    if (flatten || state === 'HALTED') this.cancelAll(nowUs);
    return { ...DONE, note: flatten ? 'every position is being sold at the market' : null };
  }

  /** What carries an id is done once. */
  #placeOnce(order: ManualOrder, nowUs: TimestampUs): Answer {
    const { requestId } = order;
    if (requestId === null) return this.#place(order, nowUs);
    const known = this.#answered.find(requestId, order, nowUs);
    if (known === 'conflict')
      return refused('request_conflict', `requestId '${requestId}' stands for another order; give each order its own`);
    if (known !== null) return { ...known, repeated: true };
    const answer = this.#place(order, nowUs);
    this.#answered.put(requestId, order, answer, nowUs);
    this.#moved = true;
    return answer;
  }

  #place(order: ManualOrder, nowUs: TimestampUs): Answer {
    const { config, markets } = this.#parts;
    const instrument = markets.instrument(instrumentId(order.instrument));
    if (instrument === null) return this.#unknownInstrument(order.instrument);
    if (instrument.quote !== config.quoteAsset) {
      const message = `${instrument.id} is traded in ${instrument.quote}, the account is kept in ${config.quoteAsset}`;
      return refused('order_invalid', message);
    }
    const read = readManualOrder(order, instrument, markets.state(instrument.id).lastTrade);
    if (!read.ok) return refused(read.fault.code, read.fault.message, read.fault.details);
    return this.#send(read.value, instrument, nowUs);
  }

  #send({ wish, exit }: ReadOrder, instrument: Instrument, nowUs: TimestampUs): Answer {
    const { desk, portfolio, protective } = this.#parts;
    const ours = portfolio.workingOf(MANUAL, instrument.id);
    const buys = 'list' in wish ? wish.list.legs[0].side === 'buy' : wish.order.side === 'buy';
    let placed: ReturnType<ProtectiveDesk['exit']> | ReturnType<OrderDesk['placeList']>;
    if ('list' in wish) {
      const holding = buys ? [] : ours.filter(isProtective);
      if (holding.length > 0) {
        const ids = holding.map(({ clientOrderId: id }) => id).join(', ');
        const message = `the coins are in protective order ${ids}; cancel the protection of ${instrument.id} first (cancel-all with includeProtective), or use an exit plan`;
        return refused('order_protective', message);
      }
      placed = desk.placeList(wish.list, nowUs);
    } else placed = buys ? desk.place(wish.order, nowUs) : protective.exit(wish.order, nowUs);
    if ('denied' in placed) return denied(placed.denied);
    if ('queuedBehind' in placed)
      return { ...DONE, note: `it is sent as soon as protective order ${placed.queuedBehind.join(', ')} is off` };
    if (buys) {
      // A plan belongs to a position: the first order of a new one begins without that of the last.
      const begins = this.#heldLots(MANUAL, instrument, nowUs) === 0 && !ours.some(({ side }) => side === 'buy');
      if (exit !== null || begins) protective.setPlan(MANUAL, instrument.id, exit);
    }
    return answered('orders' in placed ? placed.orders : [placed.order]);
  }

  #cancelOrder(id: string, nowUs: TimestampUs): Answer {
    const { portfolio, desk } = this.#parts;
    const order = portfolio.order(clientOrderId(id));
    if (order === null) return refused('order_unknown', `no working order is called '${id}'`);
    if (isProtective(order)) {
      const message = `order ${id} protects the position of ${order.strategyId} in ${order.instrument}, and would be placed anew; close the position, or cancel all of it with includeProtective`;
      return refused('order_protective', message);
    }
    const meant = order.listId === null ? [order] : portfolio.ofList(order.listId);
    const pending = order.status === 'pending_cancel';
    desk.cancel(order, nowUs);
    if (pending) return answered(meant, 'its cancel is on the way already');
    return answered(meant, meant.length > 1 ? 'the orders of a list are canceled together' : null);
  }

  #cancelMany({ instrument, strategyId: strategy, includeProtective }: Of<'cancel-all'>, nowUs: TimestampUs): Answer {
    const { markets, portfolio, desk, protective, algos } = this.#parts;
    if (instrument !== null && markets.instrument(instrumentId(instrument)) === null)
      return this.#unknownInstrument(instrument);
    if (strategy !== null && !this.#isKnown(strategy)) return this.#unknownStrategy(strategy);
    const isMeant = (each: { readonly strategyId: string; readonly instrument: string }): boolean =>
      (instrument === null || each.instrument === instrument) && (strategy === null || each.strategyId === strategy);
    algos.cancelAll(isMeant, 'canceled by a person');
    const meant = portfolio.workingOrders().filter(isMeant);
    const canceled = meant.filter((order) => includeProtective || !isProtective(order));
    if (includeProtective)
      for (const position of portfolio.positions().filter(isMeant))
        protective.setPlan(position.strategyId, position.instrument, { stop: null, takeProfit: null });
    for (const order of canceled) desk.cancel(order, nowUs);
    const left = meant.length - canceled.length;
    if (includeProtective) return answered(canceled, 'nothing protects these positions until they close or get a plan');
    return answered(canceled, left === 0 ? null : `${left} that protect positions are left as they are`);
  }

  #closePosition(action: Of<'close-position'>, actor: string, nowUs: TimestampUs): Answer {
    const { markets, algos, strategies } = this.#parts;
    const [strategy, id] = [strategyId(action.strategyId), instrumentId(action.instrument)];
    const instrument = markets.instrument(id);
    if (instrument === null) return this.#unknownInstrument(action.instrument);
    if (this.#heldLots(strategy, instrument, nowUs) === 0)
      return refused('position_unknown', `nothing of ${id} is held by '${strategy}' that could be sold`);
    if (this.#flatten !== null) return { ...DONE, note: 'every position is being sold at the market already' };
    if (this.#closing.has(strategy, id)) return { ...DONE, note: 'it is being closed already' };
    algos.cancelAll((algo) => algo.strategyId === strategy && algo.instrument === id, 'its position is closed');
    const step = this.#closing.begin(strategy, id, nowUs);
    if ('denied' in step) return denied(step.denied);
    const reason = `${actor} closes its position in ${id}${action.reason === null ? '' : `: ${action.reason}`}`;
    // It may not buy back at once what a person has just sold; its exits still work, so that its other positions are looked after.
    const view = strategies.views().find((each) => each.strategy.id === strategy);
    // One that is paused stays so.
    const told =
      view === undefined || view.gate.state === 'HALTED'
        ? null
        : strategies.setState(strategy, 'reducing', reason, nowUs);
    const note = told === null || !told.ok ? null : `${strategy} only reduces from here on, until a person starts it`;
    if ('placed' in step) return answered([step.placed], note);
    const waits = 'waits' in step ? `it is sold as soon as it can: ${step.waits}` : null;
    return answered(
      'waits' in step ? step.canceled : [],
      [waits, note].filter((text) => text !== null).join('; ') || null,
    );
  }

  #setStrategy({ strategyId: id, state, reason }: Of<'set-strategy'>, actor: string, nowUs: TimestampUs): Answer {
    if (!this.#strategyIds().includes(id)) return this.#unknownStrategy(id);
    const set = this.#parts.strategies.setState(strategyId(id), state, `${actor}: ${reason}`, nowUs);
    if (!set.ok) return refused(set.fault.code, set.fault.message);
    if (state === 'running') this.#closing.forget(strategyId(id));
    return DONE;
  }

  /** What is left out stays as it is. */
  #setParameters({ strategyId: id, parameters }: Of<'set-parameters'>, nowUs: TimestampUs): Answer {
    const view = this.#parts.strategies.views().find(({ strategy }) => strategy.id === id);
    if (view === undefined) return this.#unknownStrategy(id);
    const set = this.#parts.strategies.setParameters(strategyId(id), { ...view.parameters, ...parameters }, nowUs);
    return set.ok ? DONE : refused(set.fault.code, set.fault.message);
  }

  cancelAll(nowUs: TimestampUs): void {
    const { portfolio, desk } = this.#parts;
    for (const order of portfolio.workingOrders()) desk.cancel(order, nowUs);
  }

  /** True while nothing that a person asked for goes on. */
  get idle(): boolean {
    return this.#flatten === null && this.#closing.idle;
  }

  /** Brings flattening, and the closing of single positions, a step further. */
  settle(nowUs: TimestampUs): void {
    if (this.#flatten === null) {
      this.#closing.settle(nowUs);
      return;
    }
    const next = stepFlatten(this.#flatten, nowUs, this.#parts);
    if (next !== this.#flatten) this.#moved = true;
    this.#flatten = next;
  }

  /** Under `manual`, whoever's orders it was about: what a strategy has decided last is told by its own decisions alone. */
  #record(
    id: string,
    actor: string,
    action: KernelAction,
    { error, orders, repeated, note }: Answer,
    nowUs: TimestampUs,
  ): void {
    const { config, markets, emit } = this.#parts;
    const { kind, ...asked } = action;
    const named = 'order' in action ? action.order.instrument : 'instrument' in action ? action.instrument : null;
    const about = named ?? this.#instrumentOf(orders[0] ?? null);
    const known = about !== null && markets.instrument(instrumentId(about)) !== null;
    const outcome =
      error === null ? (repeated ? 'repeated' : 'done') : error.code === 'order_denied' ? 'denied' : 'refused';
    emit({
      kind: 'decision',
      decision: {
        id: `command:${id}`,
        accountId: config.accountId,
        strategyId: MANUAL,
        instrument: known ? instrumentId(about) : null,
        tsEventUs: nowUs,
        action: 'command',
        wanted: { command: kind, actor, ...('order' in asked ? asked.order : asked) },
        prediction: null,
        risk: {
          result: outcome,
          ...(error === null ? { message: note } : { code: error.code, message: error.message, ...error.details }),
        },
        orders,
      },
    });
  }

  #instrumentOf(id: Order['clientOrderId'] | null): string | null {
    return id === null ? null : (this.#parts.portfolio.order(id)?.instrument ?? null);
  }

  #heldLots(strategy: StrategyId, instrument: Instrument, nowUs: TimestampUs): number {
    return sellableLots(this.#parts.portfolio.position(strategy, instrument.id, nowUs), instrument);
  }

  #isKnown(id: string): boolean {
    const { portfolio } = this.#parts;
    const owners = [...portfolio.positions(), ...portfolio.workingOrders()].map((each) => each.strategyId);
    return id === MANUAL || [...this.#strategyIds(), ...owners].some((each) => each === id);
  }

  #unknownInstrument(id: string): Answer {
    return refused(
      'instrument_unknown',
      `instrument '${id}' is not known to trading; GET /api/v1/instruments lists those that are`,
    );
  }

  #unknownStrategy(id: string): Answer {
    const there = [...this.#strategyIds(), MANUAL].join(', ');
    return refused('strategy_unknown', `no strategy is called '${id}'; there are: ${there}`);
  }

  #strategyIds(): readonly string[] {
    return this.#parts.strategies.views().map(({ strategy }) => strategy.id);
  }

  #equity(): Amount | null {
    return this.#parts.portfolio.equity(this.#parts.config.quoteAsset);
  }
}
