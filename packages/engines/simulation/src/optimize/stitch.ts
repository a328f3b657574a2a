import type { BacktestOutcome, DenialCounts } from '../backtest/outcome.ts';

/** Joins columns; of all but the first the first element is left out: the end of the part before it. */
function joined(columns: readonly Float64Array[], scaleOf: (index: number) => number = () => 1): Float64Array {
  const parts = columns.map((column, index) => (index === 0 ? column : column.subarray(1)));
  const whole = new Float64Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const [index, part] of parts.entries()) {
    const scale = scaleOf(index);
    for (const value of part) {
      whole[at] = value * scale;
      at += 1;
    }
  }
  return whole;
}

function summed(counts: readonly DenialCounts[]): DenialCounts {
  const sum: Record<string, number> = {};
  for (const each of counts) for (const [rule, count] of Object.entries(each)) sum[rule] = (sum[rule] ?? 0) + count;
  return sum;
}

/**
 * One outcome of runs that follow each other, each with the cash that the one before ended with. The benchmark goes on likewise: in each part what it holds is bought anew, at that
 * part's cost. Null for none.
 */
export function stitched(parts: readonly BacktestOutcome[]): BacktestOutcome | null {
  const [first] = parts;
  const last = parts.at(-1);
  if (first === undefined || last === undefined) return null;
  // What the benchmark had become where each part begins, over the cash that it began with there.
  const scales: number[] = [];
  let worth = first.initialCash;
  for (const { benchmark, initialCash } of parts) {
    const scale = initialCash > 0 ? worth / initialCash : 0;
    scales.push(scale);
    worth = (benchmark.at(-1) ?? initialCash) * scale;
  }
  const curves = parts.map(({ curve }) => curve);
  return {
    startMs: first.startMs,
    endMs: last.endMs,
    bars: parts.reduce((sum, { bars }) => sum + bars, 0),
    initialCash: first.initialCash,
    curve: {
      timeMs: joined(curves.map(({ timeMs }) => timeMs)),
      equity: joined(curves.map(({ equity }) => equity)),
      exposure: joined(curves.map(({ exposure }) => exposure)),
    },
    benchmark: joined(
      parts.map(({ benchmark }) => benchmark),
      (index) => scales[index] ?? 1,
    ),
    // Each run counts its trades from the beginning.
    trades: parts.flatMap(({ trades }, part) => trades.map((trade) => ({ ...trade, id: `${part}/${trade.id}` }))),
    orders: parts.flatMap(({ orders }) => orders),
    fills: parts.flatMap(({ fills }) => fills),
    decisions: parts.flatMap(({ decisions }) => decisions),
    orderCount: parts.reduce((sum, { orderCount }) => sum + orderCount, 0),
    fillCount: parts.reduce((sum, { fillCount }) => sum + fillCount, 0),
    turnover: parts.reduce((sum, { turnover }) => sum + turnover, 0),
    slippage: parts.reduce((sum, { slippage }) => sum + slippage, 0),
    denials: summed(parts.map(({ denials }) => denials)),
    failures: parts.flatMap(({ failures }) => failures),
  };
}
