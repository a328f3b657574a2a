/** Every price and quantity of a recording is first held in units of 10^-8: what Binance prints, before the grid is known. */
export const UNIT_SCALE = 8;

const DECIMAL = /^(\d{1,15})(?:\.(\d{1,8}))?$/;

/** What is wrong with a line; the caller adds where it is. */
export class PayloadError extends Error {
  override readonly name = 'PayloadError';
}

export type Fields = Readonly<Record<string, unknown>>;

export function fieldsOf(value: unknown, what: string): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new PayloadError(`${what} is no JSON object`);
  }
  return { ...value };
}

export function textOf(fields: Fields, name: string): string {
  const value = fields[name];
  if (typeof value !== 'string') throw new PayloadError(`'${name}' is no text`);
  return value;
}

function integerOf(fields: Fields, name: string): number {
  const value = fields[name];
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) {
    throw new PayloadError(`'${name}' is no whole number`);
  }
  return value;
}

/** Decimal text in units of 10^-8. */
function unitsOf(value: unknown, name: string): number {
  const match = typeof value === 'string' ? DECIMAL.exec(value) : null;
  if (match === null) throw new PayloadError(`'${name}' is no decimal number with at most 8 fractional digits`);
  const units = Number(match[1]) * 100_000_000 + Number((match[2] ?? '').padEnd(UNIT_SCALE, '0'));
  if (!Number.isSafeInteger(units)) throw new PayloadError(`'${name}' is too large`);
  return units;
}

/** `[price, quantity]` in units of 10^-8. */
export type UnitLevel = readonly [price: number, quantity: number];

function levelsOf(fields: Fields, name: string): readonly UnitLevel[] {
  const value = fields[name];
  if (!Array.isArray(value)) throw new PayloadError(`'${name}' is no list of levels`);
  return (value as readonly unknown[]).map((level) => {
    if (!Array.isArray(level) || level.length < 2) throw new PayloadError(`'${name}' holds a level that is no pair`);
    const [price, quantity] = level as readonly unknown[];
    return [unitsOf(price, name), unitsOf(quantity, name)];
  });
}

export interface TradePayload {
  readonly eventMs: number;
  readonly tradeId: number;
  readonly price: number;
  readonly quantity: number;
  readonly timeMs: number;
  readonly buyerIsMaker: boolean;
}

export function tradePayload(data: Fields): TradePayload {
  if (typeof data['m'] !== 'boolean') throw new PayloadError("'m' is neither true nor false");
  return {
    eventMs: integerOf(data, 'E'),
    tradeId: integerOf(data, 't'),
    price: unitsOf(data['p'], 'p'),
    quantity: unitsOf(data['q'], 'q'),
    timeMs: integerOf(data, 'T'),
    buyerIsMaker: data['m'],
  };
}

export interface DepthPayload {
  readonly eventMs: number;
  readonly firstUpdateId: number;
  readonly lastUpdateId: number;
  readonly bids: readonly UnitLevel[];
  readonly asks: readonly UnitLevel[];
}

export function depthPayload(data: Fields): DepthPayload {
  const firstUpdateId = integerOf(data, 'U');
  const lastUpdateId = integerOf(data, 'u');
  if (lastUpdateId < firstUpdateId) throw new PayloadError("'u' lies before 'U'");
  return {
    eventMs: integerOf(data, 'E'),
    firstUpdateId,
    lastUpdateId,
    bids: levelsOf(data, 'b'),
    asks: levelsOf(data, 'a'),
  };
}

export interface QuotePayload {
  readonly updateId: number;
  readonly bidPrice: number;
  readonly bidQuantity: number;
  readonly askPrice: number;
  readonly askQuantity: number;
}

export function quotePayload(data: Fields): QuotePayload {
  return {
    updateId: integerOf(data, 'u'),
    bidPrice: unitsOf(data['b'], 'b'),
    bidQuantity: unitsOf(data['B'], 'B'),
    askPrice: unitsOf(data['a'], 'a'),
    askQuantity: unitsOf(data['A'], 'A'),
  };
}

export interface SnapshotPayload {
  readonly lastUpdateId: number;
  readonly bids: readonly UnitLevel[];
  readonly asks: readonly UnitLevel[];
}

export function snapshotPayload(data: Fields): SnapshotPayload {
  return {
    lastUpdateId: integerOf(data, 'lastUpdateId'),
    bids: levelsOf(data, 'bids'),
    asks: levelsOf(data, 'asks'),
  };
}
