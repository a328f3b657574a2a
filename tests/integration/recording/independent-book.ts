/**
 * The imbalance of the recorded book, minute by minute, with nothing of MONSTA's: a map of prices a side, sums of products.
 */
export interface CountedImbalance {
  readonly openTimeMs: number;
  /** Up to the first trade of a later minute. */
  readonly imbalance: number;
}

interface DepthLine {
  readonly E: number;
  readonly u: number;
  readonly b: readonly (readonly [string, string])[];
  readonly a: readonly (readonly [string, string])[];
}

interface Snapshot {
  readonly lastUpdateId: number;
  readonly bids: DepthLine['b'];
  readonly asks: DepthLine['a'];
}

interface Line {
  readonly stream?: string;
  readonly data?: unknown;
}

function take(side: Map<number, number>, levels: DepthLine['b']): void {
  for (const [price, size] of levels) {
    if (Number(size) === 0) side.delete(Number(price));
    else side.set(Number(price), Number(size));
  }
}

/** Lines of the recording in order; a minute is over, and what stands then stands to its end, with the first trade of a later one. */
export function countImbalance(jsons: readonly string[]): readonly CountedImbalance[] {
  const lines = jsons.map((json) => JSON.parse(json) as Line & Partial<Snapshot>);
  const snapshot = lines.find(({ lastUpdateId }) => lastUpdateId !== undefined);
  if (snapshot?.lastUpdateId === undefined || snapshot.bids === undefined || snapshot.asks === undefined) return [];
  const [bids, asks] = [new Map<number, number>(), new Map<number, number>()];
  take(bids, snapshot.bids);
  take(asks, snapshot.asks);
  const now = (): number => {
    const [bid = 0, ask = 0] = [bids.get(Math.max(...bids.keys())), asks.get(Math.min(...asks.keys()))];
    return (bid - ask) / (bid + ask);
  };
  const tallies = new Map<number, { ms: number; sum: number }>();
  const found: CountedImbalance[] = [];
  let [sinceMs, standing, minute] = [0, Number.NaN, 0];
  const addTo = (into: typeof tallies, toMs: number): void => {
    for (let at = sinceMs; at < toMs && !Number.isNaN(standing);) {
      const openMs = at - (at % 60_000);
      const end = Math.min(toMs, openMs + 60_000);
      const tally = into.get(openMs) ?? { ms: 0, sum: 0 };
      into.set(openMs, { ms: tally.ms + end - at, sum: tally.sum + standing * (end - at) });
      at = end;
    }
  };
  for (const { stream, data } of lines) {
    if (stream === 'btcusdt@depth@100ms') {
      const depth = data as DepthLine;
      if (depth.u <= snapshot.lastUpdateId) continue;
      addTo(tallies, depth.E);
      take(bids, depth.b);
      take(asks, depth.a);
      [sinceMs, standing] = [depth.E, now()];
    }
    if (stream !== 'btcusdt@trade') continue;
    const { T } = data as { readonly T: number };
    const openMs = T - (T % 60_000);
    if (minute !== 0 && openMs > minute) {
      const settled = new Map(tallies);
      addTo(settled, minute + 60_000);
      const { ms = 0, sum = 0 } = settled.get(minute) ?? {};
      found.push({ openTimeMs: minute, imbalance: sum / ms });
    }
    minute = Math.max(minute, openMs);
  }
  return found;
}
