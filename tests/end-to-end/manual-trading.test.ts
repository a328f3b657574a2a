import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MonstaClient, unwrap } from '@monsta/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCommand } from '../support/command.test-support.ts';
import { getJson, startProgram, textOf, until, type RunningProgram } from '../support/program.test-support.ts';

const folder = mkdtempSync(join(tmpdir(), 'monsta-manual-'));
const data = join(folder, 'data');
const tokenFile = join(folder, 'token');

interface Outcome {
  readonly status: number | null;
  readonly body: {
    readonly error?: { readonly code: string; readonly message: string; readonly details?: Record<string, unknown> };
    readonly orders?: readonly { readonly clientOrderId: string; readonly status: string }[];
    readonly items?: readonly { readonly id: string; readonly status: string }[];
    readonly state?: string;
    readonly note?: string | null;
    readonly repeated?: boolean;
  };
  readonly stderr: string;
}

/** Runs a command of the program to its end, and reads the document that it prints. */
async function monsta(argv: readonly string[], environment: Readonly<Record<string, string>> = {}): Promise<Outcome> {
  const { status, document, stderr } = await runCommand([...argv, '--json'], { environment });
  return { status, body: document as Outcome['body'], stderr };
}

const start = (): Promise<RunningProgram> =>
  startProgram([
    ...['--port', '0', '--data-dir', data, '--log-level', 'warn'],
    // Strategies leave ETHUSDT to the person.
    ...['--strategy', 'ema-cross', '--instruments', 'BTCUSDT'],
  ]);

async function live(program: RunningProgram): Promise<string> {
  const base = textOf(program, 'url');
  await until(
    async () => (await fetch(`${base}/readyz`)).status,
    (status) => status === 200,
    60_000,
    'readiness',
  );
  return base;
}

