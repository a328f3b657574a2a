/** A thread that helps to train boosted trees: it serves each training that it is handed, one after the other. */
import { parentPort } from 'node:worker_threads';
import { serveTreeThread, type TreeShared } from '@monsta/models';

parentPort?.on('message', (shared: TreeShared) => serveTreeThread(shared));
parentPort?.postMessage('ready');
