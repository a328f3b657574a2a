import type { Records } from './records.ts';

/**
 * Words in the record of an order, and where its numbers lie in it: those that commonly have more than 31 bits, for each of which the runtime would keep a box of its own
 * beside the object, and what the book needs of an order.
 */
export const ORDER_WORDS = 8;
export const ORDER_ID = 0;
export const CREATED_US = 1;
export const UPDATED_US = 2;
export const WORKING_US = 3;
/** What the book shows of it, in lots. */
export const SHOWN = 4;
/** Whole numbers of half a word: the slots of its neighbours in the queue and of its level, and the hash of its name. */
export const NEXT = 10;
export const PREVIOUS = 11;
export const LEVEL = 12;
export const NAME_HASH = 13;

/** The id and the times of an order at one moment, in the order of its record. */
export type OrderNumbers = readonly number[];

/** The id and the times of a record, for keeping. */
export function numbersOf({ values }: Records, slot: number): OrderNumbers {
  const at = slot * ORDER_WORDS;
  return [
    values[at + ORDER_ID] as number,
    values[at + CREATED_US] as number,
    values[at + UPDATED_US] as number,
    values[at + WORKING_US] as number,
  ];
}
