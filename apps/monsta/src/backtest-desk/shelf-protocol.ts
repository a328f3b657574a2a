import type { CallThreadData } from '../runtime/call-thread.ts';
import type { Shelf } from './shelf.ts';

export const SHELF_METHODS = [
  'list',
  'run',
  'trades',
  'curve',
  'prices',
  'report',
  'remove',
  'optimizations',
  'optimization',
  'optimizationReport',
  'removeOptimization',
  'stored',
  'catalogue',
  'describe',
  'checkParameters',
  'checkSearch',
] as const satisfies readonly (keyof Shelf)[];

/** The same calls from another thread. */
export type RemoteShelf = Pick<Shelf, (typeof SHELF_METHODS)[number]>;

export interface ShelfThreadData extends CallThreadData {
  readonly dataDir: string;
}
