import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { createMemoryCache } from '@monsta/cache-memory';
import { ParquetCatalog } from '@monsta/catalog-parquet';
import { expectOk, seededRandom } from '@monsta/core';
import { recordingTelemetry, ScriptedTransport, VirtualClock, type ScriptedReply } from '@monsta/testkit';
import { BinanceArchive, createBinanceConnection, HistoryRest } from '@monsta/venue-binance';
import { binanceArchiveConfigSchema } from '@monsta/venue-binance/config';
import { expect, it, onTestFinished } from 'vitest';
import { BTC, NOW_MS, testFolder } from './download.test-support.ts';
import { Download } from './run.ts';
import { TakenRecords } from './taken.ts';

const NAME = 'BTCUSDT-trades-2020-02';
const DAY_MS = 86_400_000;
const FROM = Date.UTC(2020, 1, 3);
const PER_DAY = 40;

/** A zip of one entry that is not packed. PKWARE's APPNOTE.TXT 6.3.10, 4.3.7, 4.3.12, 4.3.16. */
function zipOf(name: string, text: string): Uint8Array {
  const [entry, data] = [Buffer.from(name), Buffer.from(text)];
  const common = Buffer.alloc(26);
  common.writeUInt16LE(20, 0);
  common.writeUInt32LE(crc32(data), 10);
  common.writeUInt32LE(data.length, 14);
  common.writeUInt32LE(data.length, 18);
  common.writeUInt16LE(entry.length, 22);
  const local = Buffer.concat([Buffer.from('PK\u0003\u0004', 'latin1'), common, entry, data]);
  const central = Buffer.concat([Buffer.from('PK\u0001\u0002\u0014\u0000', 'latin1'), common, Buffer.alloc(14), entry]);
  const end = Buffer.alloc(22);
  end.write('PK\u0005\u0006', 'latin1');
  end.writeUInt16LE(1, 8);
  end.writeUInt16LE(1, 10);
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(local.length, 16);
  return Buffer.concat([local, central, end]);
}

/** Trades of the third to the fifth, ids without a hole. */
const TABLE = Array.from({ length: 3 * PER_DAY }, (_, index) => {
  const ms = FROM + Math.floor((index * DAY_MS) / PER_DAY);
  return `${9_000 + index},9300.${10 + (index % 80)},0.002,18.6,${ms},${index % 2 === 0 ? 'True' : 'False'},True\n`;
}).join('');

it('takes days of trades that have no file of their own from the month’s, and fetches that once', async () => {
  const zip = zipOf(`${NAME}.csv`, TABLE);
  const clock = new VirtualClock(NOW_MS * 1_000);
  const handle = ({ url }: { readonly url: string }): ScriptedReply => {
    const { pathname } = new URL(url);
    if (pathname.endsWith(`/monthly/trades/BTCUSDT/${NAME}.zip`)) return { status: 200, body: zip };
    if (pathname.endsWith(`/${NAME}.zip.CHECKSUM`))
      return { status: 200, body: `${createHash('sha256').update(zip).digest('hex')}  ${NAME}.zip\n` };
    if (pathname === '/api/v3/klines')
      return { status: 200, body: `[[${FROM - DAY_MS},"1","1","1","1","1",${FROM - 1},"1",1,"1","1","0"]]` };
    return pathname === '/api/v3/time'
      ? { status: 200, body: `{"serverTime":${NOW_MS}}` }
      : { status: 404, body: '<Error><Code>NoSuchKey</Code></Error>' };
  };
  const transport = new ScriptedTransport({ clock, server: { handle } });
  const connection = createBinanceConnection({
    ...{ restUrl: 'https://api.test', wsUrl: 'wss://stream.test', wsApiUrl: null },
    ...{ transport, clock, random: seededRandom(1), cache: createMemoryCache({ clock }) },
    ...recordingTelemetry(),
  });
  const [folder, scratch] = [testFolder(), testFolder()];
  const catalog = new ParquetCatalog({ path: folder, memoryMaxMb: 128, threads: 1 });
  const config = binanceArchiveConfigSchema.parse({});
  const archive = new BinanceArchive(connection, 'https://archive.test', config, () => undefined);
  onTestFinished(async () => {
    archive.stop();
    connection.stop();
    await catalog.close();
  });
  const run = new Download(
    {
      ...{ instruments: [BTC], intervals: [], trades: true, parallel: 2 },
      ...{ fromMs: FROM + 3_600_000, toMs: FROM + 3 * DAY_MS },
    },
    {
      ...{ archive, catalog, scratch, signal: new AbortController().signal },
      rest: new HistoryRest(connection, config, () => undefined),
      records: new TakenRecords(folder, scratch),
      onProgress: () => undefined,
      waitedMs: () => 0,
    },
  ).run();
  let done = false;
  void run.finally(() => (done = true));
  await clock.advanceUntil(() => done, { stepMs: 1, timeoutMs: 600_000 });
  const report = expectOk(await run);
  expect(report.items.map(({ period, status, sources }) => [period, status, sources])).toEqual(
    ['03', '04', '05'].map((day, index) => [
      `2020-02-${day}`,
      'complete',
      [{ source: 'archive-monthly', file: `${NAME}.zip`, rows: index === 0 ? PER_DAY - 2 : PER_DAY }],
    ]),
  );
  expect(expectOk(await catalog.tradeDays(BTC)).map(({ rows }) => rows)).toEqual([PER_DAY - 2, PER_DAY, PER_DAY]);
  expect(transport.requests.filter(({ url }) => url.endsWith(`${NAME}.zip`))).toHaveLength(1);
  expect(readdirSync(scratch)).toEqual([]);
});
