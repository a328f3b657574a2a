import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { serveExchange } from '@monsta/binance-server';
import { systemClock } from '@monsta/clock-system';
import { expectOk } from '@monsta/core';
import { createHttpServer } from '@monsta/http-server-fastify';
import { silentTelemetry } from '@monsta/testkit';
import { createReplayExchange, openRecording } from '@monsta/venue-replay';
import { describe, expect, it } from 'vitest';
import { recordingFiles } from './recording.ts';

const HISTORY = join(dirname(recordingFiles[0] ?? ''), 'BTCUSDT-1h-20170817-20240421.csv.gz');
const HOUR_MS = 3_600_000;

function unzipProgram(): string | null {
  try {
    execFileSync('unzip', ['-v'], { stdio: 'ignore' });
    return null;
  } catch {
    // Without the program the test is left out, and says so.
    return 'no unzip on this machine';
  }
}

const absent = [...recordingFiles, HISTORY].every((file) => existsSync(file)) ? unzipProgram() : 'no recordings here';

describe.skipIf(absent !== null)(
  `the bulk archive of recorded history over HTTP${absent === null ? '' : ` (skipped: ${absent})`}`,
  () => {
    it('holds real months, in milliseconds before 2025, as any client downloads and unzips them', async () => {
      const { logger } = silentTelemetry();
      const clock = systemClock();
      const recording = expectOk(await openRecording(recordingFiles, { historyPath: HISTORY }));
      const model = createReplayExchange({ recording, clock, logger, sessionStartUs: clock.nowUs(), speed: 1 });
      const httpServer = createHttpServer({ logger });
      const served = expectOk(await serveExchange({ model, clock, logger, httpServer, host: '127.0.0.1', port: 0 }));
      const folder = mkdtempSync(join(tmpdir(), 'monsta-archive-'));
      try {
        const root = `${served.restUrl}/data/spot/monthly/klines/BTCUSDT/1h`;
        const name = 'BTCUSDT-1h-2017-09';
        const head = await fetch(`${root}/${name}.zip`, { method: 'HEAD' });
        const zip = Buffer.from(await (await fetch(`${root}/${name}.zip`)).arrayBuffer());
        expect([head.status, head.headers.get('content-length')]).toEqual([200, String(zip.byteLength)]);
        expect(head.headers.get('x-monsta-origin')).toBe('replay');
        const sha256 = createHash('sha256').update(zip).digest('hex');
        expect(await (await fetch(`${root}/${name}.zip.CHECKSUM`)).text()).toBe(`${sha256}  ${name}.zip\n`);
        writeFileSync(join(folder, 'file.zip'), zip);
        execFileSync('unzip', ['-q', 'file.zip'], { cwd: folder });
        const rows = readFileSync(join(folder, `${name}.csv`), 'utf8')
          .trimEnd()
          .split('\n')
          .map((line) => line.split(','));

        const [from, to] = [Date.UTC(2017, 8, 1), Date.UTC(2017, 9, 1)];
        const recorded = gunzipSync(readFileSync(HISTORY))
          .toString('utf8')
          .split('\n')
          .map((line) => line.split(','))
          .filter(([open]) => Number(open) >= from && Number(open) < to);
        expect(recorded.length).toBeGreaterThan(700);
        expect(rows.map((row) => row.slice(0, 6).map(Number))).toEqual(recorded.map((row) => row.map(Number)));
        for (const row of rows) expect(Number(row[6])).toBe(Number(row[0]) + HOUR_MS - 1);

        // Of a day of which minutes were recorded there is no file of trades.
        const day = await fetch(`${served.restUrl}/data/spot/daily/trades/BTCUSDT/BTCUSDT-trades-2024-08-08.zip`);
        expect(day.status).toBe(404);
        expect(await day.text()).toContain('<Code>NoSuchKey</Code>');
        const listed = await (await fetch(`${served.restUrl}/?prefix=data/spot/monthly/klines/BTCUSDT/1d/`)).text();
        expect(listed).toContain('<Key>data/spot/monthly/klines/BTCUSDT/1d/BTCUSDT-1d-2017-08.zip</Key>');
      } finally {
        rmSync(folder, { recursive: true });
        await served.close(100);
      }
    });
  },
);
