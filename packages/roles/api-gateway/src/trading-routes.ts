import {
  cancelAllQuerySchema,
  closePositionSchema,
  commandReplySchema,
  encodeOrder,
  manualOrderSchema,
  noQuerySchema,
  riskReplySchema,
  strategiesReplySchema,
  strategyParametersChangeSchema,
  strategyStateChangeSchema,
  tradingStateChangeSchema,
  tradingStateSchema,
  type CommandReply,
  type OrderMessage,
  type TradingAction,
  type TradingReply,
} from '@monsta/contracts';
import { clientOrderId, err, isFinal, ok, type AccountId, type Result } from '@monsta/core';
import type { Logger } from '@monsta/ports';
import type { LedgerReader } from './account-routes.ts';
import type { AccountView } from './account-view.ts';
import type { ProgramStatus } from './program-status.ts';
import { changeRoute, readRoute, removeRoute, reply, type ApiRoute, type Caller, type Reply } from './route.ts';
import type { TradingCommands } from './trading-commands.ts';

export interface TradingRoutesDependencies {
  readonly ledger: Pick<LedgerReader, 'order'>;
  readonly view: AccountView;
  readonly commands: TradingCommands;
  readonly accountId: AccountId;
  readonly status: () => ProgramStatus;
  readonly logger: Logger;
}

const COMMAND_FAULTS = ['trading_off', 'not_ready', 'ledger_unavailable', 'outcome_unknown'] as const;
const DONE = { 200: { description: 'Done and durable', content: commandReplySchema } };
/** The one who holds the token: there are no other names yet. */
const ACTOR = 'admin';

