import {
  formatAmount,
  formatPrice,
  formatQuantity,
  negateAmount,
  RATE_UNIT,
  subtractAmounts,
  timestampUs,
  ZERO_AMOUNT,
} from '@monsta/core';
import type { Amount, Balance, ForeignFill, TimestampUs, VenueAccountEvent } from '@monsta/core';
import type { AccountMonitor } from './account-monitor.ts';
import type { BalanceDifference } from './account-totals.ts';
import type { Emit, KernelConfig } from './kernel-types.ts';
import type { Markets } from './markets.ts';
import type { Books } from './books.ts';
import type { Portfolio } from './portfolio.ts';
import { shortfalls, type Shortfall } from './position-shortfall.ts';
import { valueAt } from './position.ts';
import { fillKey } from './reconcile.ts';
import type { RiskDesk } from './risk.ts';
import type { TradingGate } from './trading-gate.ts';

/** A venue tells of a balance at once, and of why it moved once it has found out: a difference that stands for longer has no such reason. */
const EXPLAINED_WITHIN_US = 180_000_000;
/** Up to this share of a position is what fees that were paid in its coins have taken, parts per million; more was taken by somebody. */
const FEES_PPM_MAX = 10_000n;
/** How often it is recorded that ledger and venue agree. */
const AGREED_EVERY_US = 60_000_000;
/** How many transfers are remembered to know one that is told again. */
const SEEN_TRANSFERS_MAX = 10_000;

const FOREIGN_TRADE = 'foreign_trade:';

/** The `fillKey` of the foreign trade that a divergence of this id told of; null for any other. */
export const foreignTradeOf = (divergenceId: string): string | null =>
  divergenceId.startsWith(FOREIGN_TRADE) ? divergenceId.slice(FOREIGN_TRADE.length) : null;

type Of<K extends VenueAccountEvent['kind']> = Extract<VenueAccountEvent, { kind: K }>;

interface AccountDeskParts {
  readonly config: KernelConfig;
  readonly markets: Markets;
  readonly portfolio: Portfolio;
  readonly emit: Emit;
  readonly gate: TradingGate;
  readonly monitor: AccountMonitor;
  readonly risk: RiskDesk;
  readonly books: Books;
  /** False for a fill that was seen before; remembers it. */
  isNewFill(fill: ForeignFill): boolean;
}

/** Keeps the account's money in step with what moves it beside our orders: deposits and withdrawals, trades of others, and what nobody explains. None of it is profit or loss. */
export class AccountDesk {
  readonly #parts: AccountDeskParts;
  readonly #seenTransfers = new Set<string>();
  /** True when limits were measured anew, or the venue agreed, and that has to be recorded. */
  #moved = false;
  #agreedUs: TimestampUs | null = null;

  constructor(parts: AccountDeskParts) {
    this.#parts = parts;
  }

  get seenTransfers(): ReadonlySet<string> {
    return this.#seenTransfers;
  }

  /** All that moved money until then, by the venue's time, is in the balances; null before the first comparison. At most a minute behind. */
  get agreedUs(): TimestampUs | null {
    return this.#agreedUs;
  }

  restore(seenTransfers: readonly string[], agreedUs: TimestampUs | null): void {
    for (const id of seenTransfers) this.#isNewTransfer(id);
    this.#agreedUs = agreedUs;
  }

  takeMoved(): boolean {
    const moved = this.#moved;
    this.#moved = false;
    return moved;
  }

  onEvent(event: VenueAccountEvent, nowUs: TimestampUs): void {
    const { portfolio } = this.#parts;
    switch (event.kind) {
      case 'balances':
        portfolio.money.compare(event.balances, event.tsEventUs, nowUs);
        return;
      case 'transfer':
        this.#transfer(event);
        return;
      case 'foreign-fill':
        this.foreignFill(event.fill, nowUs);
        return;
      case 'reports':
        this.#reports(event, nowUs);
        return;
    }
  }

