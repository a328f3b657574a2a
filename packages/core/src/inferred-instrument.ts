import { assetId, type AssetId, type InstrumentId } from './ids.ts';
import { quantity, type Instrument, type Step } from './instrument.ts';
import { symbolAssets } from './symbol-assets.ts';
import { timestampUs } from './time.ts';

/** What a reader of stored prices has to be told of their instrument. */
export interface InstrumentTerms {
  readonly id: InstrumentId;
  /** Null: as fine as the finest digit of the prices that are read. */
  readonly tick: Step | null;
  readonly lot: Step;
  /** Null: the known asset that the name ends in. */
  readonly quote: AssetId | null;
}

/**
 * An instrument of which no venue is at hand to tell the terms: its name and steps are all that is known, so that nothing else limits an order. `quote` null: the
 * known asset that the name ends in, else the name itself.
 */
export function inferInstrument(terms: InstrumentTerms & { readonly tick: Step }): Instrument {
  const { id, tick, lot } = terms;
  const quote = terms.quote ?? symbolAssets(id)?.quote ?? null;
  const based = quote !== null && id.endsWith(quote) && id.length > quote.length;
  return {
    id,
    base: assetId(based ? id.slice(0, -quote.length) : id),
    quote: quote ?? assetId(id),
    tick,
    lot,
    quantityMin: quantity(1),
    quantityMax: quantity(Number.MAX_SAFE_INTEGER),
    marketQuantityMax: null,
    notionalMin: null,
    notionalMax: null,
    status: 'trading',
    version: 1,
    validFromUs: timestampUs(0),
  };
}
