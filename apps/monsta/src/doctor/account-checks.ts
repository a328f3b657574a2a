import type { CheckedExchangeKey, ExchangeKeys } from '@monsta/identity';
import type { ExchangeKey } from '@monsta/ports';
import {
  createBinanceAccountAccess,
  createBinanceCredentials,
  probeUserStream,
  readOrderCounts,
  type BinanceConnection,
  type BinanceCredentials,
} from '@monsta/venue-binance';
import { failedWith, failure, fine, skipped, warning, type Check } from './check.ts';
import { limitsCheck } from './exchange-checks.ts';

const NAMES = ['key', 'account', 'order-limits', 'user-stream'] as const;

function permissionsTold({ key, warnings }: CheckedExchangeKey): Check {
  const { permissions } = key;
  const facts = { permissions, use: key.use, keyEnds: key.keyEnds };
  const answers = [
    ['reads', permissions?.read],
    ['trades', permissions?.trade],
    ['withdraws', permissions?.withdraw],
    ['is bound to addresses', permissions?.ipRestricted],
  ] as const;
  const said = (answer: boolean | null | undefined): string =>
    answer === true ? 'yes' : answer === false ? 'no' : 'not told';
  const seen = `…${key.keyEnds ?? ''}: ${answers.map(([what, answer]) => `${what}: ${said(answer)}`).join(', ')}`;
  if (warnings.length === 0) return fine('key', seen, facts);
  return warning('key', seen, warnings.map(({ message }) => message).join('; '), facts);
}

/** The number that live trading has to be told. */
async function accountNumber(
  connection: BinanceConnection,
  name: string,
  credentials: BinanceCredentials,
): Promise<Check> {
  const number = await createBinanceAccountAccess(connection, { name, credentials }).accountNumber();
  if (!number.ok) return failedWith('account', number.fault);
  return fine('account', `number ${number.value} (trading.live.account)`, { number: number.value });
}

async function orderLimits(
  connection: BinanceConnection,
  name: string,
  credentials: BinanceCredentials,
): Promise<Check> {
  const counts = await readOrderCounts(connection.accountClient({ name, credentials }));
  return counts.ok ? limitsCheck('order-limits', counts.value) : failedWith('order-limits', counts.fault);
}

async function userStream(connection: BinanceConnection, credentials: BinanceCredentials): Promise<Check> {
  const subscribed = await probeUserStream(connection, credentials);
  if (!subscribed.ok) return failedWith('user-stream', subscribed.fault);
  return fine('user-stream', `subscribed by signature in ${Math.round(subscribed.value)} ms`, { ms: subscribed.value });
}

/** What a stored key may do, whose it is, what it has used, and whether the account's events can be heard. `name` null: no key was named. */
export async function accountChecks(
  connection: BinanceConnection,
  keys: ExchangeKeys,
  name: string | null,
  reached: boolean,
): Promise<readonly Check[]> {
  const skip = (why: string): readonly Check[] => NAMES.map((check) => skipped(check, why));
  if (name === null) return skip('name a key with --account (monsta exchange-keys list)');
  const stored = await keys.read(name);
  if (!stored.ok) return [failedWith('key', stored.fault), ...skip('there is no key to ask with').slice(1)];
  const wrong = misfit(stored.value, connection.name);
  if (wrong !== null) return [wrong, ...skip('the key is of another exchange').slice(1)];
  if (!reached) return skip('the exchange does not answer');
  const checked = await keys.check(name);
  if (!checked.ok && checked.fault.code !== 'exchange_key_refused')
    return [failedWith('key', checked.fault), ...skip('the exchange did not take the key').slice(1)];
  const key = checked.ok ? permissionsTold(checked.value) : failedWith('key', checked.fault);
  const credentials = createBinanceCredentials(stored.value);
  if (!credentials.ok) return [key, ...skip('the key can’t sign').slice(1)];
  return [
    key,
    await accountNumber(connection, name, credentials.value),
    await orderLimits(connection, name, credentials.value),
    await userStream(connection, credentials.value),
  ];
}

function misfit({ venue }: ExchangeKey, asked: string): Check | null {
  return venue === asked
    ? null
    : failure(
        'key',
        `this key is one of ${venue}, not of ${asked}`,
        `run the doctor with --venue ${venue}, or name another key`,
      );
}
