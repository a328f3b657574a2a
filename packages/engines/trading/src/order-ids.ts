import type { ClientOrderId } from '@monsta/core';

const ID_PATTERN = /^m[0-9a-z]{6,12}-[0-9a-z]{1,10}(-p)?$/;

/** Ends the id of an order that protects a position. */
export const PROTECTIVE_MARK = '-p';

/** True for a client order id that a kernel made. */
export const isKernelOrderId = (id: ClientOrderId): boolean => ID_PATTERN.test(id);

/** True for the id of an order that a kernel placed to protect a position: the venue's own list of open orders tells it apart. */
export const isProtectiveOrderId = (id: ClientOrderId): boolean => isKernelOrderId(id) && id.endsWith(PROTECTIVE_MARK);
