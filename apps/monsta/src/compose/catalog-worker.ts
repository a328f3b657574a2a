/** The thread of a running program's catalogue: rows are packed, unpacked and compared here, and no broadcast waits for it. */
import { workerData } from 'node:worker_threads';
import { ok } from '@monsta/core';
import { serveCalls } from '../runtime/call-bridge.ts';
import { CATALOG_METHODS, END_MS_MAX, type CatalogThreadData, type ServedCatalog } from './catalog-thread.ts';
import { openCatalog } from './catalog.ts';

const { dataDir, market, limits, port } = workerData as CatalogThreadData;
const catalog = openCatalog(dataDir, market, limits);
const served: ServedCatalog = {
  bars: (query) => catalog.bars(query),
  trades: (query) => catalog.trades(query),
  appendBars: (series) => catalog.appendBars(series),
  appendTrades: (series) => catalog.appendTrades(series),
  list: () => catalog.list(),
  coverage: (...of) => catalog.coverage(...of),
  tradeDays: (instrument) => catalog.tradeDays(instrument),
  compact: (endedByMs) => catalog.compact(endedByMs),
  prune: (request) => catalog.prune(request),
  async end() {
    const late = setTimeout(() => catalog.interrupt(), END_MS_MAX);
    await catalog.close();
    clearTimeout(late);
    return ok(null);
  },
};
serveCalls(port, served, CATALOG_METHODS);
