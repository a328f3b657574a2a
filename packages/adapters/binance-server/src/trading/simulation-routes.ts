import { accountId, assetId, formatAmount, parseAmount, type AccountId, type Amount, type AssetId } from '@monsta/core';
import type { HttpRoute, IncomingRequest } from '@monsta/ports';
import type { ListedModel } from '../listed-model.ts';
import { PERMISSIONS, type Permission } from './caller.ts';
import { USUAL_PERMISSIONS, readPublicKey, type ApiKey } from './api-keys.ts';
import { issueHmacKey, keyText } from './demo-accounts.ts';
import { changeRules } from './rules-control.ts';
import { controlRoute, readJson, Refusal, type Json } from './simulation-control.ts';
import type { TradingDesk } from './trading-desk.ts';

type Headers = Readonly<Record<string, string>>;

/** What rests are changed into. */
const DUST_TARGET = assetId('BNB');

function only(json: Json, names: readonly string[]): void {
  const unknown = Object.keys(json).find((name) => !names.includes(name));
  if (unknown !== undefined) throw new Refusal(`'${unknown.slice(0, 40)}' is unknown; there are ${names.join(', ')}`);
}

function text(json: Json, name: string): string {
  const value = json[name];
  if (typeof value !== 'string' || value === '') throw new Refusal(`'${name}' must be a text`);
  return value;
}

/** The account that `account` or `apiKey` names. */
function accountOf(desk: TradingDesk, json: Json): AccountId {
  if (json['apiKey'] !== undefined) {
    const key = desk.keys.get(text(json, 'apiKey'));
    if (key === null) throw new Refusal('there is no such API key', 404);
    return key.account;
  }
  const account = accountId(text(json, 'account'));
  if (!desk.has(account)) throw new Refusal('there is no such account', 404);
  return account;
}

function amountIn(json: Json, name: string): Amount {
  const amount = parseAmount(text(json, name));
  if (!amount.ok || amount.value <= 0n) throw new Refusal(`'${name}' is a plain decimal above zero, as a text`);
  // Balances are kept in eight digits, as the exchange prints them.
  if (amount.value % 10_000_000_000n !== 0n) throw new Refusal(`'${name}' has at most eight decimals`);
  return amount.value;
}

function assetIn(json: Json): AssetId {
  const asset = text(json, 'asset');
  if (!/^[A-Z0-9]{1,20}$/.test(asset)) throw new Refusal(`'asset' is written in capitals, e.g. USDT`);
  return assetId(asset);
}

function transferOf(
  desk: TradingDesk,
  json: Json,
): { readonly account: AccountId; readonly asset: AssetId; readonly amount: Amount; readonly recorded: boolean } {
  only(json, ['account', 'apiKey', 'asset', 'amount', 'recorded']);
  const recorded = json['recorded'] ?? true;
  if (typeof recorded !== 'boolean') throw new Refusal(`'recorded' is true or false`);
  const asset = assetIn(json);
  return { amount: amountIn(json, 'amount'), account: accountOf(desk, json), asset, recorded };
}

function permissionsOf(json: Json): readonly Permission[] {
  const value = json['permissions'];
  if (value === undefined) return USUAL_PERMISSIONS;
  const known = Array.isArray(value) ? PERMISSIONS.filter((permission) => value.includes(permission)) : [];
  if (!Array.isArray(value) || known.length !== value.length || known.length === 0) {
    throw new Refusal(`'permissions' is a list of ${PERMISSIONS.join(', ')}`);
  }
  return known;
}

function addressesOf(json: Json): readonly string[] | null {
  const value = json['addresses'];
  if (value === undefined) return null;
  if (!Array.isArray(value) || value.some((address) => typeof address !== 'string')) {
    throw new Refusal(`'addresses' is a list of IP addresses`);
  }
  return value.map(String);
}

const describeKey = ({ apiKey, proof, permissions, addresses }: ApiKey): Json => ({
  apiKey,
  kind: proof.kind,
  ...(proof.kind === 'HMAC' ? { apiSecret: proof.secret } : {}),
  permissions,
  addresses,
});

function describeAccount(desk: TradingDesk, account: AccountId): Json {
  return {
    account,
    keys: desk.keys.of(account).map(describeKey),
    balances: desk.exchange.positions(account).map(({ asset, free, locked }) => ({
      asset,
      free: formatAmount(free),
      locked: formatAmount(locked),
    })),
  };
}

/**
 * Control of the simulation, which no real exchange has: `/sim/accounts`, `/sim/keys`, `/sim/deposit`, `/sim/withdraw`, `/sim/convert`, `/sim/rules`. For the machine itself only; other addresses get 403.
 */
export function simulationRoutes(
  desk: TradingDesk,
  model: ListedModel,
  keySeed: number,
  originHeaders: Headers,
): readonly HttpRoute[] {
  let keysIssued = 0;

  function addKey(json: Json): Json {
    only(json, ['account', 'apiKey', 'publicKey', 'permissions', 'addresses']);
    const account = accountOf(desk, json);
    const permissions = permissionsOf(json);
    const addresses = addressesOf(json);
    keysIssued += 1;
    const label = `${account} ${keysIssued}`;
    if (json['publicKey'] === undefined) {
      return { ...issueHmacKey(desk.keys, account, keySeed, label, permissions, addresses), kind: 'HMAC' };
    }
    const proof = readPublicKey(text(json, 'publicKey'));
    if (!proof.ok) throw new Refusal(proof.fault.message);
    const apiKey = keyText(keySeed, `key ${label}`);
    const added = desk.keys.add({ apiKey, account, proof: proof.value, permissions, addresses });
    if (!added.ok) throw new Refusal(added.fault.message);
    return { account, apiKey, kind: proof.value.kind };
  }

  function deposit(json: Json): Json {
    const { account, asset, amount, recorded } = transferOf(desk, json);
    desk.deposit(account, asset, amount, recorded);
    return describeAccount(desk, account);
  }

  function withdraw(json: Json): Json {
    const { account, asset, amount, recorded } = transferOf(desk, json);
    const done = desk.withdraw(account, asset, amount, recorded);
    if (!done.ok) throw new Refusal(done.fault.message);
    return describeAccount(desk, account);
  }

  function convert(json: Json): Json {
    only(json, ['account', 'apiKey', 'asset', 'amount', 'brings']);
    const account = accountOf(desk, json);
    const done = desk.convert(account, assetIn(json), amountIn(json, 'amount'), DUST_TARGET, amountIn(json, 'brings'));
    if (!done.ok) throw new Refusal(done.fault.message);
    return describeAccount(desk, account);
  }

  const route = (method: 'GET' | 'POST', path: string, act: (request: IncomingRequest) => unknown): HttpRoute =>
    controlRoute(method, path, originHeaders, act);
  return [
    route('GET', 'accounts', () => {
      desk.advance();
      return desk.accounts.map((account) => describeAccount(desk, account));
    }),
    route('POST', 'keys', (request) => addKey(readJson(request))),
    route('POST', 'deposit', (request) => deposit(readJson(request))),
    route('POST', 'withdraw', (request) => withdraw(readJson(request))),
    route('POST', 'rules', (request) => {
      const json = readJson(request);
      only(json, ['symbol', 'status', 'filters', 'listed']);
      desk.advance();
      return changeRules(desk, model, json);
    }),
    route('POST', 'convert', (request) => convert(readJson(request))),
  ];
}
