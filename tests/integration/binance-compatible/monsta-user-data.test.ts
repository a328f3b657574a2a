import { generateKeyPairSync } from 'node:crypto';
import { systemClock } from '@monsta/clock-system';
import {
  expectOk,
  formatAmount,
  msFromUs,
  parseAmount,
  timestampUs,
  type Amount,
  type VenueAccountEvent,
} from '@monsta/core';
import type { Clock } from '@monsta/ports';
import type { BinanceKey } from '@monsta/venue-binance';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { holdingsOf } from './money.test-support.ts';
import { hmacKey, MonstaTrader } from './monsta.test-support.ts';
import { PlainClient, type Values } from './plain-client.test-support.ts';
import { openContractVenue, type ContractVenue } from './served-exchange.test-support.ts';
import { accountOf, control, Counterparty, marketNow } from './trading.test-support.ts';

const symbol = 'BTCUSDT';
const PATIENT = { timeout: 25_000, interval: 20 };

type Row = Readonly<Record<string, unknown>>;
type Told<K extends VenueAccountEvent['kind']> = Extract<VenueAccountEvent, { readonly kind: K }>;

const units = (text: string): Amount => expectOk(parseAmount(text));

describe('our own client hears of its account', { timeout: 60_000 }, () => {
  let venue: ContractVenue;
  let plain: PlainClient;
  let trader: MonstaTrader;

  const post = async (path: string, values: Values): Promise<Row> => {
    const { status, body } = await plain.signed(path, { symbol, ...values }, { method: 'POST' });
    expect({ status, body }).toMatchObject({ status: 200 });
    return body as Row;
  };
  const told = <K extends VenueAccountEvent['kind']>(
    kind: K,
    wanted: (event: Told<K>) => boolean,
    from = trader,
  ): Promise<Told<K>> =>
    from.account.first((event): event is Told<K> => event.kind === kind && wanted(event as Told<K>));
  const reports = (): number =>
    trader.line.telemetry.value('monsta_binance_user_events_total', { kind: 'executionReport' }) ?? 0;
  /** What the stream has told of each asset, the newest of each, against what the exchange answers. */
  const agree = async (assets: readonly string[]): Promise<void> => {
    const streamed = (): unknown => {
      const newest = new Map<string, Row>();
      for (const event of trader.account.events) {
        if (event.kind !== 'balances') continue;
        for (const { asset, free, locked } of event.balances)
          newest.set(asset, { asset, free: formatAmount(free), locked: formatAmount(locked) });
      }
      return assets.map((asset) => holdingsOf([newest.get(asset) ?? {}]));
    };
    const { body } = await plain.signed('account', { omitZeroBalances: true });
    const { balances } = body as { readonly balances: readonly Row[] };
    const answered = assets.map((asset) => holdingsOf(balances.filter((row) => row['asset'] === asset)));
    await expect.poll(streamed, PATIENT).toEqual(answered);
  };

  beforeAll(async () => {
    venue = await openContractVenue();
    plain = new PlainClient(venue.served, accountOf(venue, 0));
    trader = await MonstaTrader.open(venue.served, hmacKey(accountOf(venue, 0)));
  });
  afterAll(async () => {
    await trader.close();
    await venue.close();
  });

  it('its own orders are reported as they are placed, filled and canceled, and the money that they move', async () => {
    const { away } = await marketNow(venue);
    const from = reports();
    const resting = await trader.place({ price: away(-5) });
    await trader.filled(await trader.place({}));
    await trader.cancel(resting);
    // Placed and canceled; placed and traded once at least.
    await expect.poll(reports, PATIENT).toBeGreaterThanOrEqual(from + 4);
    await agree(['BTC', 'USDT']);
  });

  it('what happens to its orders without a request of ours is heard by the stream alone', async () => {
    const { away } = await marketNow(venue);
    const stop = await trader.place({ side: 'sell', type: 'stop_loss', stop: away(-0.2) });
    const byHand = await trader.place({ price: away(-5) });
    const asked = trader.line.requests.length;
    await new Counterparty(venue).moveTo(away(-0.35), 'SELL');
    await trader.told(stop, 'order-triggered');
    await trader.filled(stop);
    await plain.signed('order', { symbol, origClientOrderId: byHand }, { method: 'DELETE' });
    await trader.told(byHand, 'order-canceled');
    expect(trader.line.requests.slice(asked)).toEqual([]);
  });

  it('orders and trades of somebody else on the account', async () => {
    const { away } = await marketNow(venue);
    const foreign = await post('order', { side: 'BUY', type: 'MARKET', quantity: '0.002', newClientOrderId: 'hand-1' });
    const first = await told('foreign-fill', ({ fill }) => fill.clientOrderId === 'hand-1');
    const { body } = await plain.signed('myTrades', { symbol, orderId: Number(foreign['orderId']) });
    const [trade] = body as readonly Row[];
    expect({
      id: Number(first.fill.fillId),
      orderId: Number(first.fill.venueOrderId),
      time: msFromUs(first.tsEventUs),
      commissionAsset: first.fill.feeAsset,
      commission: holdingsOf([{ asset: 'fee', free: formatAmount(first.fill.fee), locked: '0' }]),
    }).toEqual({
      id: trade?.['id'],
      orderId: trade?.['orderId'],
      time: trade?.['time'],
      commissionAsset: 'BTC',
      commission: holdingsOf([{ asset: 'fee', free: trade?.['commission'], locked: '0' }]),
    });
    await post('order', {
      side: 'BUY',
      type: 'LIMIT',
      timeInForce: 'GTC',
      quantity: '0.001',
      price: away(-5),
      newClientOrderId: 'hand-2',
    });
    await told('balances', ({ balances }) => balances.some(({ locked }) => locked > 0n));
    await agree(['BTC', 'USDT']);
    await plain.signed('order', { symbol, origClientOrderId: 'hand-2' }, { method: 'DELETE' });
    await agree(['USDT']);
    const ofOurs = trader.account.events.filter(
      (event) => event.kind === 'foreign-fill' && !event.fill.clientOrderId.startsWith('hand-'),
    );
    expect(ofOurs).toEqual([]);
  });

  it('deposits, withdrawals and conversions, each by its cause', async () => {
    const { apiKey } = accountOf(venue, 0);
    await control(venue, 'deposit', { apiKey, asset: 'USDT', amount: '250.5' });
    await told(
      'transfer',
      ({ cause, asset, amount: by }) => cause === 'deposit' && asset === 'USDT' && by === units('250.5'),
    );
    await control(venue, 'withdraw', { apiKey, asset: 'ETH', amount: '1.25' });
    await told(
      'transfer',
      ({ cause, asset, amount: by }) => cause === 'withdrawal' && asset === 'ETH' && by === units('-1.25'),
    );
    await control(venue, 'convert', { apiKey, asset: 'XRP', amount: '3', brings: '0.002' });
    await told(
      'transfer',
      ({ cause, asset, amount: by }) => cause === 'conversion' && asset === 'XRP' && by === units('-3'),
    );
    await told(
      'transfer',
      ({ cause, asset, amount: by }) => cause === 'conversion' && asset === 'BNB' && by === units('0.002'),
    );
    await agree(['USDT', 'ETH', 'XRP', 'BNB']);
    const transfers = trader.account.events.flatMap((event) => (event.kind === 'transfer' ? [event.id] : []));
    expect(new Set(transfers).size).toBe(4);
    expect(transfers).toHaveLength(4);
  });

  it('money whose cause the exchange does not tell is unexplained', async () => {
    const { apiKey, apiSecret } = accountOf(venue, 1);
    const other = await MonstaTrader.open(venue.served, hmacKey({ apiKey, apiSecret }), {
      settings: { transferLookupMs: 1 },
    });
    await control(venue, 'deposit', { apiKey, asset: 'SOL', amount: '7', recorded: false });
    const event = await told('transfer', ({ asset }) => asset === 'SOL', other);
    expect(event).toMatchObject({ cause: 'unexplained', amount: units('7') });
    await other.close();
  });

  it.each(['rsa', 'ed25519'] as const)('with a key of %s', async (kind) => {
    const { publicKey, privateKey } =
      kind === 'rsa' ? generateKeyPairSync('rsa', { modulusLength: 2_048 }) : generateKeyPairSync('ed25519');
    const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
    const { apiKey } = (await control(venue, 'keys', { apiKey: accountOf(venue, 0).apiKey, publicKey: pem })) as {
      readonly apiKey: string;
    };
    const secret = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    const key: BinanceKey = { apiKey, kind, secret };
    const own = await MonstaTrader.open(venue.served, key, { prefix: `${kind}-` });
    expect(await own.balances()).toEqual(await trader.balances());
    const { away } = await marketNow(venue);
    const id = await own.place({ price: away(-5) });
    await own.cancel(id);
    // A trade of the same account by another key is told by the stream that this key subscribed to.
    await post('order', { side: 'BUY', type: 'MARKET', quantity: '0.001', newClientOrderId: `hand-${kind}` });
    await told('foreign-fill', ({ fill }) => fill.clientOrderId === `hand-${kind}`, own);
    const log = JSON.stringify(own.line.telemetry.records);
    expect(log).not.toContain(secret.split('\n')[1]);
    await own.close();
  });

  it.each([-60_000, 60_000])('with a clock that is off by %i ms, and is set right while it trades', async (offMs) => {
    const late = await plain.signed('account', { timestamp: Date.now() + offMs });
    expect(late.body).toMatchObject({ code: -1021 });
    const system = systemClock();
    let byMs = offMs;
    const clock: Clock = { ...system, nowUs: () => timestampUs(system.nowUs() + byMs * 1_000) };
    const own = await MonstaTrader.open(venue.served, hmacKey(accountOf(venue, 0)), { clock, prefix: `off${offMs}-` });
    const offset = (): number => own.line.connection.clockOffsetMs() ?? 0;
    expect(Math.abs(offset() + offMs)).toBeLessThan(5_000);
    const { away } = await marketNow(venue);
    await own.cancel(await own.place({ price: away(-5) }));
    byMs = 0;
    expect(expectOk(await own.venue.balances()).length).toBeGreaterThan(0);
    expect(Math.abs(offset())).toBeLessThan(5_000);
    await own.cancel(await own.place({ price: away(-5) }));
    await own.close();
  });

  it('all the while its reports were live, and none was unreadable', () => {
    const states = trader.account.events.flatMap((event) => (event.kind === 'reports' ? [event.state] : []));
    expect(states.filter((state) => state === 'lost')).toEqual([]);
    const unread = ['unreadable', 'unknown'].map((kind) =>
      trader.line.telemetry.value('monsta_binance_user_events_total', { kind }),
    );
    expect(unread).toEqual([null, null]);
    expect(trader.line.telemetry.records.filter(({ level }) => level === 'error')).toEqual([]);
  });
});
