import { price, quantity, seededRandom, timestampUs, type Random, type VenueAccountEvent } from '@monsta/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  atMs,
  balance,
  barInput,
  BTC,
  CONFIG,
  crossing,
  feedInput,
  money,
  only,
  quoteInput,
  scripted,
  startInputs,
  tradeInput,
  venueInput,
} from './kernel.test-support.ts';
import { decodeInput, encodeInput } from './input-codec.ts';
import { isKept } from './kept-records.ts';
import { Kernel } from './kernel.ts';
import type { KernelInput, KernelOutput } from './kernel-types.ts';
import { UNWATCHED } from './strategy-watch.ts';
import type { Fill } from '@monsta/core';

const STRATEGIES = [crossing, scripted([1, null, 0, 0.5, null, 1, 0, 1, null, 0], 'other', 59_500)];

/** What happens on the account beside our orders, told late at times. */
function accountEvent(minute: number, at: number, random: Random): KernelInput {
  const tsUs = atMs(minute * 60_000 + 59_600);
  const tsEventUs = timestampUs(tsUs - random.integer(200_000_000));
  const asset = random.next() < 0.8 ? BTC.quote : BTC.base;
  const input = (event: VenueAccountEvent): KernelInput => ({ kind: 'account', tsUs, event });
  switch (random.integer(4)) {
    case 0:
      return input({ kind: 'reports', state: random.next() < 0.3 ? 'lost' : 'live', reason: 'silence', tsEventUs });
    case 1:
      return input({ kind: 'balances', balances: [balance(asset, '9999')], tsEventUs });
    case 2: {
      const coins = { instrument: BTC.id, side: 'buy', price: price(at), quantity: quantity(10) } as const;
      const ids = { fillId: `o${minute % 7}`, clientOrderId: 'web_1', venueOrderId: '9' } as Pick<
        Fill,
        'fillId' | 'clientOrderId' | 'venueOrderId'
      >;
      const fill = {
        ...ids,
        ...coins,
        fee: money('0.01'),
        feeAsset: BTC.quote,
        liquidity: 'maker',
        tsEventUs,
      } as const;
      return input({ kind: 'foreign-fill', fill, tsEventUs });
    }
    default:
      return input({ kind: 'transfer', id: `t${minute % 9}`, cause: 'deposit', asset, amount: money('25'), tsEventUs });
  }
}

/** A seeded market with a venue that answers, twice at times, late at times, and with a person at the switch. */
function scenario(
  seed: number,
  minutes: number,
): { readonly inputs: readonly KernelInput[]; readonly outputs: readonly (readonly KernelOutput[])[] } {
  const random = seededRandom(seed);
  const outside = seededRandom(seed + 1);
  const kernel = new Kernel(CONFIG, STRATEGIES);
  const inputs: KernelInput[] = [];
  const outputs: (readonly KernelOutput[])[] = [];
  const answers: KernelInput[] = [];
  let at = 6_000_000;
  const feed = (input: KernelInput): void => {
    inputs.push(input);
    const given = kernel.handle(input);
    outputs.push(given);
    for (const output of given) {
      if (output.kind !== 'submit') continue;
      const { clientOrderId, side, quantity, instrument, strategyId } = output.request;
      const tsEventUs = input.tsUs;
      const venueOrderId = `v${clientOrderId}` as Fill['venueOrderId'];
      if (random.next() < 0.2) {
        answers.push(
          venueInput(0, { kind: 'order-rejected', clientOrderId, code: 'no_quote', reason: 'none', tsEventUs }),
        );
        continue;
      }
      const accepted = venueInput(0, { kind: 'order-accepted', clientOrderId, venueOrderId, tsEventUs });
      const part = Math.max(1, Math.floor(quantity / 2));
      for (const [index, size] of [part, quantity - part].entries()) {
        const fill: Fill = {
          fillId: `${clientOrderId}:${index}` as Fill['fillId'],
          clientOrderId,
          venueOrderId,
          strategyId,
          instrument,
          side,
          price: at as Fill['price'],
          quantity: size as Fill['quantity'],
          fee: 10_000_000_000n as Fill['fee'],
          feeAsset: side === 'buy' ? BTC.base : BTC.quote,
          liquidity: 'taker',
          tsEventUs,
        };
        const filled = venueInput(0, { kind: 'order-filled', fill, tsEventUs });
        if (size > 0) answers.push(...(random.next() < 0.3 ? [filled, filled] : [filled]));
      }
      answers.push(accepted);
    }
  };
  for (const input of startInputs()) feed(input);
  for (let minute = 0; minute < minutes; minute += 1) {
    for (let second = 1; second < 60; second += 10) {
      const ms = minute * 60_000 + second * 1_000;
      at = Math.max(1_000_000, at + Math.round(random.gaussian() * 20_000));
      feed(tradeInput(ms, at));
      feed(quoteInput(ms + 1, at - 1, at + 1));
      feed({ kind: 'tick', tsUs: atMs(ms + 2) });
      while (answers.length > 0 && random.next() < 0.8) {
        const answer = answers.splice(random.integer(answers.length), 1)[0];
        if (answer !== undefined) feed({ ...answer, tsUs: atMs(ms + 3) });
      }
    }
    if (random.next() < 0.05) feed(feedInput(minute * 60_000 + 59_000, random.next() < 0.5 ? 'stale' : 'live'));
    if (random.next() < 0.05) {
      const state = (['ACTIVE', 'REDUCING', 'HALTED'] as const)[random.integer(3)] ?? 'ACTIVE';
      const flatten = state === 'HALTED' && random.next() < 0.5;
      feed({
        kind: 'command',
        tsUs: atMs(minute * 60_000 + 59_500),
        id: `c${minute}`,
        actor: 'tester',
        action: { kind: 'set-state', state, reason: 'test', flatten },
      });
    }
    if (outside.next() < 0.15) feed(accountEvent(minute, at, outside));
    feed(barInput(minute, at));
  }
  return { inputs, outputs };
}

