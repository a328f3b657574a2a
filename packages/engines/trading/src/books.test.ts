import {
  addAmounts,
  amount,
  assetId,
  expectOk,
  formatAmount,
  instrumentId,
  parseAmount,
  price,
  quantity,
  subtractAmounts,
  timestampUs,
  type Fill,
  type Instrument,
} from '@monsta/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { NEW_EQUITY, valued, withFlow, type EquityState } from './equity-book.ts';
import { Kernel } from './kernel.ts';
import {
  atMs,
  barInput,
  BTC,
  CONFIG,
  EMPTY,
  feedInput,
  fillAll,
  money,
  only,
  running,
  scripted,
  startInputs,
  tradeInput,
  venueInput,
} from './kernel.test-support.ts';
import type { KernelInput, KernelOutput } from './kernel-types.ts';
import type { RecoveredState } from './records.ts';

const BNB: Instrument = { ...BTC, id: instrumentId('BNBUSDT'), base: assetId('BNB') };

const deposit = (ms: number, text: string): KernelInput => ({
  kind: 'account',
  tsUs: atMs(ms),
  event: {
    kind: 'transfer',
    id: `t${ms}`,
    cause: text.startsWith('-') ? 'withdrawal' : 'deposit',
    asset: assetId('USDT'),
    amount: money(text),
    tsEventUs: atMs(ms),
  },
});

const samplesOf = (outputs: readonly KernelOutput[]) => only(outputs, 'equity').map(({ sample }) => sample);

/** What a ledger would hold after these outputs. */
const recovered = (outputs: readonly KernelOutput[]): RecoveredState => ({
  ...EMPTY,
  account: only(outputs, 'account').at(-1)?.account ?? null,
  balances: only(outputs, 'balances').at(-1)?.balances ?? [],
  positions: only(outputs, 'position')
    .slice(-1)
    .map(({ position }) => position),
  roundTrips: only(outputs, 'round-trip').map(({ roundTrip }) => roundTrip),
});

describe('the equity over time', () => {
  test('is kept once a minute of the kernel’s clock, and when the day begins', () => {
    const kernel = running([scripted([])]);
    const outputs = [3_000, 30_000, 58_000, 60_000, 61_000, 119_000, 125_000].flatMap((ms) =>
      kernel.handle({ kind: 'tick', tsUs: atMs(ms) }),
    );
    expect(samplesOf(outputs).map(({ tsUs }) => tsUs)).toEqual([atMs(60_000), atMs(125_000)]);
    const nextDay = kernel.handle({ kind: 'tick', tsUs: atMs(86_400_000) });
    expect(samplesOf(nextDay).map(({ tsUs }) => tsUs)).toEqual([atMs(86_400_000)]);
    const hourly = running([scripted([])], 6_000_000, { ...CONFIG, equitySampleMs: 7 * 3_600_000 });
    hourly.handle({ kind: 'tick', tsUs: atMs(86_399_000) });
    expect(samplesOf(hourly.handle({ kind: 'tick', tsUs: atMs(86_400_000) }))).toHaveLength(1);
  });

  test('says what is cash, what is at stake, and what each strategy has made of it', () => {
    const kernel = running([scripted([1])]);
    fillAll(kernel, kernel.handle(barInput(0, 6_000_000)), 6_000_000, 60_001, 10n ** 18n);
    const [sample] = samplesOf(kernel.handle(tradeInput(120_000, 6_100_000)));
    // 0.01583 BTC for 949.8 and a fee of 1.
    expect(sample).toEqual({
      accountId: CONFIG.accountId,
      tsUs: atMs(120_000),
      equity: '10014.83',
      cash: '9049.2',
      exposure: '965.63',
      deposits: '0',
      growth: '1.001483',
      byStrategy: { scripted: { realized: '-1', unrealized: '15.83' } },
    });
  });

  test('does not grow by a deposit nor shrink by a withdrawal, at whose moments it is kept too', () => {
    const kernel = running([scripted([1])]);
    fillAll(kernel, kernel.handle(barInput(0, 6_000_000)), 6_000_000, 60_001);
    const before = samplesOf(kernel.handle(tradeInput(120_000, 6_100_000))).at(-1);
    const [paidIn] = samplesOf(kernel.handle(deposit(121_000, '10015.83')));
    expect(paidIn).toMatchObject({ deposits: '10015.83', equity: '20031.66', growth: before?.growth });
    const [paidOut] = samplesOf(kernel.handle(deposit(122_000, '-5000')));
    expect(paidOut).toMatchObject({ deposits: '5015.83', equity: '15031.66', growth: before?.growth });
    expect(kernel.gate.state).toBe('ACTIVE');
  });

  test('goes on over a restart as if there had been none', () => {
    const life = (restart: boolean) => {
      let kernel = running([scripted([1])]);
      const outputs: KernelOutput[] = [...kernel.handle(deposit(50_000, '5000'))];
      const keep = (found: readonly KernelOutput[]): void => void outputs.push(...found);
      const bought = kernel.handle(barInput(0, 6_000_000));
      keep(bought);
      keep(fillAll(kernel, bought, 6_000_000, 60_001));
      keep(kernel.handle(tradeInput(70_000, 5_900_000)));
      keep(kernel.handle(tradeInput(120_000, 6_100_000)));
      if (restart) {
        kernel = new Kernel(CONFIG, [scripted([1])]);
        const balances = only(outputs, 'balances').at(-1)?.balances ?? [];
        for (const input of startInputs(121_000, balances, recovered(outputs))) keep(kernel.handle(input));
      }
      keep(kernel.handle(tradeInput(180_000, 6_200_000)));
      keep(kernel.handle(deposit(190_000, '-1000')));
      keep(kernel.handle(tradeInput(240_000, 6_300_000)));
      return { last: samplesOf(outputs).at(-1), excursions: kernel.positions()[0]?.excursions };
    };
    expect(life(true)).toEqual(life(false));
    expect(life(true)).toMatchObject({
      last: { deposits: '4000' },
      excursions: { adversePpm: 16_667, favourablePpm: 50_000 },
    });
  });
});

