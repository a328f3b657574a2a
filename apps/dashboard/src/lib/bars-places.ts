import type { BacktestSource } from '@monsta/contracts';
import { EXCHANGE, type BacktestDraft } from './backtest-draft.ts';

/** Where bars may come from. */
export type BarsPlace = Pick<BacktestDraft, 'source' | 'market'>;

/** A place as one word. */
export const placeValue = ({ source, market }: BarsPlace): string =>
  source === 'catalogue' && market !== null ? `catalogue:${market}` : source;

/** Where a form may take its bars from, and where it does: what was run once may be of a catalogue that is not there, or was named by its beginning. */
export function barsPlaces(sources: readonly BacktestSource[], { source, market }: BarsPlace): readonly BarsPlace[] {
  const markets = new Set(sources.flatMap((each) => (each.kind === 'catalogue' ? [each.market] : [])));
  if (source === 'catalogue') markets.add(market ?? EXCHANGE);
  return [
    { source: 'collected', market: null },
    ...[...markets].map((each) => ({ source: 'catalogue' as const, market: each === EXCHANGE ? null : each })),
    { source: 'file', market: null },
  ];
}
