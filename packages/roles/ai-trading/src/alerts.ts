import { encodeOrder } from '@monsta/contracts';
import {
  expectOk,
  formatAmount,
  isFinal,
  msFromUs,
  parseAmount,
  subtractAmounts,
  type AccountId,
  type Alert,
  type Amount,
  type FeedState,
  type TimestampUs,
} from '@monsta/core';
import {
  isProtectiveOrderId,
  PROFIT_TAG,
  type AccountRecord,
  type KernelOutput,
  type PositionView,
} from '@monsta/trading';
import { addTo, DayCounts, sumsText, type Sums } from './alert-day.ts';
import { LIMIT_RULES } from './alert-rules.ts';
import { WORDING, type AlertLanguage, type FillFacts, type Wording, type Words } from './alert-words.ts';
import { drawdownOf } from './messages.ts';

export interface AlertTerms {
  readonly language: AlertLanguage;
  /** A feed, or the account's reports, may be gone this long before it is told. */
  readonly disconnectAfterMs: number;
}

export const DEFAULT_ALERT_TERMS: AlertTerms = { language: 'en', disconnectAfterMs: 60_000 };

/** Limits on the losses of one strategy, as the kernel notes that they are reached. */
const STRATEGY_HELD: Readonly<Record<string, 'reducing' | 'halt'>> = {
  strategy_daily_loss: 'reducing',
  strategy_drawdown: 'halt',
};

/** Orders whose fees are summed at once; with more, those of the oldest are unknown. */
const ORDERS_MAX = 1_000;
const DIGITS = /\d+(\.\d+)?/g;

type Of<K extends KernelOutput['kind']> = Extract<KernelOutput, { kind: K }>;

/** Since when something is gone, and whether that has been told. */
interface Gone {
  readonly sinceUs: TimestampUs;
  readonly reason: string | null;
  told: boolean;
}

/** The account's reports among the feeds. */
const REPORTS = '';

/**
 * What of all that the kernel says is worth a person's attention. A function of what it is shown, in order: it has no clock and asks nobody. `nowUs` is the kernel's time.
 */
export class AlertDesk {
  readonly #accountId: AccountId;
  readonly #quoteAsset: string;
  readonly #afterUs: number;
  readonly #words: Wording;
  readonly #gone = new Map<string, Gone>();
  readonly #modes = new Map<string, string>();
  readonly #fees = new Map<string, { filled: number; readonly sums: Sums }>();
  #gate: Of<'trading-state'>['gate'] | null = null;
  #account: AccountRecord | null = null;
  /** Null: a part of the day was before this life of the program, and could not be read. */
  #day: DayCounts | null = new DayCounts();

  constructor(accountId: AccountId, quoteAsset: string, { language, disconnectAfterMs }: AlertTerms) {
    this.#accountId = accountId;
    this.#quoteAsset = quoteAsset;
    this.#afterUs = disconnectAfterMs * 1_000;
    this.#words = WORDING[language];
  }

  /** The day that the ledger has begun, and what has happened in it so far. */
  resume(account: AccountRecord, day: DayCounts | null): void {
    this.#account = account;
    this.#day = day;
  }

  /** A feed's state. */
  feed({ instrument, status, reason }: FeedState, nowUs: TimestampUs): readonly Alert[] {
    return this.#connection(instrument, status === 'live', reason, nowUs);
  }

  /** Whether the venue's reports on the account reach us. */
  reports(isLive: boolean, reason: string, nowUs: TimestampUs): readonly Alert[] {
    return this.#connection(REPORTS, isLive, reason, nowUs);
  }

