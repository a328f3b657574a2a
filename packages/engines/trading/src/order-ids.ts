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
  const of = (what: string): ClientOrderId => clientOrderId(`${prefix}-${n.toString(36)}${what}`);
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

/** True for the id of an order that a kernel placed to protect a position: the venue's own list of open orders tells it apart. */
export function isProtectiveOrderId(id: ClientOrderId): boolean {
  // Asked of every order several times: mostly its end tells.
  if (!id.endsWith(PROTECTIVE_MARK)) return false;
  // The number is always there: the 25th order of all ends in `-p` as well, and protects nothing.
  return id.indexOf('-') < id.length - PROTECTIVE_MARK.length && ID_PATTERN.test(id);
}
