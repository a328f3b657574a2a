import type { BacktestOutcome } from '@monsta/simulation/backtest';

const COLUMNS = ['timeMs', 'equity', 'exposure', 'buyAndHold'] as const;

/** The curve in columns of equal length. */
export type EquityColumns = Readonly<Record<(typeof COLUMNS)[number], Float64Array>>;

export const equityColumns = ({ curve, benchmark }: Pick<BacktestOutcome, 'curve' | 'benchmark'>): EquityColumns => ({
  ...curve,
  buyAndHold: benchmark,
});

/** The bytes of `equity.bin`: the four columns one after the other, each number as 8 bytes of this machine's order. */
export const equityBytes = (columns: EquityColumns): readonly Uint8Array[] =>
  COLUMNS.map((name) => {
    const { buffer, byteOffset, byteLength } = columns[name];
    return new Uint8Array(buffer, byteOffset, byteLength);
  });

/** The columns of an `equity.bin`. */
export function readEquity(bytes: Uint8Array): EquityColumns {
  const whole = Float64Array.from(
    new Float64Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength)),
  );
  const length = whole.length / COLUMNS.length;
  const column = (index: number): Float64Array => whole.subarray(index * length, (index + 1) * length);
  return { timeMs: column(0), equity: column(1), exposure: column(2), buyAndHold: column(3) };
}

/** The columns as JSON arrays. */
export const equityJson = (columns: EquityColumns): string =>
  `{${COLUMNS.map((name) => `"${name}":[${columns[name].join(',')}]`).join(',')}}`;
