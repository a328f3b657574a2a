import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

const DATA = join(import.meta.dirname, '../../../../shared/data');
export const recordingFiles: readonly string[] = [
  'binance-spot-btcusdt-20240808.ndjson.gz',
  'binance-spot-btcusdt-20240809.ndjson.gz',
].map((name) => join(DATA, name));

/** Why the recording can't be read here; null when it can. */
export const recordingAbsent: string | null = recordingFiles.every((file) => existsSync(file))
  ? null
  : `no recording in ${DATA}`;

/** The exchange's clock is ahead of the recorder's by about this. */
export const RECORDER_LAG_US = 1_260_000;
/** What the exchange says of the instrument. */
export const EXCHANGE_INFO = JSON.stringify({
  symbols: [
    {
      symbol: 'BTCUSDT',
      status: 'TRADING',
      baseAsset: 'BTC',
      baseAssetPrecision: 8,
      quoteAsset: 'USDT',
      quotePrecision: 8,
      filters: [
        { filterType: 'PRICE_FILTER', minPrice: '0.01000000', maxPrice: '1000000.00000000', tickSize: '0.01000000' },
        { filterType: 'LOT_SIZE', minQty: '0.00001000', maxQty: '9000.00000000', stepSize: '0.00001000' },
        { filterType: 'NOTIONAL', minNotional: '5.00000000', maxNotional: '9000000.00000000', avgPriceMins: 5 },
      ],
    },
  ],
});

export interface RecordedLine {
  /** The recorder's clock. */
  readonly receivedNs: bigint;
  readonly json: string;
}

/** Both files of the recording, in order. */
export function readRecording(): readonly RecordedLine[] {
  return recordingFiles.flatMap((file) =>
    gunzipSync(readFileSync(file))
      .toString('utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => {
        const space = line.indexOf(' ');
        return { receivedNs: BigInt(line.slice(0, space)), json: line.slice(space + 1) };
      }),
  );
}
