import { execFile, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createBinanceServer, serveExchange } from '@monsta/binance-server';
import { systemClock } from '@monsta/clock-system';
import { createHttpServer } from '@monsta/http-server-fastify';
import { silentTelemetry } from '@monsta/testkit';
import { createSimulatedExchange } from '@monsta/venue-simulated';
import { describe, expect, it } from 'vitest';
import { ROOT } from '../../support/program.test-support.ts';

const PAGE = readFileSync(join(ROOT, 'docs/simulated-exchange.md'), 'utf8');
const has = (program: string): boolean =>
  spawnSync(program, ['--version']).status === 0 || spawnSync(program, ['version']).status === 0;

describe('docs/simulated-exchange.md', () => {
  it('lists the methods of accounts and of control that there are', async () => {
    const clock = systemClock();
    const model = createSimulatedExchange({ seed: 1, clock });
    const server = createBinanceServer({ model, clock, logger: silentTelemetry().logger });
    const documented = [...PAGE.matchAll(/^\| `([A-Z]+ \/[^`]+)`/gm)].map((match) => match[1] ?? '');
    const needsPage: string[] = [];
    for (const route of server.routes) {
      const { method, path } = route;
      const name = `${method} ${path}`;
      if (documented.includes(name) || path.startsWith('/data') || path === '/') continue;
      const request = { method, path, params: {}, rawQuery: '', headers: {}, body: '', remoteAddress: '10.0.0.1' };
      const response = await route.handle(request);
      // Whoever asks without a key is told so by the methods of accounts alone; control answers this machine alone.
      if (response.status === 401 || path.startsWith('/sim/')) needsPage.push(name);
    }
    expect(needsPage.filter((name) => !name.includes('/sim/faults'))).toEqual([]);
    const served = server.routes.map(({ method, path }) => `${method} ${path}`);
    expect(documented.filter((name) => !served.includes(name))).toEqual([]);
    expect(documented.length).toBeGreaterThan(30);
    server.close();
    model.close();
  });

  it.skipIf(!has('curl') || !has('openssl'))(
    'shows a first order that is filled (where curl and openssl are there)',
    async () => {
      const clock = systemClock();
      const { logger } = silentTelemetry();
      const served = await serveExchange({
        model: createSimulatedExchange({ seed: 1, clock }),
        clock,
        logger,
        httpServer: createHttpServer({ logger }),
        host: '127.0.0.1',
        port: 0,
      });
      if (!served.ok) throw new Error(served.fault.message);
      const [account] = served.value.accounts;
      const script = /^```sh\n([\s\S]*?)^```/m.exec(PAGE)?.[1] ?? '';
      try {
        const { stdout } = await promisify(execFile)('bash', ['-c', script], {
          env: {
            ...process.env,
            BASE: served.value.restUrl,
            KEY: account?.apiKey ?? '',
            SECRET: account?.apiSecret ?? '',
          },
        });
        expect(JSON.parse(stdout)).toMatchObject({
          symbol: 'BTCUSDT',
          status: 'FILLED',
          origQuoteOrderQty: '100.00000000',
        });
      } finally {
        await served.value.close(100);
      }
    },
    30_000,
  );
});