  /** What time alone brings: connections that stay away, and how positions are protected. */
  tick(positions: readonly PositionView[], nowUs: TimestampUs): readonly Alert[] {
    return [...this.#overdue(nowUs), ...this.#protection(positions, nowUs)];
  }

  /** What one call of the kernel said. */
  outputs(outputs: readonly KernelOutput[], nowUs: TimestampUs): readonly Alert[] {
    for (const output of outputs) if (output.kind === 'fill') this.#count(output);
    return outputs.flatMap((output) => this.#output(output, nowUs) ?? []);
  }

  #output(output: KernelOutput, nowUs: TimestampUs): Alert | null {
    switch (output.kind) {
      case 'order':
        return this.#order(output, nowUs);
      case 'decision':
        return this.#denied(output, nowUs);
      case 'trading-state':
        return this.#state(output, nowUs);
      case 'account':
        return this.#dayOf(output, nowUs);
      case 'transfer':
        this.#day?.transfer(output.transfer.asset, output.transfer.amount);
        return null;
      case 'divergence': {
        const { id, code, message } = output.divergence;
        return this.#alert(
          `divergence:${id}`,
          0,
          nowUs,
          'divergence',
          'warning',
          this.#words.divergence(code, message),
          { code },
        );
      }
      case 'note': {
        const { code, message } = output;
        const held = STRATEGY_HELD[code];
        if (held !== undefined) {
          const severity = held === 'halt' ? 'critical' : 'warning';
          const words = this.#words.strategyHeld(message);
          return this.#alert(`${code}:${message}`, msFromUs(nowUs), nowUs, held, severity, words, { code });
        }
        if (code !== 'strategy_threw' && code !== 'strategy_stuck') return null;
        return this.#alert(
          `strategy_failed:${message}`,
          msFromUs(nowUs),
          nowUs,
          'strategy_failed',
          'critical',
          this.#words.strategyFailed(message),
          { code },
        );
      }
      default:
        return null;
    }
  }

  #alert(
    key: string,
    when: number,
    tsUs: TimestampUs,
    kind: Alert['kind'],
    severity: Alert['severity'],
    { title, text }: Words,
    details: Readonly<Record<string, unknown>>,
  ): Alert {
    return {
      id: `${key}#${when}`,
      tsUs,
      kind,
      severity,
      title,
      text,
      details: { accountId: this.#accountId, ...details },
    };
  }

  #count({ fill }: Of<'fill'>): void {
    this.#day?.fill(fill);
    const known = this.#fees.get(fill.clientOrderId) ?? { filled: 0, sums: new Map() };
    known.filled += fill.quantity;
    addTo(known.sums, fill.feeAsset, fill.fee);
    this.#fees.set(fill.clientOrderId, known);
    for (const oldest of this.#fees.keys()) {
      if (this.#fees.size <= ORDERS_MAX) break;
      this.#fees.delete(oldest);
    }
  }

  /** One alert an order, when it is done. */
  #order({ order, instrument }: Of<'order'>, nowUs: TimestampUs): Alert | null {
    if (!isFinal(order.status)) return null;
    const known = this.#fees.get(order.clientOrderId);
    this.#fees.delete(order.clientOrderId);
    if (order.filledQuantity === 0) return null;
    const message = encodeOrder(order, instrument);
    const isProtective = isProtectiveOrderId(order.clientOrderId);
    const exit: FillFacts['exit'] = isProtective ? (order.tag === PROFIT_TAG ? 'take_profit' : 'stop') : null;
    const facts = {
      instrument: order.instrument,
      strategyId: order.strategyId,
      orderId: order.clientOrderId,
      side: order.side,
      filled: message.filledQuantity,
      quantity: message.quantity,
      base: instrument.base,
      quote: instrument.quote,
      averagePrice: message.averagePrice,
      value: formatAmount(order.filledNotional),
      // Fills of an earlier life of the program are not among those that were seen.
      fees: known !== undefined && known.filled === order.filledQuantity ? sumsText(known.sums) : null,
      slippageBps: message.slippageBps,
      status: order.status,
      exit,
    };
    const [kind, severity] = exit === 'stop' ? (['stop', 'warning'] as const) : (['fill', 'info'] as const);
    return this.#alert(`${kind}:${order.clientOrderId}`, 0, nowUs, kind, severity, this.#words.fill(facts), facts);
  }

  #denied({ decision }: Of<'decision'>, nowUs: TimestampUs): Alert | null {
    const { strategyId, instrument, risk } = decision;
    if (typeof risk !== 'object' || risk === null || !('rule' in risk) || !LIMIT_RULES.has(risk.rule)) return null;
    const { rule, message, limit, actual } = risk as {
      rule: string;
      message?: string;
      limit?: string;
      actual?: string;
    };
    const words = this.#words.denied(instrument ?? 'account', strategyId, rule, message ?? rule);
    const details = { strategyId, instrument, rule, limit: limit ?? null, actual: actual ?? null };
    return this.#alert(
      `denied:${strategyId}:${instrument ?? 'account'}:${rule}`,
      msFromUs(nowUs),
      nowUs,
      'denied',
      'warning',
      words,
      details,
    );
  }

  #state({ gate }: Of<'trading-state'>, nowUs: TimestampUs): Alert | null {
    const before = this.#gate;
    this.#gate = gate;
    const { state, reason, by, sinceUs } = gate;
    const details = { state, reason, by };
    const sinceMs = msFromUs(sinceUs ?? nowUs);
    if (state === 'HALTED') {
      if (before?.state === 'HALTED' && before.reason === reason) return null;
      // Each halt is told, however soon after another; the same one found at a restart is known by its time.
      return this.#alert(
        `halt:${sinceMs}:${reason ?? ''}`,
        0,
        nowUs,
        'halt',
        'critical',
        this.#words.state('halt', reason, by),
        details,
      );
    }
    if (state === 'REDUCING') {
      const key = by === 'user' ? `reducing:${sinceMs}` : `reducing:${(reason ?? '').replaceAll(DIGITS, '')}`;
      return this.#alert(
        key,
        sinceMs,
        nowUs,
        'reducing',
        'warning',
        this.#words.state('reducing', reason, by),
        details,
      );
    }
    if (before === null || before.state === 'ACTIVE') return null;
    const isPlain = by !== 'user' && before.state === 'REDUCING';
    const key = isPlain ? 'resumed' : `resumed:${sinceMs}`;
    return this.#alert(key, sinceMs, nowUs, 'resumed', 'info', this.#words.state('resumed', reason, by), details);
  }

  #connection(what: string, isLive: boolean, reason: string | null, nowUs: TimestampUs): readonly Alert[] {
    const gone = this.#gone.get(what);
    if (!isLive) {
      if (gone === undefined) this.#gone.set(what, { sinceUs: nowUs, reason, told: false });
      return [];
    }
    this.#gone.delete(what);
    if (gone?.told !== true) return [];
    const names = what === REPORTS ? null : [what];
    const key = `reconnect:${what === REPORTS ? 'reports' : what}`;
    return [
      this.#alert(key, msFromUs(nowUs), nowUs, 'reconnect', 'info', this.#words.reconnect(names), {
        instruments: names,
      }),
    ];
  }

  #overdue(nowUs: TimestampUs): readonly Alert[] {
    const late = [...this.#gone].filter(([, gone]) => !gone.told && nowUs - gone.sinceUs >= this.#afterUs);
    for (const [, gone] of late) gone.told = true;
    const seconds = Math.round(this.#afterUs / 1_000_000);
    const feeds = late.filter(([what]) => what !== REPORTS);
    const alerts: Alert[] = [];
    const tell = (names: readonly string[] | null, reason: string | null): void => {
      const key = `disconnect:${names === null ? 'reports' : names.join(',')}`;
      const words = this.#words.disconnect(names, seconds, reason);
      alerts.push(
        this.#alert(key, msFromUs(nowUs), nowUs, 'disconnect', 'warning', words, {
          instruments: names,
          seconds,
          reason,
        }),
      );
    };
    // Feeds mostly go together: one message for all of them.
    if (feeds.length > 0)
      tell(
        feeds.map(([what]) => what),
        feeds[0]?.[1].reason ?? null,
      );
    for (const [what, { reason }] of late) if (what === REPORTS) tell(null, reason);
    return alerts;
  }

  #protection(positions: readonly PositionView[], nowUs: TimestampUs): readonly Alert[] {
    const seen = new Map<string, string>();
    const alerts: Alert[] = [];
    for (const { strategyId, instrument, protection } of positions) {
      if (protection === null) continue;
      const { mode, stopPrice, reason } = protection;
      const key = `${strategyId}:${instrument}`;
      seen.set(key, mode);
      if (this.#modes.get(key) === mode || mode === 'resting' || mode === 'paused') continue;
      const words = this.#words.stop(mode, instrument, strategyId, stopPrice, reason);
      alerts.push(
        this.#alert(`stop:${key}:${mode}`, msFromUs(nowUs), nowUs, 'stop', 'warning', words, {
          strategyId,
          instrument,
          mode,
          stopPrice,
          reason,
        }),
      );
    }
    this.#modes.clear();
    for (const [key, mode] of seen) this.#modes.set(key, mode);
    return alerts;
  }

  /** The summary of a day, once the next has begun: its first equity is the last of the day before. */
  #dayOf({ account }: Of<'account'>, nowUs: TimestampUs): Alert | null {
    const before = this.#account;
    this.#account = account;
    if (before?.dayStartUs === account.dayStartUs || account.dayStartUs === null) return null;
    const counts = this.#day;
    this.#day = new DayCounts();
    if (before === null || before.dayStartUs === null) return null;
    const start = amountOf(before.dayStartEquity);
    const end = amountOf(account.dayStartEquity);
    const below = drawdownOf(end, amountOf(account.peakEquity));
    const facts = {
      from: timeText(before.dayStartUs),
      to: timeText(nowUs),
      quote: this.#quoteAsset,
      equity: end === null ? null : formatAmount(end),
      // The day's first equity has moved with every deposit and withdrawal since.
      profit: start === null || end === null ? null : formatAmount(subtractAmounts(end, start)),
      drawdown: below === null ? null : `${(below * 100).toFixed(2)} %`,
      orders: counts?.orders.size ?? null,
      fills: counts?.fills ?? null,
      fees: counts === null ? null : sumsText(counts.fees),
      transfers: counts === null ? null : sumsText(counts.transfers),
    };
    return this.#alert(
      `daily_summary:${before.dayStartUs}`,
      0,
      nowUs,
      'daily_summary',
      'info',
      this.#words.day(facts),
      facts,
    );
  }
}

const amountOf = (text: string | null): Amount | null => (text === null ? null : expectOk(parseAmount(text)));
const timeText = (us: TimestampUs): string =>
  `${new Date(msFromUs(us)).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
