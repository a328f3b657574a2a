/** A thread that helps to grow a forest: it takes the next tree that nobody has taken until there is none left, and sends each back. */
import { parentPort } from 'node:worker_threads';
import type { ForestGround } from '@monsta/models';
import { growTakenTrees } from './grow-forest.ts';

export interface ForestShare {
  readonly ground: ForestGround;
  readonly lane: number;
  /** One number: the next tree. */
  readonly next: SharedArrayBuffer;
}

parentPort?.on('message', ({ ground, lane, next }: ForestShare) => {
  for (const tree of growTakenTrees(ground, lane, next)) if (tree !== null) parentPort?.postMessage(tree);
});
parentPort?.postMessage('ready');
