import { parentPort } from 'node:worker_threads';
import { serveTreeThread, type TreeShared } from '@monsta/models';

parentPort?.on('message', (shared: TreeShared) => serveTreeThread(shared));
