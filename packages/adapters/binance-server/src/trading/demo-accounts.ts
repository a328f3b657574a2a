import {
  accountId,
  assetId,
  expectOk,
  hashText,
  mixSeed,
  parseAmount,
  seededRandom,
  type AccountId,
} from '@monsta/core';
import type { FeeRates } from '@monsta/matching';
import { USUAL_PERMISSIONS, type ApiKeys } from './api-keys.ts';
import type { TradingDesk } from './trading-desk.ts';

const KEY_LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const KEY_LENGTH = 64;

/** An account that is opened with the exchange. */
export interface DemoAccount {
  readonly name: string;
  /** What it begins with: asset → plain decimal. */
  readonly balances: Readonly<Record<string, string>>;
  /** Default: 0.1 % for maker and taker. */
  readonly fees?: FeeRates;
  /** Accounts of one group don't trade with each other; default: each is alone. */
  readonly tradeGroupId?: number | null;
  /** Pays fees in the discount asset while it lasts; default false. */
  readonly paysInDiscountAsset?: boolean;
}

/** How a client signs in to an account. */
export interface AccountCredentials {
  readonly account: AccountId;
  readonly apiKey: string;
  readonly apiSecret: string;
}

const DEMO_BALANCES = { USDT: '100000', BTC: '1', ETH: '20', BNB: '100', SOL: '500', XRP: '50000' } as const;

/** The accounts of a served exchange that names none. */
export const DEMO_ACCOUNTS: readonly DemoAccount[] = [
  { name: 'demo-1', balances: DEMO_BALANCES },
  { name: 'demo-2', balances: DEMO_BALANCES },
];

/** 64 letters and digits that follow from the seed and the label: the keys of a simulation, worth nothing elsewhere. */
export function keyText(seed: number, label: string): string {
  const random = seededRandom(mixSeed(seed, hashText(label)));
  return Array.from({ length: KEY_LENGTH }, () => KEY_LETTERS[random.integer(KEY_LETTERS.length)]).join('');
}

/** Gives an account a further HMAC key; `label` must be new for the seed. */
export function issueHmacKey(
  keys: ApiKeys,
  account: AccountId,
  seed: number,
  label: string,
  permissions = USUAL_PERMISSIONS,
  addresses: readonly string[] | null = null,
): AccountCredentials {
  const apiKey = keyText(seed, `key ${label}`);
  const apiSecret = keyText(seed, `secret ${label}`);
  expectOk(keys.add({ apiKey, account, proof: { kind: 'HMAC', secret: apiSecret }, permissions, addresses }));
  return { account, apiKey, apiSecret };
}

/** Opens an account with its balances and one HMAC key. Throws `InvariantError` for a name that is taken, or an amount that is none. */
export function openDemoAccount(desk: TradingDesk, demo: DemoAccount, seed: number): AccountCredentials {
  const { name, balances, fees, tradeGroupId, paysInDiscountAsset } = demo;
  const account = accountId(name);
  desk.openAccount(account, {
    balances: Object.entries(balances).map(([asset, text]) => ({
      asset: assetId(asset),
      free: expectOk(parseAmount(text)),
    })),
    ...(fees === undefined ? {} : { fees }),
    ...(tradeGroupId === undefined ? {} : { tradeGroupId }),
    ...(paysInDiscountAsset === undefined ? {} : { paysInDiscountAsset }),
  });
  return issueHmacKey(desk.keys, account, seed, name);
}