describe('trading by hand from the command line', { timeout: 180_000 }, () => {
  let program: RunningProgram;
  let base: string;
  const change = (...argv: readonly string[]): Promise<Outcome> =>
    monsta([...argv, '--url', base, '--token-file', tokenFile]);
  const statusOf = async (id: string | undefined): Promise<string | undefined> =>
    unwrap(await new MonstaClient({ baseUrl: base }).orders()).items.find(({ clientOrderId }) => clientOrderId === id)
      ?.status;
  const heldByHand = async (): Promise<number> => {
    const { items } = unwrap(await new MonstaClient({ baseUrl: base }).positions());
    return Number(items?.find(({ strategyId }) => strategyId === 'manual')?.quantity ?? 0);
  };
  /** A price below the market by `share`, on the tick. */
  const below = async (share: number): Promise<string> => {
    const book = await until(
      () => getJson<{ bids: [string, string][] | null }>(`${base}/api/v1/book?instrument=ETHUSDT`),
      ({ bids }) => bids !== null && bids.length > 0,
      30_000,
      'a book',
    );
    return (Number(book.bids?.[0]?.[0]) * (1 - share)).toFixed(2);
  };
  const place = async (...argv: readonly string[]): Promise<Outcome> =>
    change('orders', 'place', '--instrument', 'ETHUSDT', ...argv);

  beforeAll(async () => {
    program = await start();
    base = await live(program);
    writeFileSync(tokenFile, `${textOf(program, 'adminToken')}\n`, { mode: 0o600 });
  }, 120_000);
  afterAll(async () => {
    await program.kill();
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  });

  it('places a limit order, shows it as accepted, and cancels it', async () => {
    const placed = await place(
      '--side',
      'buy',
      '--quantity',
      '0.01',
      '--limit-price',
      await below(0.03),
      '--reason',
      'dip',
    );
    expect(placed).toMatchObject({ status: 0, body: { orders: [{ side: 'buy', tag: 'manual' }], repeated: false } });
    const id = placed.body.orders?.[0]?.clientOrderId ?? '';
    await until(
      () => statusOf(id),
      (status) => status === 'accepted',
      20_000,
      'the order in the book',
    );
    expect(await change('orders', 'cancel', '--id', id)).toMatchObject({
      status: 0,
      body: { orders: [{ clientOrderId: id }] },
    });
    await until(
      () => statusOf(id),
      (status) => status === 'canceled',
      20_000,
      'the canceled order',
    );
    expect(await change('orders', 'cancel', '--id', id)).toMatchObject({
      status: 1,
      body: { error: { code: 'order_final' } },
    });
  });

  it('buys at the market, and closes the position', async () => {
    expect(await place('--side', 'buy', '--quantity', '0.02')).toMatchObject({ status: 0 });
    await until(heldByHand, (held) => held > 0.019, 20_000, 'the position');
    const closed = await change('positions', 'close', '--instrument', 'ETHUSDT');
    expect(closed).toMatchObject({ status: 0, body: { orders: [{ side: 'sell', tag: 'person/close' }] } });
    await until(heldByHand, (held) => held < 0.0001, 20_000, 'the closed position');
    const again = await change('positions', 'close', '--instrument', 'ETHUSDT');
    expect(again).toMatchObject({ status: 1, body: { error: { code: 'position_unknown' } } });
  });

  it('halts with flatten, refuses orders and says by which rule, and resumes', async () => {
    expect(await place('--side', 'buy', '--quantity', '0.02')).toMatchObject({ status: 0 });
    await until(heldByHand, (held) => held > 0.019, 20_000, 'the position');
    const halted = await change('trading', 'halt', '--flatten', '--reason', 'enough');
    expect(halted).toMatchObject({ status: 0, body: { state: 'HALTED', by: 'user', reason: 'enough' } });
    await until(heldByHand, (held) => held < 0.0001, 20_000, 'the flat account');
    const refused = await place('--side', 'buy', '--quantity', '0.02');
    expect(refused).toMatchObject({
      status: 1,
      body: { error: { code: 'order_denied', details: { rule: 'trading_state', actual: 'HALTED' } } },
    });
    expect(await change('trading', 'resume')).toMatchObject({ status: 0, body: { state: 'ACTIVE' } });
    expect(await change('orders', 'cancel-all')).toMatchObject({ status: 0 });
  });

  it('pauses and starts a strategy', async () => {
    const listed = await monsta(['strategies', 'list', '--url', base]);
    expect(listed).toMatchObject({ status: 0, body: { items: [{ status: 'running' }] } });
    const id = listed.body.items?.[0]?.id ?? '';
    expect((await change('strategies', 'pause', '--id', id, '--reason', 'news')).status).toBe(0);
    const now = async (): Promise<string | undefined> =>
      unwrap(await new MonstaClient({ baseUrl: base }).strategies()).items?.[0]?.status;
    await until(now, (status) => status === 'paused', 20_000, 'the paused strategy');
    expect((await change('strategies', 'start', '--id', id)).status).toBe(0);
    await until(now, (status) => status === 'running', 20_000, 'the running strategy');
    const unknown = await change('strategies', 'pause', '--id', 'nobody');
    expect(unknown).toMatchObject({ status: 1, body: { error: { code: 'strategy_unknown' } } });
  });

  it.each<[string, readonly string[], number, string, string]>([
    [
      'without an instrument',
      ['orders', 'place', '--side', 'buy', '--quantity', '1'],
      2,
      'flag_invalid',
      '--instrument',
    ],
    [
      'with a side that is none',
      ['orders', 'place', '--instrument', 'ETHUSDT', '--side', 'hold', '--quantity', '1'],
      2,
      'flag_invalid',
      '--side',
    ],
    [
      'with a quantity that is none',
      ['orders', 'place', '--instrument', 'ETHUSDT', '--side', 'buy', '--quantity', '1e3'],
      2,
      'flag_invalid',
      '--quantity',
    ],
    [
      'between two lots',
      ['orders', 'place', '--instrument', 'ETHUSDT', '--side', 'buy', '--quantity', '0.0100000001'],
      1,
      'order_invalid',
      'nearest below',
    ],
    [
      'of an unknown instrument',
      ['orders', 'place', '--instrument', 'NOPEUSDT', '--side', 'buy', '--quantity', '1'],
      1,
      'instrument_unknown',
      'NOPEUSDT',
    ],
    [
      'that is too large',
      ['orders', 'place', '--instrument', 'ETHUSDT', '--side', 'buy', '--quantity', '1000'],
      1,
      'order_denied',
      'position_max',
    ],
    ['with the token as an argument', ['trading', 'halt', '--token', 'x'], 2, 'flag_invalid', '--token-file'],
  ])('refuses an order %s', async (_what, argv, status, code, message) => {
    const outcome = await change(...argv);
    expect(outcome).toMatchObject({ status, body: { error: { code } } });
    expect(outcome.body.error?.message).toContain(message);
  });

  it('needs the token: without one, and with a wrong one, nothing happens', async () => {
    const without = await monsta(['trading', 'halt', '--url', base]);
    expect(without).toMatchObject({ status: 2, body: { error: { code: 'token_missing' } } });
    const wrong = await monsta(['trading', 'halt', '--url', base], { MONSTA_TOKEN: 'monsta_admin_no' });
    expect(wrong).toMatchObject({ status: 1, body: { error: { code: 'token_invalid' } } });
    const nobody = await monsta(['trading', 'halt', '--url', 'http://127.0.0.1:59999', '--token-file', tokenFile]);
    expect(nobody).toMatchObject({ status: 1, body: { error: { code: 'not_running' } } });
    expect(unwrap(await new MonstaClient({ baseUrl: base }).tradingState()).state).toBe('ACTIVE');
  });

  it('killed between command and reply, and started again: the order is known or was never placed, never twice', async () => {
    const price = await below(0.04);
    const requestId = 'killed-1';
    const client = new MonstaClient({
      baseUrl: base,
      token: readFileSync(tokenFile, 'utf8').trim(),
    });
    const order = {
      requestId,
      instrument: 'ETHUSDT',
      side: 'buy',
      type: 'limit',
      quantity: '0.01',
      limitPrice: price,
    } as const;
    const asked = client.placeOrder(order);
    await new Promise((resolve) => setTimeout(resolve, 3));
    await program.kill();
    const before = await asked;
    program = await start();
    base = await live(program);
    // A start on stored bars is ready before the market has said anything; risk wants its last trade.
    await until(
      () => getJson<{ items: readonly unknown[] }>(`${base}/api/v1/trades?instrument=ETHUSDT&limit=1`),
      ({ items }) => items.length > 0,
      30_000,
      'a trade',
    );
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    // Asked as often as it takes, it is one order.
    const again = await until(
      () => place('--side', 'buy', '--quantity', '0.01', '--limit-price', price, '--request-id', requestId),
      ({ status }) => status === 0,
      30_000,
      'an answer to the order',
    );
    const ids = again.body.orders?.map(({ clientOrderId }) => clientOrderId) ?? [];
    if (before.ok) expect(ids).toEqual(before.value.orders.map(({ clientOrderId }) => clientOrderId));
    const decided = unwrap(await new MonstaClient({ baseUrl: base }).decisions({ limit: 1_000 })).items;
    const placing = decided.filter(({ wanted, risk }) => {
      // A strategy's own decisions are among them: they ask for nothing, and risk says nothing to them.
      const { requestId: id } = wanted as { requestId?: string };
      const result = (risk as { result?: string } | null)?.result;
      return id === requestId && result === 'done';
    });
    expect(placing.map(({ orders }) => orders)).toEqual([ids]);
    // One that was recorded and never sent is known as such, and is not sent a second time.
    const what = await until(
      () => statusOf(ids[0]),
      (status) => status === 'accepted' || status === 'rejected',
      30_000,
      'what became of the order',
    );
    const { items } = unwrap(await new MonstaClient({ baseUrl: base }).orders());
    const placed = items.filter(({ limitPrice }) => limitPrice === price);
    expect(placed).toMatchObject([{ clientOrderId: ids[0], status: what }]);
    if (what === 'rejected') expect(placed[0]?.reasonCode).toBe('never_arrived');
    const canceled = await change('orders', 'cancel-all', '--strategy', 'manual');
    expect(canceled).toMatchObject({ status: 0, body: { orders: what === 'accepted' ? [{}] : [] } });
  });
});
