import {
  isFinal,
  ok,
  type AccountId,
  type ClientOrderId,
  type InstrumentId,
  type Order,
  type Result,
  type VenueOrder,
} from '@monsta/core';
import type { Clock, ExecutionVenue, Ledger, WithInstrument } from '@monsta/ports';
import {
  fillKey,
  foreignTradeOf,
  isKernelOrderId,
  knownUntilUs,
  reconcile,
  TRADES_MAX,
  type Decided,
  type Kernel,
  type KernelInput,
  type RecoveredState,
  type VenueOrderView,
} from '@monsta/trading';
import type { ConfiguredStrategy } from '@monsta/trading';
import { within } from './deadline.ts';

/** The newest fills that are remembered to know a late duplicate by, beside all those of orders that are still open. */
const FILLS_MAX = 2_000;

/** Transfers and trades of others that are remembered to know them when they are told again. */
const OUTSIDE_MAX = 1_000;

/** `fillKey`s of the newest fills, oldest first, then of all those of open orders: read by index, so that a long history costs a start nothing. */
async function fillsToRemember(
  ledger: Ledger,
  accountId: AccountId,
  openOrders: readonly WithInstrument<Order>[],
): Promise<Result<readonly string[]>> {
  const newest = await ledger.fills(accountId, { limit: FILLS_MAX, cursor: null });
  if (!newest.ok) return newest;
  const open = new Set(openOrders.map(({ value }) => value.clientOrderId));
  const others = newest.value.items.filter(({ value }) => !open.has(value.clientOrderId));
  const keys = others.map(({ value }) => fillKey(value)).toReversed();
  for (const id of open) {
    const fills = await ledger.fillsOf(accountId, id);
    if (!fills.ok) return fills;
    keys.push(...fills.value.map(({ value }) => fillKey(value)));
  }
  return ok(keys);
}

/** What the ledger holds of the account. Faults: the ledger's. */
export async function readLedger(
  ledger: Ledger,
  accountId: AccountId,
  strategies: readonly ConfiguredStrategy[],
): Promise<Result<RecoveredState>> {
  const account = await ledger.account(accountId);
  if (!account.ok) return account;
  const balances = await ledger.balances(accountId);
  if (!balances.ok) return balances;
  const positions = await ledger.positions(accountId);
  if (!positions.ok) return positions;
  const openOrders = await ledger.openOrders(accountId);
  if (!openOrders.ok) return openOrders;
  const seen = await fillsToRemember(ledger, accountId, openOrders.value);
  if (!seen.ok) return seen;
  const outside = { limit: OUTSIDE_MAX, cursor: null };
  const transfers = await ledger.transfers(accountId, outside);
  if (!transfers.ok) return transfers;
  const divergences = await ledger.divergences(accountId, outside);
  if (!divergences.ok) return divergences;
  const foreign = divergences.value.items.flatMap(({ id }) => foreignTradeOf(id) ?? []);
  const strategyRecords = await ledger.strategies(accountId);
  if (!strategyRecords.ok) return strategyRecords;
  const roundTrips = await readRoundTrips(ledger, accountId, strategies);
  if (!roundTrips.ok) return roundTrips;
  const decided: Decided[] = [];
  for (const { id, instruments } of strategies) {
    for (const instrument of instruments) {
      const last = await ledger.lastDecisionUs(accountId, id, instrument);
      if (!last.ok) return last;
      if (last.value !== null) decided.push({ strategyId: id, instrument, tsUs: last.value });
    }
  }
  return ok({
    account: account.value,
    balances: balances.value,
    positions: positions.value,
    openOrders: openOrders.value.map(({ value, instrument }) => ({ order: value, instrument })),
    seenFills: [...foreign.toReversed(), ...seen.value],
    seenTransfers: transfers.value.items.map(({ id }) => id).toReversed(),
    decided,
    strategies: strategyRecords.value,
    roundTrips: roundTrips.value,
  });
}

