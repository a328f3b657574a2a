import { err, ok, type Result } from '@monsta/core';
import type { Page, PageRequest } from '@monsta/ports';

/** Where a page ended: time and row of its last item. */
export interface PagePosition {
  readonly timeUs: number;
  readonly row: number;
}

/** More items than this in one page is a mistake, not a page. */
const PAGE_LIMIT_MAX = 10_000;

const CURSOR = /^([a-z]+):(-?\d{1,16}):(\d{1,16})$/;

/** Opaque to the client: the list it belongs to, time, row. */
function encodeCursor(list: string, at: PagePosition): string {
  return Buffer.from(`${list}:${at.timeUs}:${at.row}`, 'latin1').toString('base64url');
}

/** Before the newest item there can be. */
const NEWEST: PagePosition = { timeUs: Number.MAX_SAFE_INTEGER, row: Number.MAX_SAFE_INTEGER };

/** Where the page asked for begins. Fault `cursor_invalid`: not one of this list's cursors. */
export function decodeCursor(list: string, cursor: string | null): Result<PagePosition> {
  if (cursor === null) return ok(NEWEST);
  const match = CURSOR.exec(Buffer.from(cursor, 'base64url').toString('latin1'));
  const at = { timeUs: Number(match?.[2]), row: Number(match?.[3]) };
  if (match?.[1] !== list || !Number.isSafeInteger(at.timeUs) || !Number.isSafeInteger(at.row)) {
    return err('cursor_invalid', `this cursor is none of the list of ${list}; leave it out to get the first page`);
  }
  return ok(at);
}

/** Fault `parameter_invalid`. */
export function checkLimit(page: PageRequest): Result<null> {
  if (Number.isInteger(page.limit) && page.limit >= 1 && page.limit <= PAGE_LIMIT_MAX) return ok(null);
  return err('parameter_invalid', `limit must be a whole number from 1 to ${PAGE_LIMIT_MAX}, not ${page.limit}`);
}

/** A page of rows read with one more than `limit`, so that the last page is known to be the last. */
export function pageOf<Row, Item>(
  list: string,
  rows: readonly Row[],
  limit: number,
  positionOf: (row: Row) => PagePosition,
  itemOf: (row: Row) => Item,
): Page<Item> {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return {
    items: shown.map(itemOf),
    nextCursor: rows.length > limit && last !== undefined ? encodeCursor(list, positionOf(last)) : null,
  };
}
