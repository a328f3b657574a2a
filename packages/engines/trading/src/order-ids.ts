import { clientOrderId, type ClientOrderId } from '@monsta/core';

const ID_PATTERN = /^m[0-9a-z]{6,12}-[0-9a-z]{1,10}[AB]?(-p)?$/;
const LIST_PATTERN = /^m[0-9a-z]{6,12}-[0-9a-z]{1,10}L$/;

/** Ends the id of an order that protects a position. */
const PROTECTIVE_MARK = '-p';

/** How a kernel calls its `n`th order. */
export const kernelOrderId = (prefix: string, n: number, protective: boolean): ClientOrderId =>
  clientOrderId(`${prefix}-${n.toString(36)}${protective ? PROTECTIVE_MARK : ''}`);

/** How a kernel calls a list of two orders that cancel each other, and the two. Lower-case letters are digits of `n`. */
export function kernelListIds(
  prefix: string,
  n: number,
  protective: boolean,
): { readonly listId: ClientOrderId; readonly legs: readonly [ClientOrderId, ClientOrderId] } {
  const mark = protective ? PROTECTIVE_MARK : '';
  const stem = `${prefix}-${n.toString(36)}`;
  const of = (what: string): ClientOrderId => clientOrderId(stem + what);
  return { listId: of('L'), legs: [of(`A${mark}`), of(`B${mark}`)] };
}

/** True for a client order id that a kernel made. */
export const isKernelOrderId = (id: ClientOrderId): boolean => ID_PATTERN.test(id);

/** True for the id of a list that a kernel made. */
export const isKernelListId = (id: ClientOrderId): boolean => id.endsWith('L') && LIST_PATTERN.test(id);

/** The list that an order of this id was entered with; null for one that a kernel placed alone, and for one that it did not place. */
export function kernelListOf(id: ClientOrderId): ClientOrderId | null {
  const leg = isKernelOrderId(id) ? /^(.*)[AB](-p)?$/.exec(id) : null;
  return leg?.[1] === undefined ? null : clientOrderId(`${leg[1]}L`);
}

/** The ids that were found to be such last. */
const lastProtective: [newest: string, older: string] = ['', ''];

/** True for the id of an order that a kernel placed to protect a position: the venue's own list of open orders tells it apart. */
export function isProtectiveOrderId(id: ClientOrderId): boolean {
  // Asked of every order several times: mostly its end tells, or it is one of a pair that was asked for before.
  if (!id.endsWith(PROTECTIVE_MARK)) return false;
  const [newest, older] = lastProtective;
  if (id === newest || id === older) return true;
  // The number is always there: the 25th order of all ends in `-p` as well, and protects nothing.
  const end = id.length - PROTECTIVE_MARK.length;
  const dash = id.indexOf('-');
  if (dash < 7 || dash > 13 || dash === end || id.charCodeAt(0) !== 109 || !isBase36(id, 1, dash)) return false;
  const last = id.charCodeAt(end - 1);
  const leg = last === 65 || last === 66 ? 1 : 0;
  const digits = end - leg - dash - 1;
  if (digits < 1 || digits > 10 || !isBase36(id, dash + 1, end - leg)) return false;
  lastProtective[1] = newest;
  lastProtective[0] = id;
  return true;
}

/** Whether a part of a text is of `0-9a-z` alone: read by hand, which is asked more often than a pattern is cheap for. */
function isBase36(text: string, from: number, to: number): boolean {
  for (let at = from; at < to; at += 1) {
    const code = text.charCodeAt(at);
    if (code < 48 || (code > 57 && code < 97) || code > 122) return false;
  }
  return true;
}
