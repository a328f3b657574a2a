import { assetId, type AssetId } from './ids.ts';

/** What symbols of spot markets end in, most of them at Binance; of two that fit, the longer one stands first. */
const QUOTE_ASSETS = [
  ...['USDT', 'USDC', 'FDUSD', 'TUSD', 'BUSD'],
  ...['BTC', 'ETH', 'BNB', 'USD', 'EUR', 'TRY', 'BRL', 'JPY'],
] as const;

/** The two assets that a symbol without a separator names, by its end: `BTCUSDT` is BTC in USDT. Null where it ends in none that is known as a quote asset. */
export function symbolAssets(symbol: string): { readonly base: AssetId; readonly quote: AssetId } | null {
  const quote = QUOTE_ASSETS.find((asset) => symbol.endsWith(asset) && symbol.length > asset.length);
  return quote === undefined ? null : { base: assetId(symbol.slice(0, -quote.length)), quote: assetId(quote) };
}