test('the same inputs give the same outputs, also through the journal’s encoding', () => {
  const { inputs, outputs } = scenario(1, 120);
  expect(only(outputs.flat(), 'submit').length).toBeGreaterThan(5);
  expect(only(outputs.flat(), 'fill').length).toBeGreaterThan(5);
  const kernel = new Kernel(CONFIG, STRATEGIES);
  const again = inputs.map((input) => {
    const decoded = decodeInput(JSON.parse(JSON.stringify(encodeInput(input))));
    expect(decoded).toEqual(input);
    return decoded === null ? [] : kernel.handle(decoded);
  });
  expect(again).toEqual(outputs);
});

test('which records are kept changes nothing else that the kernel says', () => {
  const kinds = fc.constantFrom('all', 'denials', 'none');
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1_000 }), kinds, fc.boolean(), (seed, decisions, ledger) => {
      const { inputs, outputs } = scenario(seed, 30);
      const keeps = { decisions, ledger } as const;
      const kernel = new Kernel(CONFIG, STRATEGIES, UNWATCHED, keeps);
      const wanted = outputs.map((said) => said.filter((output) => isKept(output, keeps)));
      expect(inputs.map((input) => kernel.handle(input))).toEqual(wanted);
    }),
    { numRuns: 25 },
  );
});

test('a kernel restored from its snapshot in the middle goes on as if nothing had happened', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1_000 }), fc.double({ min: 0, max: 1, noNaN: true }), (seed, share) => {
      const { inputs, outputs } = scenario(seed, 30);
      const cut = Math.floor(inputs.length * share);
      const first = new Kernel(CONFIG, STRATEGIES);
      for (const input of inputs.slice(0, cut)) first.handle(input);
      const second = Kernel.restore(JSON.parse(JSON.stringify(first.snapshot())), CONFIG, STRATEGIES);
      expect(inputs.slice(cut).map((input) => second.handle(input))).toEqual(outputs.slice(cut));
    }),
    { numRuns: 25 },
  );
});

test('no limit is ever exceeded, no order id used twice, and each bar decided once by each strategy', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 10_000 }), (seed) => {
      const { outputs } = scenario(seed, 60);
      const all = outputs.flat();
      const ids = only(all, 'submit').map(({ request }) => request.clientOrderId);
      expect(new Set(ids).size).toBe(ids.length);
      const decisions = only(all, 'decision').map(({ decision }) => decision.id);
      expect(new Set(decisions).size).toBe(decisions.length);
      // What persons ask for leaves one each, too.
      expect(decisions.filter((id) => !id.startsWith('command:'))).toHaveLength(120);
      expect(only(all, 'position').every(({ position }) => !position.quantity.startsWith('-'))).toBe(true);
      const fills = only(all, 'fill').map(({ fill }) => fill.fillId);
      expect(new Set(fills).size).toBe(fills.length);
    }),
    { numRuns: 25 },
  );
});
