import { serveExchange } from '@monsta/binance-server';
import { createMemoryCache } from '@monsta/cache-memory';
import { systemClock } from '@monsta/clock-system';
import { barSchema, topics, tradeSchema, type BarMessage } from '@monsta/contracts';
import { instrumentId, MS_PER_MINUTE, parseVolume, seededRandom, type Result } from '@monsta/core';
import { createMemoryEventStream } from '@monsta/event-stream-memory';
import { createHttpServer } from '@monsta/http-server-fastify';
import { createPriceCollector } from '@monsta/price-collector';
import { recordingTelemetry } from '@monsta/testkit';
import { createTransport } from '@monsta/transport-node';
import { createBinanceConnection, createBinanceMarketData } from '@monsta/venue-binance';
import { createReplayExchange, openRecording } from '@monsta/venue-replay';
import { describe, expect, it } from 'vitest';
import { countBars, type RawTrade } from './independent-count.ts';
import { readRecording, recordingAbsent, recordingFiles } from './recording.ts';

const BTC = instrumentId('BTCUSDT');
const SPEED = 40;
/** Minutes of the recording that are awaited, closed. */
const MINUTES = 4;

function value<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(`${result.fault.code}: ${result.fault.message}`);
  return result.value;
}

const eight = (text: string): bigint => value(parseVolume(text));

describe.skipIf(recordingAbsent !== null)(
  `the recording served and collected over real sockets${recordingAbsent === null ? '' : ` (skipped: ${recordingAbsent})`}`,
  () => {
    it('gives the exchange’s bars and trades, each once', { timeout: 60_000 }, async () => {
      const clock = systemClock();
      const telemetry = recordingTelemetry();
      const { logger, metrics } = telemetry;
      const recording = value(await openRecording(recordingFiles, {}));
      const model = createReplayExchange({ recording, clock, logger, sessionStartUs: clock.nowUs(), speed: SPEED });
      const httpServer = createHttpServer({ logger });
      const served = value(await serveExchange({ model, clock, logger, httpServer, host: '127.0.0.1', port: 0 }));
      const transport = createTransport({ logger });
      const { restUrl, wsUrl } = served;
      const connection = createBinanceConnection({
        restUrl,
        wsUrl,
        wsApiUrl: null,
        clock,
        transport,
        logger,
        metrics,
        random: seededRandom(1),
        cache: createMemoryCache({ clock }),
      });
      const venue = createBinanceMarketData({ connection });
      const stream = createMemoryEventStream({ clock, logger, epoch: 'one' });
      const bars: BarMessage[] = [];
      const trades: number[] = [];
      value(
        stream.subscribe({
          subject: '>',
          queueMax: 100_000,
          overflow: 'end',
          onMessage({ subject, payload }) {
            if (subject === topics.trades(BTC)) trades.push(tradeSchema.parse(payload).tradeId);
            if (subject !== topics.bars(BTC, '1m')) return;
            const bar = barSchema.parse(payload);
            if (bar.closed) bars.push(bar);
          },
        }),
      );
      const config = { instruments: ['BTCUSDT'] };
      const collector = createPriceCollector({
        venue,
        stream,
        clock,
        logger,
        metrics,
        random: seededRandom(2),
        listings: null,
        catalog: null,
        config,
      });
      value(await collector.start());
      const endMs = clock.monotonicMs() + 45_000;
      while (bars.length < MINUTES && clock.monotonicMs() < endMs) await clock.sleep(50);
      await collector.stop();
      connection.stop();
      await stream.drain(1_000);
      await transport.close();
      await served.close(100);

      expect(bars.length).toBeGreaterThanOrEqual(MINUTES);
      const first = trades[0] ?? 0;
      expect(trades).toEqual(Array.from({ length: trades.length }, (_, index) => first + index));
      const raw = readRecording().flatMap(({ json }) => {
        const line = JSON.parse(json) as { readonly stream?: string; readonly data?: RawTrade };
        return line.stream === 'btcusdt@trade' && line.data !== undefined ? [line.data] : [];
      });
      const counted = countBars(raw, MS_PER_MINUTE);
      for (const bar of bars) {
        const truth = counted.find(({ openTimeMs }) => openTimeMs === bar.openTimeMs);
        expect({
          openTimeMs: bar.openTimeMs,
          open: eight(bar.open),
          high: eight(bar.high),
          low: eight(bar.low),
          close: eight(bar.close),
          volume: eight(bar.volume),
          quoteVolume: eight(bar.quoteVolume ?? ''),
          takerBuyVolume: eight(bar.takerBuyVolume ?? ''),
          takerBuyQuoteVolume: eight(bar.takerBuyQuoteVolume ?? ''),
          trades: bar.trades,
          firstTradeId: bar.firstTradeId,
          lastTradeId: bar.lastTradeId,
        }).toEqual(truth);
      }
      expect(telemetry.value('monsta_collector_bars_compared_total', { outcome: 'different' })).toBeNull();
      expect(telemetry.value('monsta_binance_feed_gaps_total', { outcome: 'unrepaired' })).toBeNull();
    });
  },
);
