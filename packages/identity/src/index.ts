export {
  isTokenWellFormed,
  openIdentity,
  type Identity,
  type IdentityOptions,
  type OpenedIdentity,
  type RandomBytes,
  type SettingStore,
} from './admin-token.ts';
export { bearerToken, isHostAllowed, isOriginAllowed } from './doors.ts';
export { ExchangeKeys, type CheckedExchangeKey, type ExchangeKeysOptions } from './exchange-keys.ts';
