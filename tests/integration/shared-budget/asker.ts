/** A process of its own that asks an exchange for more than it may, on a budget kept in Redis; prints what came of it as JSON. */
import { systemClock } from '@monsta/clock-system';
import { openRedisCache } from '@monsta/cache-redis';
import { expectOk, seededRandom } from '@monsta/core';
import { silentTelemetry } from '@monsta/testkit';
import { createTransport } from '@monsta/transport-node';
import { createBinanceConnection } from '@monsta/venue-binance';

const [restUrl = '', redisUrl = '', keyPrefix = '', calls = '0', weight = '0'] = process.argv.slice(2);
const random = seededRandom(process.pid);
const { logger, metrics } = silentTelemetry();
const clock = systemClock();
const cache = expectOk(await openRedisCache({ url: redisUrl, keyPrefix, logger, random }));
const transport = createTransport();
const connection = createBinanceConnection({
  restUrl,
  wsUrl: restUrl.replace('http', 'ws'),
  wsApiUrl: null,
  transport,
  clock,
  random,
  logger,
  metrics,
  cache,
  // What has no room now is not waited for.
  config: { tradingWaitMaxMs: 500 },
});
expectOk(await connection.start());
process.stdout.write('ready\n');
await new Promise((resolve) => void process.stdin.once('data', resolve));
const answers = await Promise.all(
  Array.from({ length: Number(calls) }, () =>
    connection.publicClient.call({
      method: 'GET',
      path: '/api/v3/depth',
      parameters: { symbol: 'BTCUSDT', limit: 5_000 },
      security: 'public',
      weight: Number(weight),
      priority: 'trading',
    }),
  ),
);
const outcomes = answers.map((answer) => (answer.ok ? 'ok' : `${answer.fault.code}: ${answer.fault.message}`));
process.stdout.write(`${JSON.stringify(outcomes)}\n`);
connection.stop();
await transport.close();
await cache.close();
process.exit(0);
