import type { Brand } from './brand.ts';

/** The exchange's symbol in capitals, e.g. `BTCUSDT`. */
export type InstrumentId = Brand<string, 'InstrumentId'>;
/** Our own id of an order, chosen before it is sent; unique for ever within an account. */
export type ClientOrderId = Brand<string, 'ClientOrderId'>;
/** The venue's id of an order. */
export type VenueOrderId = Brand<string, 'VenueOrderId'>;
/** The venue's id of a fill, unique within an instrument. */
export type FillId = Brand<string, 'FillId'>;
export type StrategyId = Brand<string, 'StrategyId'>;
/** An account on a venue, e.g. `paper:simulated`. */
export type AccountId = Brand<string, 'AccountId'>;
/** An asset's ticker in capitals, e.g. `USDT`. */
export type AssetId = Brand<string, 'AssetId'>;

export const instrumentId = (text: string): InstrumentId => text as InstrumentId;
export const clientOrderId = (text: string): ClientOrderId => text as ClientOrderId;
export const venueOrderId = (text: string): VenueOrderId => text as VenueOrderId;
export const fillId = (text: string): FillId => text as FillId;
export const strategyId = (text: string): StrategyId => text as StrategyId;
export const accountId = (text: string): AccountId => text as AccountId;
export const assetId = (text: string): AssetId => text as AssetId;

/** What was read last: everyone who books a fill reads the same id. */
const lastRead = { id: '', number: -1 };

/** The number that an id is written as; −1 where it is none, is written in another way than numbers are, or has more than 15 digits. */
export function numberOfId(id: string): number {
  const last = lastRead;
  if (last.id !== id) {
    last.number = readNumber(id);
    last.id = id;
  }
  return last.number;
}

function readNumber(id: string): number {
  const { length } = id;
  if (length === 0 || length > 15) return -1;
  let number = 0;
  for (let at = 0; at < length; at += 1) {
    const digit = id.charCodeAt(at) - 48;
    if (digit < 0 || digit > 9 || (at === 0 && digit === 0 && length > 1)) return -1;
    number = number * 10 + digit;
  }
  return number;
}