/** What protections and sizing look back on, oldest first: the newest of the account, and of each strategy its own newest, which those of busier ones may have pushed out. */
async function readRoundTrips(
  ledger: Pick<Ledger, 'roundTrips'>,
  accountId: AccountId,
  strategies: readonly ConfiguredStrategy[],
): Promise<Result<RecoveredState['roundTrips']>> {
  const page = { limit: TRADES_MAX, cursor: null };
  const newest = await ledger.roundTrips(accountId, page);
  if (!newest.ok) return newest;
  const found = new Map(newest.value.items.map((trip) => [trip.id, trip]));
  if (newest.value.nextCursor !== null) {
    for (const { id: strategyId } of strategies) {
      const own = await ledger.roundTrips(accountId, { ...page, strategyId });
      if (!own.ok) return own;
      for (const trip of own.value.items) found.set(trip.id, trip);
    }
  }
  return ok([...found.values()].reverse());
}

/** What the venue knows of one order. Faults: the venue's, `call_timeout`. */
export async function askVenue(
  venue: ExecutionVenue,
  id: ClientOrderId,
  clock: Clock,
  timeoutMs: number,
): Promise<Result<VenueOrderView>> {
  const order = await within(clock, timeoutMs, 'the venue', () => venue.order(id));
  if (!order.ok) return order;
  if (order.value === null) return ok({ order: null, fills: [] });
  const fills = await within(clock, timeoutMs, 'the venue', () => venue.fillsOf(id));
  return fills.ok ? ok({ order: order.value, fills: fills.value }) : fills;
}

/**
 * What others traded on the account since ledger and venue last agreed, as inputs: without them the venue's balances could not be explained. Nothing for an account that
 * was never compared. Faults: the venue's, `call_timeout`.
 */
export async function tradesOfOthers(
  venue: ExecutionVenue,
  state: RecoveredState,
  instruments: readonly InstrumentId[],
  clock: Clock,
  timeoutMs: number,
): Promise<Result<readonly KernelInput[]>> {
  const sinceUs = knownUntilUs(state.account);
  if (sinceUs === null) return ok([]);
  const inputs: KernelInput[] = [];
  for (const instrument of instruments) {
    const fills = await within(clock, timeoutMs, 'the venue', () => venue.fillsSince(instrument, sinceUs));
    if (!fills.ok) return fills;
    for (const fill of fills.value) {
      if (isKernelOrderId(fill.clientOrderId)) continue;
      const { tsEventUs } = fill;
      inputs.push({ kind: 'account', tsUs: tsEventUs, event: { kind: 'foreign-fill', fill, tsEventUs } });
    }
  }
  return ok(inputs);
}

/** True where the venue lists an order as open just as it is here: there is nothing more to ask of it. */
const isAsListed = ({ status, filledQuantity, quantity, venueOrderId }: Order, listed: VenueOrder): boolean =>
  (status === 'accepted' || status === 'partially_filled') &&
  venueOrderId === listed.venueOrderId &&
  filledQuantity === listed.filledQuantity &&
  quantity === listed.quantity &&
  !isFinal(listed.status);

/** Compares the kernel's orders and balances with the venue's; the input that brings them in step. Faults: the venue's, `call_timeout`. */
export async function compareWithVenue(
  kernel: Kernel,
  venue: ExecutionVenue,
  clock: Clock,
  timeoutMs: number,
): Promise<Result<Extract<KernelInput, { kind: 'reconcile' }>>> {
  const orders = kernel.workingOrders();
  const open = await within(clock, timeoutMs, 'the venue', () => venue.openOrders());
  if (!open.ok) return open;
  const listed = new Map(open.value.map((order) => [order.clientOrderId, order]));
  const venueOrders = new Map<ClientOrderId, VenueOrderView>();
  for (const order of orders) {
    const { clientOrderId } = order;
    const there = listed.get(clientOrderId);
    if (there !== undefined && isAsListed(order, there)) {
      venueOrders.set(clientOrderId, { order: there, fills: [] });
      continue;
    }
    const view = await askVenue(venue, clientOrderId, clock, timeoutMs);
    if (!view.ok) return view;
    venueOrders.set(clientOrderId, view.value);
  }
  // What happens from here on may be in them already, or not: it is compared again later.
  const tsUs = kernel.nowUs;
  const balances = await within(clock, timeoutMs, 'the venue', () => venue.balances());
  if (!balances.ok) return balances;
  const plan = reconcile({
    nowUs: kernel.nowUs,
    orders,
    seenFills: kernel.seenFills,
    venueOrders,
    venueOpenOrders: open.value,
    isOurs: isKernelOrderId,
  });
  return ok({ kind: 'reconcile', tsUs, plan, balances: balances.value });
}
