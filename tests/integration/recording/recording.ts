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
