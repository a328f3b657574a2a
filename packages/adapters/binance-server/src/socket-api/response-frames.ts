import { msFromUs, type TimestampUs } from '@monsta/core';
import type { ApiReply } from '../api-desk.ts';
import type { RequestLimits } from '../request-limits.ts';

/** What an answer says of the limits that the request touched. */
function rateLimitRows({ usedWeight, orderCounts }: ApiReply, limits: RequestLimits): readonly object[] {
  const weight = {
    rateLimitType: 'REQUEST_WEIGHT',
    interval: 'MINUTE',
    intervalNum: 1,
    limit: limits.weightPerMinute,
    count: usedWeight,
  };
  if (orderCounts === null) return [weight];
  const orders = (interval: string, intervalNum: number, limit: number, count: number): object => ({
    rateLimitType: 'ORDERS',
    interval,
    intervalNum,
    limit,
    count,
  });
  return [
    orders('SECOND', 10, limits.ordersPerTenSeconds, orderCounts.tenSeconds),
    orders('DAY', 1, limits.ordersPerDay, orderCounts.day),
    weight,
  ];
}

export interface ResponseOptions {
  /** The request's id, in JSON. */
  readonly id: string;
  readonly reply: ApiReply;
  readonly limits: RequestLimits;
  readonly showsRateLimits: boolean;
  readonly nowUs: TimestampUs;
}

/** One answer. Where a limit is reached it says when to come back. */
export function responseFrame({ id, reply, limits, showsRateLimits, nowUs }: ResponseOptions): string {
  const { error, retryAtMs } = reply;
  const rateLimits = showsRateLimits ? `,"rateLimits":${JSON.stringify(rateLimitRows(reply, limits))}` : '';
  if (error === null) return `{"id":${id},"status":200,"result":${JSON.stringify(reply.body)}${rateLimits}}`;
  const retry = retryAtMs === null ? {} : { data: { serverTime: msFromUs(nowUs), retryAfter: retryAtMs } };
  const body = JSON.stringify({ ...error.body(), ...retry });
  return `{"id":${id},"status":${error.status},"error":${body}${rateLimits}}`;
}