/** What a person may do to trading. Each route answers once the change is durable, and leaves a decision that tells who asked and what came of it. */
export function tradingRoutes(deps: TradingRoutesDependencies): readonly ApiRoute[] {
  const { ledger, view, commands, accountId, status, logger } = deps;

  async function ask(action: TradingAction, { traceparent }: Caller): Promise<Result<TradingReply>> {
    const said =
      status().tradingMode === 'off'
        ? err('trading_off', 'MONSTA runs without trading; start it with --trading paper')
        : await commands.ask(action, ACTOR, traceparent);
    if (said.ok) return said;
    const { code, message } = said.fault;
    // What the kernel refuses leaves a decision; this is the only trace of what never reached it.
    logger.warn('a command was not carried out', { code, reason: message, command: action.kind, actor: ACTOR });
    return said;
  }

  /** Asks, and tells of the orders that it was about as the ledger has them. */
  async function command(action: TradingAction, caller: Caller): Promise<Result<Reply>> {
    const said = await ask(action, caller);
    if (!said.ok) return said;
    const { repeated } = said.value;
    const orders: OrderMessage[] = [];
    const unread: string[] = [];
    for (const id of said.value.orders) {
      const found = await ledger.order(accountId, clientOrderId(id));
      if (found.ok && found.value !== null) orders.push(encodeOrder(found.value.value, found.value.instrument));
      else unread.push(id);
    }
    // What was asked is done, whatever reading it back gives.
    const missing = unread.length === 0 ? null : `it is done; orders ${unread.join(', ')} could not be read back`;
    const note = [said.value.note, missing].filter((text) => text !== null).join('; ') || null;
    const body: CommandReply = { orders, repeated, note };
    return ok(reply(body));
  }

  return [
    readRoute({
      method: 'GET',
      path: '/api/v1/trading/state',
      tag: 'Trading',
      summary: 'Whether MONSTA trades now, and why not',
      access: 'public',
      query: noQuerySchema,
      replies: { 200: { description: 'The trading state', content: tradingStateSchema } },
      faults: ['ledger_unavailable'],
      async handle() {
        const state = await view.tradingState();
        return state.ok ? ok(reply(state.value)) : state;
      },
    }),
    changeRoute({
      method: 'POST',
      path: '/api/v1/trading/state',
      tag: 'Trading',
      summary: 'Kill switch (HALTED), exits only (REDUCING), or resume (ACTIVE)',
      access: 'admin',
      query: noQuerySchema,
      body: tradingStateChangeSchema,
      replies: { 200: { description: 'Done and durable: the state as it is now', content: tradingStateSchema } },
      faults: [...COMMAND_FAULTS, 'state_conflict'],
      async handle(_query, change, caller) {
        const said = await ask({ kind: 'set-state', ...change }, caller);
        return said.ok ? ok(reply(said.value.state)) : said;
      },
    }),
    changeRoute({
      method: 'POST',
      path: '/api/v1/orders',
      tag: 'Trading',
      summary: 'Place an order by hand, through risk like any other, in the book `manual`',
      access: 'admin',
      query: noQuerySchema,
      body: manualOrderSchema,
      replies: DONE,
      faults: [
        ...COMMAND_FAULTS,
        ...['order_denied', 'order_invalid', 'order_protective', 'instrument_unknown', 'request_conflict'],
      ],
      handle: (_query, order, caller) => command({ kind: 'place-order', order }, caller),
    }),
    removeRoute({
      method: 'DELETE',
      path: '/api/v1/orders/:id',
      params: { id: 'the clientOrderId of a working order, whoever placed it' },
      tag: 'Trading',
      summary: 'Cancel one order, with the list that it belongs to',
      access: 'admin',
      query: noQuerySchema,
      replies: DONE,
      faults: [...COMMAND_FAULTS, 'order_unknown', 'order_final', 'order_protective'],
      async handle(_query, caller) {
        const { id = '' } = caller.params;
        const canceled = await command({ kind: 'cancel-order', clientOrderId: id.slice(0, 100) }, caller);
        if (canceled.ok || canceled.fault.code !== 'order_unknown') return canceled;
        const stored = await ledger.order(accountId, clientOrderId(id));
        if (!stored.ok || stored.value === null || !isFinal(stored.value.value.status)) return canceled;
        return err('order_final', `order '${id}' is ${stored.value.value.status}; nothing is left to cancel`);
      },
    }),
    removeRoute({
      method: 'DELETE',
      path: '/api/v1/orders',
      tag: 'Trading',
      summary: 'Cancel all orders, of one instrument or strategy; what protects positions stays unless it is meant too',
      access: 'admin',
      query: cancelAllQuerySchema,
      replies: DONE,
      faults: [...COMMAND_FAULTS, 'instrument_unknown', 'strategy_unknown'],
      handle: ({ instrument = null, strategyId = null, includeProtective = 'false' }, caller) =>
        command(
          { kind: 'cancel-all', instrument, strategyId, includeProtective: includeProtective === 'true' },
          caller,
        ),
    }),
    changeRoute({
      method: 'POST',
      path: '/api/v1/positions/close',
      tag: 'Trading',
      summary: 'Close a position at the market; its strategy only reduces from then on, until a person starts it',
      access: 'admin',
      query: noQuerySchema,
      body: closePositionSchema,
      replies: DONE,
      faults: [...COMMAND_FAULTS, 'position_unknown', 'instrument_unknown', 'order_denied'],
      handle: (_query, position, caller) => command({ kind: 'close-position', ...position }, caller),
    }),
    readRoute({
      method: 'GET',
      path: '/api/v1/strategies',
      tag: 'Trading',
      summary: 'Every strategy: how it is, what it runs with, what may be set, what it holds',
      access: 'public',
      query: noQuerySchema,
      replies: {
        200: {
          description: 'Every strategy; items is null, and absence says why, while unknown',
          content: strategiesReplySchema,
        },
      },
      faults: [],
      handle: () => ok(reply(view.strategies())),
    }),
    readRoute({
      method: 'GET',
      path: '/api/v1/risk',
      tag: 'Trading',
      summary: 'Every limit and how much of it is used, the account’s day, and everything that refuses entries now',
      access: 'public',
      query: noQuerySchema,
      replies: { 200: { description: 'risk is null, and absence says why, while unknown', content: riskReplySchema } },
      faults: [],
      handle: () => ok(reply(view.risk())),
    }),
    changeRoute({
      method: 'POST',
      path: '/api/v1/strategies/:id/state',
      params: { id: 'the id of a strategy' },
      tag: 'Trading',
      summary: 'Start a strategy, pause it, or let it only reduce; what protects its positions stays',
      access: 'admin',
      query: noQuerySchema,
      body: strategyStateChangeSchema,
      replies: DONE,
      faults: [...COMMAND_FAULTS, 'strategy_unknown'],
      handle: (_query, change, caller) =>
        command({ kind: 'set-strategy', strategyId: caller.params['id'] ?? '', ...change }, caller),
    }),
    changeRoute({
      method: 'PUT',
      path: '/api/v1/strategies/:id/parameters',
      params: { id: 'the id of a strategy' },
      tag: 'Trading',
      summary: 'Change parameters of a strategy; those left out stay as they are',
      access: 'admin',
      query: noQuerySchema,
      body: strategyParametersChangeSchema,
      replies: DONE,
      faults: [...COMMAND_FAULTS, 'strategy_unknown', 'parameters_invalid'],
      handle: (_query, { parameters }, caller) =>
        command({ kind: 'set-parameters', strategyId: caller.params['id'] ?? '', parameters }, caller),
    }),
  ];
}
