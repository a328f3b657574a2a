import {
  accountReplySchema,
  decisionSchema,
  encodeDecision,
  encodeFill,
  encodeOrder,
  fillSchema,
  instrumentListQuerySchema,
  listOf,
  listQuerySchema,
  noQuerySchema,
  orderSchema,
  positionsReplySchema,
} from '@monsta/contracts';
import { err, instrumentId, ok, type AccountId, type InstrumentId, type Result } from '@monsta/core';
import type { Ledger, MarketHistory, PageRequest } from '@monsta/ports';
import type { AccountView } from './account-view.ts';
import type { BookReader } from './performance.ts';
import { readRoute, reply, type ApiRoute } from './route.ts';

/** The read side of the ledger. */
export type LedgerReader = BookReader &
  Pick<Ledger, 'account' | 'order' | 'orders' | 'fills' | 'decisions' | 'instruments' | 'instrumentsAt' | 'alerts'>;

export interface AccountRoutesDependencies {
  readonly ledger: LedgerReader;
  readonly history: MarketHistory;
  readonly view: AccountView;
  readonly accountId: AccountId;
}

const LEDGER_FAULTS = ['cursor_invalid', 'ledger_unavailable'] as const;
const TAG = 'Account';

interface InstrumentPage {
  readonly instrument?: string | undefined;
  readonly limit: number;
  readonly cursor?: string | undefined;
}

type LedgerPage = PageRequest & { readonly instrument?: InstrumentId };

export function accountRoutes(deps: AccountRoutesDependencies): readonly ApiRoute[] {
  const { ledger, history, view, accountId } = deps;

  /** Known is what is collected now and whatever the ledger has ever stored. */
  async function known(id: string): Promise<Result<InstrumentId>> {
    const collected = await history.instruments();
    if (collected.ok && collected.value.some((each) => each.id === id)) return ok(instrumentId(id));
    const stored = await ledger.instruments();
    if (!stored.ok) return stored;
    return stored.value.some((each) => each.id === id)
      ? ok(instrumentId(id))
      : err('instrument_unknown', `instrument '${id}' is neither collected here nor in the ledger`);
  }

  async function pageOf({ instrument, limit, cursor: given }: InstrumentPage): Promise<Result<LedgerPage>> {
    const cursor = given ?? null;
    if (instrument === undefined) return ok({ limit, cursor });
    const found = await known(instrument);
    return found.ok ? ok({ limit, cursor, instrument: found.value }) : found;
  }

  return [
    readRoute({
      method: 'GET',
      path: '/api/v1/orders',
      tag: TAG,
      summary: 'Orders, newest first',
      access: 'public',
      query: listQuerySchema,
      replies: { 200: { description: 'Orders as the ledger has them', content: listOf(orderSchema) } },
      faults: LEDGER_FAULTS,
      async handle({ limit, cursor = null }) {
        const orders = await ledger.orders(accountId, { limit, cursor });
        if (!orders.ok) return orders;
        const items = orders.value.items.map(({ value, instrument }) => encodeOrder(value, instrument));
        return ok(reply({ items, nextCursor: orders.value.nextCursor }));
      },
    }),
    readRoute({
      method: 'GET',
      path: '/api/v1/fills',
      tag: TAG,
      summary: 'Fills, newest first, of all instruments or one',
      access: 'public',
      query: instrumentListQuerySchema,
      replies: { 200: { description: 'Fills as the ledger has them', content: listOf(fillSchema) } },
      faults: [...LEDGER_FAULTS, 'instrument_unknown'],
      async handle(query) {
        const page = await pageOf(query);
        if (!page.ok) return page;
        const fills = await ledger.fills(accountId, page.value);
        if (!fills.ok) return fills;
        const items = fills.value.items.map(({ value, instrument }) => encodeFill(value, instrument));
        return ok(reply({ items, nextCursor: fills.value.nextCursor }));
      },
    }),
    readRoute({
      method: 'GET',
      path: '/api/v1/decisions',
      tag: TAG,
      summary: 'Why was something done, or not: every decision, newest first',
      access: 'public',
      query: instrumentListQuerySchema,
      replies: {
        200: {
          description: 'What was wanted, what the model said, what risk answered',
          content: listOf(decisionSchema),
        },
      },
      faults: [...LEDGER_FAULTS, 'instrument_unknown'],
      async handle(query) {
        const page = await pageOf(query);
        if (!page.ok) return page;
        const decisions = await ledger.decisions(accountId, page.value);
        if (!decisions.ok) return decisions;
        return ok(reply({ items: decisions.value.items.map(encodeDecision), nextCursor: decisions.value.nextCursor }));
      },
    }),
    readRoute({
      method: 'GET',
      path: '/api/v1/positions',
      tag: TAG,
      summary: 'Open and past positions at the last price',
      access: 'public',
      query: noQuerySchema,
      replies: {
        200: {
          description: 'Every position; items is null, and absence says why, while unknown',
          content: positionsReplySchema,
        },
      },
      faults: [],
      handle: () => ok(reply(view.positions())),
    }),
    readRoute({
      method: 'GET',
      path: '/api/v1/account',
      tag: TAG,
      summary: 'Balances, equity, the day’s result and drawdown',
      access: 'public',
      query: noQuerySchema,
      replies: {
        200: { description: 'The account; nulls, and absence says why, while unknown', content: accountReplySchema },
      },
      faults: [],
      handle: () => ok(reply(view.account())),
    }),
  ];
}
