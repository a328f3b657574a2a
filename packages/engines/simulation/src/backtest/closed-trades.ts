import { numberOfId, type InstrumentId, type StrategyId } from '@monsta/core';
import { ExactColumns } from './exact-columns.ts';
import type { BacktestTrade } from './outcome.ts';

/** A trade that has closed, in exact amounts: money in the quote asset, quantities in the base asset. */
export interface ClosedTrade {
  readonly strategyId: StrategyId;
  readonly instrument: InstrumentId;
  readonly direction: BacktestTrade['direction'];
  readonly entryTag: string | null;
  readonly exitTag: string | null;
  readonly exitCause: BacktestTrade['exitCause'];
  /** Of the fill that closed it. */
  readonly key: string;
  readonly openedMs: number;
  readonly closedMs: number;
  readonly adversePpm: number;
  readonly favourablePpm: number;
  readonly entryQuantity: bigint;
  readonly entryValue: bigint;
  readonly exitQuantity: bigint;
  readonly exitValue: bigint;
  readonly largest: bigint;
  /** Net of all fees, as far as they are known. */
  readonly profit: bigint;
  readonly fees: bigint;
}

type Kind = Pick<ClosedTrade, 'strategyId' | 'instrument' | 'direction' | 'entryTag' | 'exitTag' | 'exitCause'>;

/** Of each row: opened, closed, adverse, favourable, the number of the key, and its kind. */
const WIDTH = 6;
/** How many of the newest kinds are compared before another one is made. */
const KINDS_LOOKED_AT = 16;
const AMOUNTS = 7;

/** Closed trades by columns, until somebody reads them: they would be what a long backtest keeps most of. */
export class ClosedTrades {
  #numbers = new Float64Array(0);
  readonly #amounts = new ExactColumns(AMOUNTS);
  /** Keys that are no plain numbers, by row. */
  readonly #keys = new Map<number, string>();
  readonly #kinds: Kind[] = [];
  length = 0;

  add(trade: ClosedTrade): void {
    const row = this.length;
    const at = row * WIDTH;
    if (at === this.#numbers.length) this.#grow(2 * row + 16);
    const numbers = this.#numbers;
    const key = numberOfId(trade.key);
    if (key < 0) this.#keys.set(row, trade.key);
    numbers[at] = trade.openedMs;
    numbers[at + 1] = trade.closedMs;
    numbers[at + 2] = trade.adversePpm;
    numbers[at + 3] = trade.favourablePpm;
    numbers[at + 4] = key;
    numbers[at + 5] = this.#kindOf(trade);
    const amounts = this.#amounts;
    amounts.set(row, 0, trade.entryQuantity);
    amounts.set(row, 1, trade.entryValue);
    amounts.set(row, 2, trade.exitQuantity);
    amounts.set(row, 3, trade.exitValue);
    amounts.set(row, 4, trade.largest);
    amounts.set(row, 5, trade.profit);
    amounts.set(row, 6, trade.fees);
    this.length = row + 1;
  }

  at(row: number): ClosedTrade {
    const [numbers, amounts] = [this.#numbers, this.#amounts];
    const at = row * WIDTH;
    const kind = this.#kinds[numbers[at + 5] as number] as Kind;
    return {
      strategyId: kind.strategyId,
      instrument: kind.instrument,
      direction: kind.direction,
      entryTag: kind.entryTag,
      exitTag: kind.exitTag,
      exitCause: kind.exitCause,
      key: this.#keys.get(row) ?? String(numbers[at + 4]),
      openedMs: numbers[at] as number,
      closedMs: numbers[at + 1] as number,
      adversePpm: numbers[at + 2] as number,
      favourablePpm: numbers[at + 3] as number,
      entryQuantity: amounts.get(row, 0),
      entryValue: amounts.get(row, 1),
      exitQuantity: amounts.get(row, 2),
      exitValue: amounts.get(row, 3),
      largest: amounts.get(row, 4),
      profit: amounts.get(row, 5),
      fees: amounts.get(row, 6),
    };
  }

  #grow(rows: number): void {
    const numbers = new Float64Array(rows * WIDTH);
    numbers.set(this.#numbers);
    this.#numbers = numbers;
    this.#amounts.reserve(rows);
  }

  #kindOf({ strategyId, instrument, direction, entryTag, exitTag, exitCause }: ClosedTrade): number {
    const kinds = this.#kinds;
    const oldest = Math.max(0, kinds.length - KINDS_LOOKED_AT);
    for (let index = kinds.length - 1; index >= oldest; index -= 1) {
      const kind = kinds[index] as Kind;
      if (
        kind.exitCause === exitCause &&
        kind.direction === direction &&
        kind.exitTag === exitTag &&
        kind.entryTag === entryTag &&
        kind.instrument === instrument &&
        kind.strategyId === strategyId
      )
        return index;
    }
    kinds.push({ strategyId, instrument, direction, entryTag, exitTag, exitCause });
    return kinds.length - 1;
  }
}
