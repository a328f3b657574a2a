/** The thread in which results are read and strategy files looked at: neither keeps anybody else waiting, and a file that never returns is ended with it. */
import { workerData } from 'node:worker_threads';
import { Catalogs } from '../compose/catalog.ts';
import { serveCalls } from '../runtime/call-bridge.ts';
import { SHELF_METHODS, type ShelfThreadData } from './shelf-protocol.ts';
import { Shelf } from './shelf.ts';

/** A list of what is there needs little. */
const CATALOG_MEMORY_MAX_MB = 128;

const { dataDir, port } = workerData as ShelfThreadData;
const catalogs = new Catalogs(dataDir, { memoryMaxMb: CATALOG_MEMORY_MAX_MB, threads: 1 });
serveCalls(port, new Shelf(dataDir, catalogs), SHELF_METHODS);
