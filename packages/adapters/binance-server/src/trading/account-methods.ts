import { hashText, ZERO_AMOUNT, type AssetId } from '@monsta/core';
import { writeSymbolRules, type AccountOptions, type FeeRates } from '@monsta/matching';
import type { AccountContext } from '../api-method.ts';
import { amount8 } from '../wire.ts';
import { assetFilters, exchangeFilters } from './exchange-filters.ts';
import { timeOf } from './order-json.ts';
import { tradedSymbol } from './order-parameters.ts';

const ZERO = '0.00000000';
/** Parts per million in a basis point. */
const PPM_PER_BASIS_POINT = 100;
const PPM_DIGITS = 6;

/** Parts per million as a fraction with eight digits. */
export function fraction(ppm: number): string {
  const digits = String(ppm).padStart(PPM_DIGITS + 1, '0');
  const cut = digits.length - PPM_DIGITS;
  return `${digits.slice(0, cut)}.${digits.slice(cut)}00`;
}

const NO_RATES = { maker: ZERO, taker: ZERO, buyer: ZERO, seller: ZERO } as const;

function ratesOf({ makerPpm, takerPpm }: FeeRates): typeof NO_RATES | Readonly<Record<string, string>> {
  return { maker: fraction(makerPpm), taker: fraction(takerPpm), buyer: ZERO, seller: ZERO };
}

/** What the account pays and may do. */
export function optionsOf({ desk, caller }: AccountContext): AccountOptions {
  const options = desk.exchange.accountOptions(caller.account);
  if (options === null) throw new Error(`account ${caller.account} has gone`);
  return options;
}

/** The discount on fees; without one Binance's usual words for none. */
function discountOf(context: AccountContext): object {
  const { discount } = context.desk.exchange;
  const { paysInDiscountAsset } = optionsOf(context);
  return {
    enabledForAccount: paysInDiscountAsset,
    enabledForSymbol: discount !== null,
    discountAsset: discount?.asset ?? 'BNB',
    discount: discount === null ? ZERO : fraction(discount.payPpm),
  };
}

/** What `order/test` tells of the fees of an order: both sides pay the same, so that its side does not matter. */
export function commissionForOrder(context: AccountContext): object {
  const { makerPpm, takerPpm } = optionsOf(context).fees;
  return {
    standardCommissionForOrder: { maker: fraction(makerPpm), taker: fraction(takerPpm) },
    specialCommissionForOrder: { maker: ZERO, taker: ZERO },
    taxCommissionForOrder: { maker: ZERO, taker: ZERO },
    discount: discountOf(context),
  };
}

/** `GET account/commission`. */
export function commission(context: AccountContext): unknown {
  const { symbol } = tradedSymbol(context);
  context.parameters.finish();
  return {
    symbol,
    standardCommission: ratesOf(optionsOf(context).fees),
    specialCommission: NO_RATES,
    taxCommission: NO_RATES,
    discount: discountOf(context),
  };
}

/** The account's balances by asset, of all assets that are traded or held. */
export function balancesOf(
  { desk, caller, model }: AccountContext,
  omitsZeros: boolean,
): readonly { readonly asset: string; readonly free: string; readonly locked: string }[] {
  const held = new Map(desk.exchange.positions(caller.account).map((position) => [position.asset, position]));
  const assets = new Set<AssetId>(model.symbols().flatMap(({ instrument }) => [instrument.base, instrument.quote]));
  for (const asset of held.keys()) assets.add(asset);
  return [...assets]
    .sort((left, right) => (left < right ? -1 : 1))
    .flatMap((asset) => {
      const { free, locked } = held.get(asset) ?? { free: ZERO_AMOUNT, locked: ZERO_AMOUNT };
      if (omitsZeros && free === 0n && locked === 0n) return [];
      return [{ asset, free: amount8(free), locked: amount8(locked) }];
    });
}

/** `GET account`. */
export function accountInformation(context: AccountContext): unknown {
  const { parameters, desk, caller, unit } = context;
  const omitsZeros = parameters.optionalFlag('omitZeroBalances') ?? false;
  parameters.finish();
  const { fees, canTrade } = optionsOf(context);
  return {
    makerCommission: Math.round(fees.makerPpm / PPM_PER_BASIS_POINT),
    takerCommission: Math.round(fees.takerPpm / PPM_PER_BASIS_POINT),
    buyerCommission: 0,
    sellerCommission: 0,
    commissionRates: ratesOf(fees),
    canTrade,
    canWithdraw: true,
    canDeposit: true,
    brokered: false,
    requireSelfTradePrevention: false,
    preventSor: false,
    updateTime: timeOf(desk.changedUs(caller.account), unit),
    accountType: 'SPOT',
    balances: balancesOf(context, omitsZeros),
    permissions: ['SPOT'],
    uid: hashText(caller.account),
  };
}

/** `GET rateLimit/order`. */
export function orderRateLimits(context: AccountContext): unknown {
  const { parameters, limits, desk, caller, clockMs } = context;
  parameters.finish();
  const counts = desk.orderCounter.counts(caller.account, clockMs);
  return [
    {
      rateLimitType: 'ORDERS',
      interval: 'SECOND',
      intervalNum: 10,
      limit: limits.ordersPerTenSeconds,
      count: counts.tenSeconds,
    },
    { rateLimitType: 'ORDERS', interval: 'DAY', intervalNum: 1, limit: limits.ordersPerDay, count: counts.day },
  ];
}

/** `GET myFilters`: the limits that are counted by account. */
export function relevantFilters(context: AccountContext): unknown {
  const rules = tradedSymbol(context);
  context.parameters.finish();
  const { filters } = writeSymbolRules(rules);
  const listed: readonly unknown[] = Array.isArray(filters) ? filters : [];
  return {
    exchangeFilters: exchangeFilters(context.desk.exchange.exchangeRules),
    symbolFilters: listed.filter(
      (filter) =>
        typeof filter === 'object' &&
        filter !== null &&
        'filterType' in filter &&
        String(filter.filterType).startsWith('MAX_'),
    ),
    assetFilters: assetFilters(context.desk.exchange.exchangeRules, rules),
  };
}
