import { addAmounts, formatAmount, subtractAmounts, ZERO_AMOUNT } from '@monsta/core';
import type { Amount, StrategyId, TimestampUs } from '@monsta/core';
import { isSampleDue, NEW_EQUITY, valued, withFlow, type EquityState } from './equity-book.ts';
import type { Emit, KernelConfig } from './kernel-types.ts';
import type { EquitySample } from './book-records.ts';
import type { KeptRecords } from './kept-records.ts';
import type { Markets } from './markets.ts';
import type { Portfolio } from './portfolio.ts';
import { encodePosition } from './position-record.ts';
import { unrealizedProfit } from './position.ts';
import { endedTrip, roundTripOf, type Closing, type Moved } from './round-trip.ts';

interface BooksParts {
  readonly config: KernelConfig;
  readonly markets: Markets;
  readonly portfolio: Portfolio;
  readonly emit: Emit;
  readonly keeps: KeptRecords;
}

/** Keeps what follows from fills and prices: round trips, and the equity over time. */
export class Books {
  readonly #parts: BooksParts;
  #equity: EquityState = NEW_EQUITY;

  constructor(parts: BooksParts) {
    this.#parts = parts;
  }

  /** What has to survive a restart beside the records. */
  get equity(): EquityState {
    return this.#equity;
  }

  restore(equity: EquityState | null): void {
    this.#equity = equity ?? NEW_EQUITY;
  }

  /** Records a position that moved, and the round trip that ended with it. */
  moved({ position, closed }: Moved, closing: Closing): void {
    const { emit, config, keeps } = this.#parts;
    if (keeps.ledger) emit({ kind: 'position', position: encodePosition(position, config.accountId) });
    if (closed === null) return;
    const ended = endedTrip(closed, position, closing);
    emit({ kind: 'trip-ended', ended });
    if (keeps.ledger) emit({ kind: 'round-trip', roundTrip: roundTripOf(ended, config.accountId) });
  }

  /** Money that came or went without a trade counts as neither profit nor loss. */
  shift(by: Amount): void {
    this.#equity = withFlow(this.#equity, by);
  }

  /** Takes the equity of this moment, and keeps a sample when one is due; true when the state must be recorded. */
  observe(equity: Amount, nowUs: TimestampUs, dayStartUs: TimestampUs | null): boolean {
    const { emit, config, portfolio, keeps } = this.#parts;
    // The account is looked at far more often than a sample is kept, and in a backtest none is.
    if (!keeps.ledger || !isSampleDue(this.#equity, nowUs, dayStartUs)) return false;
    const { state, growth, linked } = valued(this.#equity, equity, nowUs, dayStartUs, config.equitySampleMs * 1_000);
    this.#equity = state;
    for (const position of portfolio.takeExcursed())
      emit({ kind: 'position', position: encodePosition(position, config.accountId) });
    emit({ kind: 'equity', sample: this.#sampleOf(equity, growth, nowUs) });
    return linked;
  }

  #sampleOf(equity: Amount, growth: Amount, tsUs: TimestampUs): EquitySample {
    const { config, portfolio } = this.#parts;
    const cash = portfolio.money.of(config.quoteAsset) ?? ZERO_AMOUNT;
    return {
      accountId: config.accountId,
      tsUs,
      equity: formatAmount(equity),
      cash: formatAmount(cash),
      exposure: formatAmount(subtractAmounts(equity, cash)),
      deposits: formatAmount(this.#equity.deposits),
      growth: formatAmount(growth),
      byStrategy: this.#byStrategy(),
    };
  }

  /** Asked only while the equity is known, and with it every price that this needs. */
  #byStrategy(): EquitySample['byStrategy'] {
    const { markets, portfolio } = this.#parts;
    const profits = new Map<StrategyId, { realized: Amount; unrealized: Amount }>();
    for (const position of portfolio.positions()) {
      const sum = profits.get(position.strategyId) ?? { realized: ZERO_AMOUNT, unrealized: ZERO_AMOUNT };
      const instrument = markets.instrument(position.instrument);
      const { mark } = markets.state(position.instrument);
      const open = instrument === null || mark === null ? ZERO_AMOUNT : unrealizedProfit(position, mark, instrument);
      profits.set(position.strategyId, {
        realized: addAmounts(sum.realized, position.realizedProfit),
        unrealized: addAmounts(sum.unrealized, open),
      });
    }
    return Object.fromEntries(
      [...profits]
        .sort(([left], [right]) => (left < right ? -1 : 1))
        .map(([id, { realized, unrealized }]) => [
          id,
          { realized: formatAmount(realized), unrealized: formatAmount(unrealized) },
        ]),
    );
  }
}
