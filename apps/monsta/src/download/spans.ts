/** From `fromMs` on, before `toMs`. */
export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

export const lengthOf = (spans: readonly Span[]): number =>
  spans.reduce((sum, { fromMs, toMs }) => sum + (toMs - fromMs), 0);

/** The same time in rising order, none touching another; spans without length are left out. */
export function joined(spans: readonly Span[]): readonly Span[] {
  const result: { fromMs: number; toMs: number }[] = [];
  const sound = spans.filter(({ fromMs, toMs }) => fromMs < toMs);
  for (const { fromMs, toMs } of sound.toSorted((left, right) => left.fromMs - right.fromMs)) {
    const last = result.at(-1);
    if (last !== undefined && fromMs <= last.toMs) last.toMs = Math.max(last.toMs, toMs);
    else result.push({ fromMs, toMs });
  }
  return result;
}

/** What of `spans` is not in `taken`. */
export function without(spans: readonly Span[], taken: readonly Span[]): readonly Span[] {
  const away = joined(taken);
  const left: Span[] = [];
  let first = 0;
  for (const { fromMs, toMs } of joined(spans)) {
    let at = fromMs;
    while ((away[first]?.toMs ?? Infinity) <= fromMs) first += 1;
    for (let index = first; index < away.length; index += 1) {
      const gone = away[index];
      if (gone === undefined || gone.fromMs >= toMs) break;
      if (gone.fromMs > at) left.push({ fromMs: at, toMs: gone.fromMs });
      at = Math.max(at, gone.toMs);
    }
    if (at < toMs) left.push({ fromMs: at, toMs });
  }
  return left;
}

/** What of `spans` lies in a window. */
export const within = (spans: readonly Span[], window: Span): readonly Span[] =>
  joined(
    spans.map(({ fromMs, toMs }) => ({
      fromMs: Math.max(fromMs, window.fromMs),
      toMs: Math.min(toMs, window.toMs),
    })),
  );

/** The periods (days, months) that spans touch, each with what of them lies in it. */
export function byPeriod(
  spans: readonly Span[],
  around: (ms: number) => Span,
): readonly { readonly period: Span; readonly spans: readonly Span[] }[] {
  const periods: { period: Span; spans: Span[] }[] = [];
  for (const { fromMs, toMs } of joined(spans)) {
    for (let at = fromMs; at < toMs;) {
      const period = around(at);
      const last = periods.at(-1);
      const part = { fromMs: at, toMs: Math.min(toMs, period.toMs) };
      if (last?.period.fromMs === period.fromMs) last.spans.push(part);
      else periods.push({ period, spans: [part] });
      at = period.toMs;
    }
  }
  return periods;
}
