import { canonicalJson, toJsonValue, type Fill, type Order } from '@monsta/core';
import type { DecisionRecord } from '@monsta/trading';

/** What came of a run, oldest first. */
export interface RunRecords {
  /** Each as it was last heard of, in the order in which they were placed. */
  readonly orders: readonly Order[];
  readonly fills: readonly Fill[];
  readonly decisions: readonly DecisionRecord[];
}

/** Something that is fed text and answers its hash, such as Node's `createHash('sha256')`. */
export interface TextHash {
  update(text: string): unknown;
}

/** Kernels call their orders after when they placed the first; what comes behind that is the same in each. */
const PREFIX = /\bm[0-9a-z]{6,12}(?=-[0-9a-z]{1,10}[ABL]?(-p)?\b)/g;

const line = (kind: string, value: unknown): string =>
  `${kind} ${canonicalJson(toJsonValue(value)).replaceAll(PREFIX, 'm')}\n`;

/** A line for each order with all its terms and its end, each fill, and each decision; ids without the prefix that tells kernels apart. */
export function* runLines({ orders, fills, decisions }: RunRecords): Generator<string> {
  for (const order of orders) yield line('order', order);
  for (const fill of fills) yield line('fill', fill);
  for (const decision of decisions) yield line('decision', decision);
}

/** Feeds a hash the lines of a run: two runs that have the same did the same. */
export function hashRun<H extends TextHash>(records: RunRecords, hash: H): H {
  for (const text of runLines(records)) hash.update(text);
  return hash;
}