describe('time-weighted growth', () => {
  const step = (state: EquityState, equity: string, ms: number) =>
    valued(state, money(equity), timestampUs(ms * 1_000), timestampUs(0), 60_000_000);

  test('is the product of the growth between cash flows', () => {
    const first = step(NEW_EQUITY, '1000', 1);
    expect(first).toMatchObject({ growth: money('1'), linked: true });
    const up = step(first.state, '1100', 2);
    expect(up).toMatchObject({ growth: money('1.1'), linked: false });
    const flow = step(withFlow(up.state, money('1100')), '2200', 3);
    expect(flow).toMatchObject({ growth: money('1.1'), linked: true });
    const down = step(flow.state, '1980', 4);
    // +10 % and then -10 %, whatever was paid in between.
    expect(down.growth).toBe(money('0.99'));
    expect(down.state.deposits).toBe(money('1100'));
  });

  test('does not count what came before the first valuation, nor what comes to an empty account', () => {
    const first = step(withFlow(NEW_EQUITY, money('500')), '500', 1);
    expect(first).toMatchObject({ growth: money('1'), state: { deposits: 0n } });
    const emptied = step(withFlow(first.state, money('-500')), '0', 2);
    const refilled = step(withFlow(emptied.state, money('800')), '800', 3);
    expect(refilled).toMatchObject({ growth: money('1'), state: { deposits: money('300') } });
    expect(step(refilled.state, '880', 4).growth).toBe(money('1.1'));
  });

  test('is that of the equity alone, however often it is looked at and whatever flows', () => {
    const anyMove = fc.record({
      ppm: fc.integer({ min: -300_000, max: 300_000 }),
      flow: fc.option(fc.bigInt({ min: -(10n ** 20n), max: 10n ** 21n })),
      look: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(anyMove, { minLength: 1, maxLength: 30 }), (moves) => {
        let equity = money('1000');
        let state = step(NEW_EQUITY, '1000', 0).state;
        let expected = 1;
        for (const [index, { ppm, flow, look }] of moves.entries()) {
          equity = amount((equity * BigInt(1_000_000 + ppm)) / 1_000_000n);
          expected *= 1 + ppm / 1_000_000;
          if (flow !== null && equity + flow > 10n ** 19n) {
            equity = amount(equity + flow);
            state = step(withFlow(state, amount(flow)), formatAmount(equity), index + 1).state;
          } else if (look) state = step(state, formatAmount(equity), index + 1).state;
        }
        const { growth } = step(state, formatAmount(equity), moves.length + 1);
        expect(Number(formatAmount(growth))).toBeCloseTo(expected, 9);
      }),
    );
  });
});

