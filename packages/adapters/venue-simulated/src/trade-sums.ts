/**
 * Sums over trades, what a bar is made of: nine numbers side by side, each at its place. Prices in ticks, volumes in lots and ticks × lots;
 * all exact as long as they cover no more than an hour. A place for trades that holds 0 means that the others hold nothing yet.
 */
export const SUM = {
  open: 0,
  high: 1,
  low: 2,
  close: 3,
  lots: 4,
  value: 5,
  takerLots: 6,
  takerValue: 7,
  trades: 8,
} as const;
export const SUM_LENGTH = 9;

/** Adds trades, themselves summed, that follow those in `sums`. */
export function addTrades(sums: Float64Array, added: Readonly<Record<keyof typeof SUM, number>>): void {
  const isFirst = sums[SUM.trades] === 0;
  if (isFirst) sums[SUM.open] = added.open;
  sums[SUM.high] = isFirst ? added.high : Math.max(sums[SUM.high] ?? 0, added.high);
  sums[SUM.low] = isFirst ? added.low : Math.min(sums[SUM.low] ?? 0, added.low);
  sums[SUM.close] = added.close;
  sums[SUM.lots] = (sums[SUM.lots] ?? 0) + added.lots;
  sums[SUM.value] = (sums[SUM.value] ?? 0) + added.value;
  sums[SUM.takerLots] = (sums[SUM.takerLots] ?? 0) + added.takerLots;
  sums[SUM.takerValue] = (sums[SUM.takerValue] ?? 0) + added.takerValue;
  sums[SUM.trades] = (sums[SUM.trades] ?? 0) + added.trades;
}
