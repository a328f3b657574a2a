import { formatQuantity, hasLimitPrice } from '@monsta/core';
import type { Quantity } from '@monsta/core';
import { no, type Rule } from './denial.ts';

/**
 * An order that shows a part of itself at a time has a limit price, rests until it is canceled, and shows at least what an order may be and at most all of itself. In how many parts it may be
 * shown is the venue's own rule (Binance: `ICEBERG_PARTS`), which refuses what has more.
 */
export const iceberg: Rule = (order, { instrument }) => {
  const { icebergQuantity, type, timeInForce, quantity } = order;
  if (icebergQuantity === null) return null;
  if (!hasLimitPrice(type))
    return no(
      'iceberg',
      'a type with a limit price',
      type,
      'an order without a limit price never rests, and shows nothing',
    );
  if (timeInForce !== 'gtc')
    return no('iceberg', 'gtc', timeInForce, 'only an order that rests can show a part of itself');
  const least = Math.max(1, instrument.quantityMin) as Quantity;
  if (icebergQuantity >= least && icebergQuantity <= quantity) return null;
  const limit = `${formatQuantity(least, instrument)}…${formatQuantity(quantity, instrument)}`;
  return no(
    'iceberg',
    limit,
    formatQuantity(icebergQuantity, instrument),
    `what is shown at a time has to be ${limit}`,
  );
};