describe('round trips of the kernel', () => {
  test('are recorded with the fill that ends them, with what the closing order was for', () => {
    const kernel = running([scripted([1, 0])]);
    fillAll(kernel, kernel.handle(barInput(0, 6_000_000)), 6_000_000, 60_001);
    kernel.handle(tradeInput(70_000, 5_900_000));
    kernel.handle(tradeInput(80_000, 6_060_000));
    const exit = kernel.handle(barInput(1, 6_060_000));
    const outputs = fillAll(kernel, exit, 6_030_000, 120_001);
    const [trip] = only(outputs, 'round-trip').map(({ roundTrip }) => roundTrip);
    expect(trip).toMatchObject({
      strategyId: 'scripted',
      entryPrice: '60000',
      exitPrice: '60300',
      entryQuantity: '0.01583',
      profit: '4.749',
      excursions: { adverse: '15.83', favourable: '9.498', adversePpm: 16_667, favourablePpm: 10_000 },
      exitOrderId: only(exit, 'submit')[0]?.request.clientOrderId,
    });
    const kinds = outputs.map(({ kind }) => kind);
    expect(kinds.indexOf('round-trip')).toBeGreaterThan(kinds.indexOf('fill'));
  });

  test('count a fee in BNB at the last price of BNB, and know no profit where there is none', () => {
    const trip = (bnbTraded: boolean) => {
      const kernel = new Kernel(CONFIG, [scripted([1, 0])]);
      kernel.handle({ kind: 'instruments', tsUs: atMs(0), instruments: [BNB] });
      for (const input of [...startInputs(), feedInput(0, 'live'), tradeInput(1, 6_000_000)]) kernel.handle(input);
      if (bnbTraded) {
        const event = {
          kind: 'trade',
          instrument: BNB.id,
          tradeId: 1,
          price: price(60_000),
          quantity: quantity(1),
          buyerIsMaker: false,
          tsEventUs: atMs(2),
          tsInitUs: atMs(2),
        } as const;
        kernel.handle({ kind: 'market', tsUs: atMs(2), event });
      }
      const outputs: KernelOutput[] = [];
      for (const minute of [0, 1]) {
        const [submit] = only(kernel.handle(barInput(minute, 6_000_000)), 'submit');
        if (submit === undefined) throw new Error('nothing was ordered');
        const { clientOrderId, side, quantity: lots } = submit.request;
        const ms = (minute + 1) * 60_000 + 1;
        const fill: Fill = {
          fillId: `f${minute}` as Fill['fillId'],
          clientOrderId,
          venueOrderId: '1' as Fill['venueOrderId'],
          strategyId: submit.request.strategyId,
          instrument: BTC.id,
          side,
          price: price(6_000_000),
          quantity: lots,
          fee: money('0.001'),
          feeAsset: BNB.base,
          liquidity: 'taker',
          tsEventUs: atMs(ms),
        };
        outputs.push(...kernel.handle(venueInput(ms, { kind: 'order-filled', fill, tsEventUs: atMs(ms) })));
      }
      return { trip: only(outputs, 'round-trip')[0]?.roundTrip, view: kernel.positions()[0] };
    };
    const known = trip(true);
    expect(known.trip).toMatchObject({ realizedProfit: '0', profit: '-1.2', fees: { byAsset: { BNB: '0.002' } } });
    expect(known.view).toMatchObject({ netProfit: money('-1.2'), netProfitAbsence: null });
    const unknown = trip(false);
    expect(unknown.trip).toMatchObject({ realizedProfit: '0', profit: null, fees: { unvalued: { BNB: '0.002' } } });
    expect(unknown.view).toMatchObject({
      netProfit: null,
      netProfitAbsence: 'no price was known for fees of 0.002 BNB when they were paid',
    });
  });

  test('and what is open make up the realised profit of the account, whatever is traded', () => {
    const anyMinute = fc.record({
      target: fc.option(fc.integer({ min: 0, max: 4 })),
      close: fc.integer({ min: 5_800_000, max: 6_200_000 }),
    });
    fc.assert(
      fc.property(fc.array(anyMinute, { minLength: 2, maxLength: 25 }), (minutes) => {
        const names = ['a', 'b'];
        const kernel = running(
          names.map((name, shift) =>
            scripted(
              minutes.map(({ target }, index) => (target === null || index % 2 !== shift ? null : target / 4)),
              name,
            ),
          ),
        );
        const outputs: KernelOutput[] = [];
        for (const [minute, { close }] of minutes.entries()) {
          const asked = kernel.handle(barInput(minute, close));
          outputs.push(...asked, ...fillAll(kernel, asked, close, (minute + 1) * 60_000 + 1, 7n * 10n ** 15n));
        }
        const sum = (texts: readonly string[]) =>
          texts.reduce((total, text) => addAmounts(total, expectOk(parseAmount(text))), amount(0n));
        const closed = sum(only(outputs, 'round-trip').map(({ roundTrip }) => roundTrip.realizedProfit));
        const newest = new Map(only(outputs, 'position').map(({ position }) => [position.strategyId, position]));
        const open = sum([...newest.values()].map(({ trip }) => trip?.realizedProfit ?? '0'));
        const realized = sum([...newest.values()].map(({ realizedProfit }) => realizedProfit));
        expect(addAmounts(closed, open)).toBe(realized);
        // And the equity is what there was at first, with what was made of it.
        const unrealized = kernel
          .positions()
          .reduce((total, view) => addAmounts(total, view.unrealizedProfit ?? amount(0n)), amount(0n));
        expect(subtractAmounts(kernel.account().equity ?? amount(0n), money('10000'))).toBe(
          addAmounts(realized, unrealized),
        );
      }),
      { numRuns: 40 },
    );
  });
});
