import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { emptyBarColumns, writeBar, type BarColumns } from '@monsta/features';

const FILE = fileURLToPath(new URL('../../../../shared/data/BTCUSDT-1h-20170817-20240421.csv.gz', import.meta.url));

/** Without the recorded bars their tests are skipped and say so. */
export const present = existsSync(FILE);
if (!present) console.warn(`skipped: the recorded bars are absent (${FILE})`);

export interface Hour {
  readonly openTimeMs: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number;
}

/** Hourly bars of BTCUSDT at Binance over more than six years, oldest first, with the exchange's own gaps. */
export const realHours = (): readonly Hour[] =>
  gunzipSync(readFileSync(FILE))
    .toString('utf8')
    .trim()
    .split('\n')
    // A header: `openTimeMs,open,high,low,close,volume`.
    .slice(1)
    .map((line) => {
      const [openTimeMs = NaN, open = NaN, high = NaN, low = NaN, close = NaN, volume = NaN] = line
        .split(',')
        .map(Number);
      return { openTimeMs, open, high, low, close, volume };
    });

export function hourColumns(hours: readonly Hour[]): BarColumns {
  const columns = emptyBarColumns('1h', hours.length);
  for (const [index, hour] of hours.entries()) writeBar(columns, index, hour);
  return columns;
}
