import { parseDecimal, rescale, usFromMs, type TimestampUs } from '@monsta/core';
import { BinanceError, type Parameters } from '../parameters.ts';

const RECEIVE_WINDOW_MS = 5_000;
const RECEIVE_WINDOW_US_MAX = 60_000_000n;
const AHEAD_US_MAX = 1_000_000;
const WINDOW_RANGE = '^[0-9]{1,20}(\\.[0-9]{1,3})?$';
const WINDOW = /^[0-9]{1,20}(\.[0-9]{1,3})?$/;

/** `recvWindow` in microseconds: milliseconds with up to three decimals. */
function receiveWindowUs(parameters: Parameters): number {
  const text = parameters.optionalMatch('recvWindow', WINDOW, WINDOW_RANGE);
  if (text === null) return usFromMs(RECEIVE_WINDOW_MS);
  const parsed = parseDecimal(text);
  const us = parsed.ok ? rescale(parsed.value, 3) : parsed;
  if (!us.ok) throw new BinanceError(-1130, "Data sent for parameter 'recvWindow' is not valid.");
  if (us.value > RECEIVE_WINDOW_US_MAX) throw new BinanceError(-1131, 'recvWindow must be less than 60000.');
  return Number(us.value);
}

/** Throws −1102 without `timestamp`, −1021 where it is too old or too far ahead of the exchange's time, −1131 for too long a `recvWindow`. */
export function checkRequestTime(parameters: Parameters, nowUs: TimestampUs): void {
  const windowUs = receiveWindowUs(parameters);
  const timestamp = parameters.optionalTimeUs('timestamp');
  if (timestamp === null) {
    throw new BinanceError(-1102, "Mandatory parameter 'timestamp' was not sent, was empty/null, or malformed.");
  }
  if (timestamp >= nowUs + AHEAD_US_MAX) {
    throw new BinanceError(-1021, "Timestamp for this request was 1000ms ahead of the server's time.");
  }
  if (nowUs - timestamp > windowUs) {
    throw new BinanceError(-1021, 'Timestamp for this request is outside of the recvWindow.');
  }
}
