/** Sums of trades that a bar is made of; the volumes of a day can be more than a plain number holds exactly. */
export interface BarSums {
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly lots: bigint;
  readonly value: bigint;
  readonly takerLots: bigint;
  readonly takerValue: bigint;
  readonly trades: number;
  readonly firstTradeId: number;
}

/** The sums of two stretches, `next` the later one. */
export function addSums(sums: BarSums | null, next: BarSums): BarSums {
  if (sums === null) return next;
  return {
    open: sums.open,
    high: Math.max(sums.high, next.high),
    low: Math.min(sums.low, next.low),
    close: next.close,
    lots: sums.lots + next.lots,
    value: sums.value + next.value,
    takerLots: sums.takerLots + next.takerLots,
    takerValue: sums.takerValue + next.takerValue,
    trades: sums.trades + next.trades,
    firstTradeId: sums.firstTradeId,
  };
}
