/**
 * Bars counted from the recorded texts with nothing of MONSTA's: decimals as scaled bigints, a map of minutes, sums.
 */
export interface CountedBar {
  openTimeMs: number;
  open: bigint;
  high: bigint;
  low: bigint;
  close: bigint;
  volume: bigint;
  quoteVolume: bigint;
  takerBuyVolume: bigint;
  takerBuyQuoteVolume: bigint;
  trades: number;
  firstTradeId: number;
  lastTradeId: number;
}

export interface RawTrade {
  readonly t: number;
  readonly p: string;
  readonly q: string;
  readonly T: number;
  readonly m: boolean;
}

/** `61737.63000000` → 6173763000000n: the recording prints eight digits everywhere. */
export const eightDigits = (text: string): bigint => {
  const [whole = '', fraction = ''] = text.split('.');
  if (fraction.length !== 8) throw new Error(`'${text}' has not eight digits after the point`);
  return BigInt(whole + fraction);
};

const E8 = 100_000_000n;
const DAY_MS = 86_400_000;

/** Of a week its Monday, of three days those since the exchange's first. */
function openOf(ms: number, intervalMs: number): number {
  if (intervalMs < 3 * DAY_MS) return ms - (ms % intervalMs);
  const day = Math.floor(ms / DAY_MS);
  const back =
    intervalMs === 7 * DAY_MS ? (new Date(ms).getUTCDay() + 6) % 7 : (day - Date.UTC(2017, 7, 17) / DAY_MS) % 3;
  return (day - back) * DAY_MS;
}

export function countBars(trades: readonly RawTrade[], intervalMs: number): CountedBar[] {
  const bars = new Map<number, CountedBar>();
  for (const trade of trades) {
    const openTimeMs = openOf(trade.T, intervalMs);
    const at = eightDigits(trade.p);
    const size = eightDigits(trade.q);
    const bar = bars.get(openTimeMs) ?? {
      openTimeMs,
      open: at,
      high: at,
      low: at,
      close: at,
      volume: 0n,
      quoteVolume: 0n,
      takerBuyVolume: 0n,
      takerBuyQuoteVolume: 0n,
      trades: 0,
      firstTradeId: trade.t,
      lastTradeId: trade.t,
    };
    bars.set(openTimeMs, bar);
    if (at > bar.high) bar.high = at;
    if (at < bar.low) bar.low = at;
    bar.close = at;
    bar.volume += size;
    bar.quoteVolume += at * size;
    if (!trade.m) {
      bar.takerBuyVolume += size;
      bar.takerBuyQuoteVolume += at * size;
    }
    bar.trades += 1;
    bar.lastTradeId = trade.t;
  }
  for (const bar of bars.values()) {
    bar.quoteVolume /= E8;
    bar.takerBuyQuoteVolume /= E8;
  }
  return [...bars.values()];
}
