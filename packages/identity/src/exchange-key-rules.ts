import type { ExchangeKeyMessage, ExchangeKeyWarning } from '@monsta/contracts';
import type { ExchangeKeyPermissions } from '@monsta/ports';

const FORBIDDEN = {
  withdraw: 'withdraw',
  transfer: 'move money to other accounts',
  margin: 'borrow (margin)',
  futures: 'trade futures',
  options: 'trade options',
} as const;
type Forbidden = keyof typeof FORBIDDEN;
const FORBIDDEN_NAMES: readonly Forbidden[] = ['withdraw', 'transfer', 'margin', 'futures', 'options'];

/** What a key may do beyond reading and trading on the spot market, in words; null where nothing: whoever steals a key must not be able to take money away. */
export function grantedTooMuch(permissions: ExchangeKeyPermissions): readonly string[] | null {
  const granted = FORBIDDEN_NAMES.filter((name) => permissions[name] === true);
  return granted.length === 0 ? null : granted.map((name) => FORBIDDEN[name]);
}

/** What a key can be used for here. */
export function useOf({ trade, accountTrades }: ExchangeKeyPermissions): NonNullable<ExchangeKeyMessage['use']> {
  if (trade === false || accountTrades === false) return 'read';
  return trade === true ? 'trade' : 'unknown';
}

/** What is worth saying of a key that is taken. */
export function warningsOf(permissions: ExchangeKeyPermissions): readonly ExchangeKeyWarning[] {
  const { trade, accountTrades, ipRestricted, others, tradingUntilMs } = permissions;
  const unknown = FORBIDDEN_NAMES.filter((name) => permissions[name] === null);
  const warnings: (ExchangeKeyWarning | null)[] = [
    unknown.length === 0
      ? null
      : {
          code: 'permissions_unknown',
          message: `the exchange does not say whether this key may ${unknown.map((name) => FORBIDDEN[name]).join(', ')}; look at the exchange yourself that it may not`,
        },
    trade === false
      ? { code: 'read_only', message: 'this key can’t trade; it is kept for reading only' }
      : accountTrades === false
        ? {
            code: 'account_locked',
            message: 'the exchange does not let this account trade now; the key is kept for reading only',
          }
        : null,
    ipRestricted === false
      ? {
          code: 'ip_unrestricted',
          message: 'this key works from any address; list the addresses of this machine for it at the exchange',
        }
      : null,
    others.length === 0
      ? null
      : {
          code: 'permissions_new',
          message: `this key has permissions that this version of MONSTA does not know: ${others.join(', ')}; take them away at the exchange if you do not need them`,
        },
    tradingUntilMs === null
      ? null
      : {
          code: 'trading_ends',
          message: `the exchange lets this key trade until ${new Date(tradingUntilMs).toISOString()} only; one that is bound to addresses keeps the permission`,
        },
  ];
  return warnings.filter((each) => each !== null);
}
