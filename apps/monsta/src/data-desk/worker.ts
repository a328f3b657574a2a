/** The thread of one description: it keeps nobody else waiting, and ends with its memory. */
import { constants, setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import type { DataDescription } from '@monsta/contracts';
import { fault, instrumentId, type Result } from '@monsta/core';
import { describeBars } from '@monsta/simulation';
import { openCatalog } from '../compose/catalog.ts';
import { isSimulatedMarket } from '../compose/markets.ts';
import { DescriptionState, type DescriptionThreadData, type FromDescriptionThread } from './protocol.ts';

/** Null where nobody waits for it any more. */
async function describe(data: DescriptionThreadData): Promise<Result<DataDescription> | null> {
  const { dataDir, market, instrument, interval, fromMs, toMs, lags } = data;
  const catalog = openCatalog(dataDir, market, data.catalog);
  const series = await catalog.bars({
    instrument: { id: instrumentId(instrument), tick: null, lot: { units: 1, scale: 8 }, quote: null },
    ...{ interval, fromMs, toMs },
  });
  await catalog.close();
  if (!new DescriptionState(data.state).hasRead()) return null;
  if (!series.ok) return series;
  const source = { kind: 'catalogue', market, file: null } as const;
  return describeBars(series.value, { source, simulated: isSimulatedMarket(market), lags });
}

// Linux alone knows priorities of threads: elsewhere this would slow the whole program down.
if (process.platform === 'linux') setPriority(0, constants.priority.PRIORITY_BELOW_NORMAL);
const described = await describe(workerData as DescriptionThreadData);
const tell = (message: FromDescriptionThread): void => parentPort?.postMessage(message);
if (described?.ok === true) tell({ kind: 'done', description: described.value });
else if (described !== null) {
  const { code, message, retry } = described.fault;
  // A cause may be anything, and need not survive the way between threads.
  tell({ kind: 'failed', fault: fault(code, message, { retry }) });
}
