import type { BacktestSource } from '@monsta/contracts';
import { EXCHANGE, type BacktestDraft } from './backtest-draft.ts';

/** Where bars may come from. */
export type BarsPlace = Pick<BacktestDraft, 'source' | 'market'>;

/** A place as one word. */
export const placeValue = ({ source, market }: BarsPlace): string =>
  source === 'catalogue' && market !== null ? `catalogue:${market}` : source;

const marketsOf = (sources: readonly BacktestSource[]): ReadonlySet<string> =>
  new Set(sources.flatMap(({ kind, market }) => (kind === 'catalogue' && market !== null ? [market] : [])));

/** Where a form takes its bars from, by the market's whole name: a command, or who asks over REST, may name one by the beginning of it alone. */
export function placeOfBars(sources: readonly BacktestSource[], { source, market }: BarsPlace): BarsPlace {
  const markets = [...marketsOf(sources)];
  if (source !== 'catalogue' || market === null || markets.includes(market)) return { source, market };
  const [only, ...more] = markets.filter((each) => each.startsWith(market));
  if (only === undefined || more.length > 0) return { source, market };
  return { source, market: only === EXCHANGE ? null : only };
}

/** Where a form may take its bars from, and where it does: what was run once may be of a catalogue that is not there. */
export function barsPlaces(sources: readonly BacktestSource[], { source, market }: BarsPlace): readonly BarsPlace[] {
  const markets = new Set(marketsOf(sources));
  if (source === 'catalogue') markets.add(market ?? EXCHANGE);
  return [
    { source: 'collected', market: null },
    ...[...markets].map((each) => ({ source: 'catalogue' as const, market: each === EXCHANGE ? null : each })),
    { source: 'file', market: null },
  ];
}
