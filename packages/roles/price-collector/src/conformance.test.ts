import { expectOk, seededRandom } from '@monsta/core';
import { createMemoryEventStream } from '@monsta/event-stream-memory';
import { marketHistoryConformance, silentTelemetry } from '@monsta/testkit';
import { createPriceCollector } from './price-collector.ts';

marketHistoryConformance('the price collector', (venue, clock) => {
  const telemetry = silentTelemetry();
  const stream = createMemoryEventStream({ clock, logger: telemetry.logger, epoch: 'one' });
  const config = { instruments: ['BTCUSDT', 'ETHUSDT'] };
  const collector = createPriceCollector({
    venue,
    stream,
    clock,
    ...telemetry,
    random: seededRandom(3),
    listings: null,
    catalog: null,
    config,
  });
  return Promise.resolve({
    history: collector,
    async start() {
      expectOk(await collector.start());
      await clock.advance(1_000);
    },
    async stop() {
      await collector.stop();
      await stream.close();
    },
  });
});
