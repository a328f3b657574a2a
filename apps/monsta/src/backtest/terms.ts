import type { BacktestSpec } from '@monsta/contracts';
import {
  assetId,
  err,
  expectOk,
  ok,
  parseAmount,
  parseStep,
  quantity,
  symbolAssets,
  type AssetId,
  type BarSeries,
  type Instrument,
  type Result,
} from '@monsta/core';

/** What an account is kept in where an instrument's name does not tell its quote asset: that of a share, say. */
const QUOTE_UNSAID = 'USD';
/** Above it a size in lots is no safe integer any more, with room for what is added up. */
const LOTS_MAX = 2 ** 50;

/** The asset that the account is kept in. Fault `backtest_quote`: the instruments have several. */
export function quoteAssetOf(spec: Pick<BacktestSpec, 'quote' | 'instruments'>): Result<AssetId> {
  const { quote, instruments } = spec;
  if (quote !== null) return ok(assetId(quote));
  const quotes = [...new Set(instruments.map((id) => symbolAssets(id)?.quote ?? QUOTE_UNSAID))];
  const [only = QUOTE_UNSAID] = quotes;
  return quotes.length < 2
    ? ok(assetId(only))
    : err(
        'backtest_quote',
        `the instruments are quoted in ${quotes.join(' and ')}, and an account is kept in one asset; name it with --quote, or leave some out`,
      );
}

/** The terms that the specification gives an instrument; its steps of price are those of the data. */
export function instrumentTerms(instrument: Instrument, spec: BacktestSpec, quote: AssetId): Instrument {
  const { id } = instrument;
  const base = id.endsWith(quote) && id.length > quote.length ? id.slice(0, -quote.length) : id;
  return {
    ...instrument,
    base: assetId(base),
    quote,
    lot: expectOk(parseStep(spec.lot)),
    quantityMin: quantity(1),
    quantityMax: quantity(Number.MAX_SAFE_INTEGER),
    marketQuantityMax: null,
    notionalMin: expectOk(parseAmount(spec.notionalMin)),
    notionalMax: null,
  };
}

/** Fault `backtest_lot` where so small a lot can't count what the cash buys. */
export function lotFault({ instrument, low }: BarSeries, cash: string): Result<null> {
  const { tick, lot, id } = instrument;
  const lowest = low.reduce((least, ticks) => Math.min(least, ticks), Infinity) * tick.units * 10 ** -tick.scale;
  const lots = (Number(cash) / lowest) * (10 ** lot.scale / lot.units);
  if (!(lots > LOTS_MAX)) return ok(null);
  const fitting = 10 ** Math.ceil(Math.log10(Number(cash) / lowest / LOTS_MAX));
  return err(
    'backtest_lot',
    `${cash} buys more lots of ${id} at its lowest price (${lowest}) than can be counted exactly; give a coarser --lot, at least ${fitting < 1 ? fitting.toFixed(Math.round(-Math.log10(fitting))) : fitting}`,
  );
}