  /** A fill of an order that is not ours: money moved, and no strategy has anything to do with it. */
  foreignFill(fill: ForeignFill, nowUs: TimestampUs): void {
    const { markets, portfolio, config, emit } = this.#parts;
    if (!this.#parts.isNewFill(fill)) return;
    const key = fillKey(fill);
    const instrument = markets.instrument(fill.instrument);
    if (instrument !== null) this.#outside(() => portfolio.applyFillToTotals(fill, instrument));
    const traded =
      instrument === null
        ? `${fill.instrument}, which is not known here: a comparison of balances will show what moved`
        : `${formatQuantity(fill.quantity, instrument)} ${instrument.base} at ${formatPrice(fill.price, instrument)}; only the balances moved`;
    const divergence = {
      id: `${FOREIGN_TRADE}${key}`,
      code: 'foreign_trade',
      message: `order ${fill.clientOrderId}, which is not ours, ${fill.side === 'buy' ? 'bought' : 'sold'} ${traded}`,
      accountId: config.accountId,
      tsUs: nowUs,
    };
    emit({ kind: 'divergence', divergence });
  }

  /** All balances, as the venue has them. What differs has its time to be explained, at a start as at any other comparison: a fill or a deposit of just now is still to be told. */
  reconciled(balances: readonly Balance[], tsUs: TimestampUs, nowUs: TimestampUs): void {
    if (this.#parts.portfolio.money.compareAll(balances, tsUs, nowUs)) this.agreed(tsUs);
  }

  /** The balances are the venue's as of this time. */
  agreed(tsUs: TimestampUs): void {
    if (this.#agreedUs === null || tsUs >= this.#agreedUs + AGREED_EVERY_US) this.#agreedNow(tsUs);
  }

  #agreedNow(tsUs: TimestampUs): void {
    if (this.#agreedUs !== null && tsUs <= this.#agreedUs) return;
    this.#agreedUs = tsUs;
    this.#moved = true;
  }

  /** Takes over what has been different for too long. */
  settle(nowUs: TimestampUs): void {
    const differences = this.#parts.portfolio.money.takeOver(nowUs - EXPLAINED_WITHIN_US);
    if (differences.length > 0) this.#takenOver(differences, nowUs);
  }

  /** Takes from the positions what the account no longer has: sold or moved by hand. Never is more sold than there is, and nothing is bought back by itself. */
  checkPositions(nowUs: TimestampUs): void {
    const { portfolio, markets } = this.#parts;
    for (const found of shortfalls(portfolio, markets)) this.#reduce(found, nowUs);
  }

  #reduce({ position, instrument, missing }: Shortfall, nowUs: TimestampUs): void {
    const { portfolio, markets, books, config, emit } = this.#parts;
    const moved = this.#parts.risk.outside(position.strategyId, () =>
      portfolio.takeCoins(position, missing, instrument, nowUs),
    );
    const left = moved.position;
    books.moved(moved, { key: `taken-${nowUs}`, closedUs: nowUs, orderId: null, tag: null, cause: 'outside' });
    const { strategyId } = position;
    const message = `${formatAmount(missing)} of the ${formatAmount(position.quantity)} ${instrument.base} that ${strategyId} holds are not in the account any more; its position in ${instrument.id} is ${formatAmount(left.quantity)} now`;
    if (missing * RATE_UNIT <= position.quantity * FEES_PPM_MAX) {
      emit({ kind: 'note', level: 'info', code: 'position_reduced', message });
      return;
    }
    // What the coins brought counts neither, see `#outside`.
    const { mark } = markets.state(position.instrument);
    if (mark !== null) this.#shift(negateAmount(valueAt(missing, mark, instrument)));
    emit({
      kind: 'divergence',
      divergence: {
        id: `position_uncovered:${strategyId}:${position.instrument}:${nowUs}`,
        code: 'position_uncovered',
        message,
        accountId: config.accountId,
        tsUs: nowUs,
      },
    });
    this.#parts.gate.raise({
      code: 'position_uncovered',
      state: 'REDUCING',
      reason: `${message}; only exits until a person resumes`,
      by: 'system',
      sinceUs: nowUs,
      lasting: true,
    });
  }

  #transfer({ id, cause, asset, amount, tsEventUs }: Of<'transfer'>): void {
    const { portfolio, config, emit } = this.#parts;
    if (!this.#isNewTransfer(id)) return;
    this.#outside(() => portfolio.money.move(asset, amount, tsEventUs));
    emit({
      kind: 'transfer',
      transfer: { id, accountId: config.accountId, cause, asset, amount, tsUs: tsEventUs },
    });
    emit({
      kind: 'note',
      level: cause === 'unexplained' ? 'warn' : 'info',
      code: `transfer_${cause}`,
      message: `${formatAmount(amount)} ${asset} by ${cause} (${id}); limits are measured as if it had always been so`,
    });
  }

  #reports({ state, reason }: Of<'reports'>, nowUs: TimestampUs): void {
    const gate = this.#parts.gate;
    if (state === 'live') gate.lift('reports_lost', nowUs);
    else {
      const words = `the venue's reports are lost (${reason}); only exits until they come again`;
      gate.raise({
        code: 'reports_lost',
        state: 'REDUCING',
        reason: words,
        by: 'system',
        sinceUs: nowUs,
        lasting: false,
      });
    }
  }

  /** Runs what moves money from outside: the limits on losses move with the cash, and the balances are recorded. */
  #outside(move: () => void): void {
    const { portfolio, config, emit } = this.#parts;
    const cash = (): Amount => portfolio.money.of(config.quoteAsset) ?? ZERO_AMOUNT;
    const before = cash();
    move();
    this.#shift(subtractAmounts(cash(), before));
    emit({ kind: 'balances', balances: portfolio.balances() });
  }

  #shift(by: Amount): void {
    if (by === 0n) return;
    this.#parts.monitor.shift(by);
    this.#parts.books.shift(by);
    this.#moved = true;
  }

  /** The venue is right about money: its balances are taken over, and trading only reduces until a person has looked. */
  #takenOver(differences: readonly BalanceDifference[], nowUs: TimestampUs): void {
    const { portfolio, config, emit } = this.#parts;
    const words = differences.map((difference) => this.#report(difference, nowUs));
    emit({ kind: 'balances', balances: portfolio.balances() });
    for (const { asset, ours, theirs } of differences) {
      if (asset === config.quoteAsset) this.#shift(subtractAmounts(theirs, ours));
    }
    // What moved until then is in them, whatever it was: a later start must not ask for it, and count it again.
    if (portfolio.money.agrees) this.#agreedNow(timestampUs(Math.min(...differences.map(({ tsUs }) => tsUs))));
    const reason = `ledger and venue differ (${words.join('; ')}); only exits until a person resumes`;
    this.#parts.gate.raise({
      code: 'balance_divergence',
      state: 'REDUCING',
      reason,
      by: 'system',
      sinceUs: nowUs,
      lasting: true,
    });
  }

  #report({ asset, ours, theirs }: BalanceDifference, nowUs: TimestampUs): string {
    const { config, emit } = this.#parts;
    const message = `${asset}: ${formatAmount(ours)} in the ledger, ${formatAmount(theirs)} at the venue`;
    emit({
      kind: 'divergence',
      divergence: {
        id: `balance:${asset}:${formatAmount(ours)}:${formatAmount(theirs)}:${nowUs}`,
        code: 'balance_differs',
        message: `${message}; the venue's is taken over`,
        accountId: config.accountId,
        tsUs: nowUs,
      },
    });
    return message;
  }

  #isNewTransfer(id: string): boolean {
    if (this.#seenTransfers.has(id)) return false;
    this.#seenTransfers.add(id);
    for (const oldest of this.#seenTransfers) {
      if (this.#seenTransfers.size <= SEEN_TRANSFERS_MAX) break;
      this.#seenTransfers.delete(oldest);
    }
    return true;
  }
}
