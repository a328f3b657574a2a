import { assetId, price, quantity, type ForeignFill, type VenueAccountEvent } from '@monsta/core';
import { describe, expect, test } from 'vitest';
import { recoveredFrom, replyTo } from '../command-desk.test-support.ts';
import { atMs, barInput, BTC, CONFIG, money, only, startInputs, tradeInput } from '../kernel.test-support.ts';
import { Kernel } from '../kernel.ts';
import { Desk, LOTS } from '../protective-desk.test-support.ts';
import type { LimitName } from './limit-use.ts';
import type { StrategyLimits } from './limits.ts';

const NONE: StrategyLimits = {
  positionPpmMax: null,
  exposurePpmMax: null,
  openPositionsMax: null,
  dailyLossPpmMax: null,
  drawdownPpmMax: null,
};
/** 10 USDT of 10,000. */
const DAILY = { limits: { ...NONE, dailyLossPpmMax: 1_000 } };
const BOTH = { limits: { ...NONE, dailyLossPpmMax: 10_000, drawdownPpmMax: 20_000 } };
const ALWAYS = Array.from({ length: 40 }, () => 1);

function entered(own: Parameters<typeof newDesk>[0] = BOTH): Desk {
  const desk = newDesk(own);
  desk.accept();
  desk.fill(LOTS);
  return desk;
}
const newDesk = (own: { readonly limits: StrategyLimits }): Desk => new Desk(ALWAYS, CONFIG, undefined, own);

const lost = (kernel: Kernel, rule: LimitName): string | null => {
  const use = kernel.risk().limits.find((each) => each.rule === rule);
  return use?.amounts?.used ?? null;
};
const strategyOf = (kernel: Kernel) => {
  const view = kernel.strategies()[0];
  return { status: view?.status, reason: view?.gate.reason ?? null };
};

/** The position is worth 11 less than was paid. */
function fallen(): Desk {
  const desk = entered(DAILY);
  desk.trade(61_000, 5_930_000);
  desk.tick(62_100);
  return desk;
}

function restarted(desk: Desk): Kernel {
  const state = recoveredFrom(desk.said);
  const kernel = new Kernel(CONFIG, desk.strategies);
  for (const input of startInputs(desk.ms, state.balances, state)) kernel.handle(input);
  kernel.handle(tradeInput(desk.ms + 1, 5_930_000));
  return kernel;
}

test('a highest profit of its own is known after a restart, though the account has been higher', () => {
  const desk = entered({ limits: { ...NONE, drawdownPpmMax: 20_000 } });
  desk.trade(61_000, 4_500_000);
  desk.tick(62_100);
  expect(strategyOf(desk.kernel).status).toBe('paused');
  // From here on its losses are measured anew.
  const start = { kind: 'set-strategy', strategyId: 'scripted', state: 'running', reason: 'go on' } as const;
  expect(replyTo(desk, start)?.error).toBeNull();
  desk.trade(64_000, 4_600_000);
  desk.tick(65_100);
  desk.tick(76_200);
  desk.trade(77_000, 4_550_000);
  desk.tick(78_100);
  const before = lost(desk.kernel, 'strategy_drawdown');
  const again = restarted(desk);
  again.handle(tradeInput(desk.ms + 2_000, 4_550_000));
  again.handle({ kind: 'tick', tsUs: atMs(desk.ms + 4_000) });
  expect(Number(before)).toBeGreaterThan(5);
  expect(lost(again, 'strategy_drawdown')).toBe(before);
});

describe('a strategy that lost its share of the day', () => {
  test('only reduces: its record, its state and the report say so, once', () => {
    const desk = fallen();
    const reason = /^daily loss limit of scripted: 11\.081 lost, the limit is 0\.1 % of 10000 today/;
    expect(strategyOf(desk.kernel).status).toBe('reducing');
    expect(strategyOf(desk.kernel).reason).toMatch(reason);
    const record = only(desk.said, 'strategy').at(-1)?.strategy;
    expect(record).toMatchObject({ status: 'reducing', causes: [{ code: 'strategy_daily_loss', state: 'REDUCING' }] });
    expect(record?.reason).toMatch(reason);
    expect(only(desk.said, 'note').filter(({ code }) => code === 'strategy_daily_loss')).toHaveLength(1);
    expect(desk.kernel.risk().causes.map(({ strategyId, code }) => [strategyId, code])).toEqual([
      ['scripted', 'strategy_daily_loss'],
    ]);
    desk.tick(desk.ms + 5_000);
    expect(only(desk.said, 'note').filter(({ code }) => code === 'strategy_daily_loss')).toHaveLength(1);
    expect(desk.kernel.gate.state).toBe('ACTIVE');
  });

  test('is denied entries, also after a restart that found its cause once, until the next day begins', () => {
    const desk = fallen();
    const again = restarted(desk);
    expect(again.risk().causes.map(({ code }) => code)).toEqual(['strategy_daily_loss']);
    expect(strategyOf(again).status).toBe('reducing');
    expect(again.state().rooms.risk.durable.own).toMatchObject([{ holds: ['strategy_daily_loss'] }]);
    const dayMs = 24 * 3_600_000;
    for (const kernel of [desk.kernel, again]) {
      // It wants more: what it has is worth less than its share.
      kernel.handle(tradeInput(119_999, 3_000_000));
      const outputs = kernel.handle(barInput(1, 3_000_000));
      expect(only(outputs, 'decision')[0]?.decision.risk).toMatchObject({ rule: 'trading_state', actual: 'REDUCING' });
      kernel.handle(tradeInput(dayMs, 3_000_000));
      const lifted = kernel.handle({ kind: 'tick', tsUs: atMs(dayMs + 2_000) });
      expect([...only(lifted, 'strategy')].length).toBeLessThanOrEqual(1);
      expect(strategyOf(kernel)).toEqual({ status: 'running', reason: null });
    }
  });

  test('goes on when a person starts it, measured from there; a restart after that finds nothing', () => {
    const desk = fallen();
    expect(
      replyTo(desk, { kind: 'set-strategy', strategyId: 'scripted', state: 'running', reason: 'seen' })?.error,
    ).toBeNull();
    desk.tick(desk.ms + 3_000);
    expect(strategyOf(desk.kernel).status).toBe('running');
    expect(lost(desk.kernel, 'strategy_daily_loss')).toBe('0');
    const again = restarted(desk);
    again.handle({ kind: 'tick', tsUs: atMs(desk.ms + 3_000) });
    expect(strategyOf(again).status).toBe('running');
    expect(again.risk().causes).toEqual([]);
  });

  test('has what rests and would enter taken off', () => {
    const resting = new Desk([1], CONFIG, 59_500, DAILY);
    resting.accept();
    const id = resting.last.id;
    resting.fill(500, 5_950_000);
    resting.trade(61_000, 3_000_000);
    resting.tick(62_100);
    expect(strategyOf(resting.kernel).status).toBe('reducing');
    expect(only(resting.asked, 'cancel').map(({ clientOrderId }) => clientOrderId)).toEqual([id]);
  });
});

const outside = (desk: Desk, event: VenueAccountEvent): void => {
  desk.give({ kind: 'account', tsUs: atMs(desk.ms), event });
  desk.tick(desk.ms + 1_100);
};
const moved = (desk: Desk, amount: string): void => {
  desk.ms += 1;
  outside(desk, {
    kind: 'transfer',
    id: `t${desk.ms}`,
    cause: amount.startsWith('-') ? 'withdrawal' : 'deposit',
    asset: assetId('USDT'),
    amount: money(amount),
    tsEventUs: atMs(desk.ms),
  });
};
const sold = (desk: Desk, lots: number, at: number): void => {
  desk.ms += 1;
  const fill: ForeignFill = {
    fillId: `hand${desk.ms}` as ForeignFill['fillId'],
    clientOrderId: 'web_1' as ForeignFill['clientOrderId'],
    venueOrderId: '9' as ForeignFill['venueOrderId'],
    instrument: BTC.id,
    side: 'sell',
    price: price(at),
    quantity: quantity(lots),
    fee: money('0'),
    feeAsset: BTC.quote,
    liquidity: 'taker',
    tsEventUs: atMs(desk.ms),
  };
  outside(desk, { kind: 'foreign-fill', fill, tsEventUs: atMs(desk.ms) });
};
const RULES = ['daily_loss', 'drawdown', 'strategy_daily_loss', 'strategy_drawdown'] as const;
const losses = (desk: Desk): readonly (string | null)[] => RULES.map((rule) => lost(desk.kernel, rule));

describe('no loss and no profit of the account or of a strategy is', () => {
  /** 15.83 of 949.8 are lost. */
  function losing(): Desk {
    const desk = entered();
    desk.trade(61_000, 5_900_000);
    desk.tick(62_100);
    expect(losses(desk)).toEqual(['15.83', '15.83', '15.83', '15.83']);
    return desk;
  }

  test.each([
    ['a deposit', ['5000']],
    ['a withdrawal of most', ['-8000']],
    ['both, one after the other', ['5000', '-12000', '300']],
  ])('%s', (_what, amounts) => {
    const desk = losing();
    for (const amount of amounts) moved(desk, amount);
    expect(losses(desk)).toEqual(['15.83', '15.83', '15.83', '15.83']);
    expect([desk.kernel.gate.state, strategyOf(desk.kernel).status]).toEqual(['ACTIVE', 'running']);
    // What is lost afterwards is: another 7.915.
    desk.trade(desk.ms + 1, 5_850_000);
    desk.tick(desk.ms + 1_100);
    expect(losses(desk)).toEqual(['23.745', '23.745', '23.745', '23.745']);
  });

  test('coins that are sold by hand, at whatever price: half a position that had lost', () => {
    const desk = losing();
    sold(desk, 791, 5_900_000);
    expect(desk.kernel.positions()[0]?.quantity).toBe(money('0.00792'));
    expect(losses(desk)).toEqual(['15.83', '15.83', '15.83', '15.83']);
    expect(strategyOf(desk.kernel).status).toBe('running');
    // The half that is left loses another 3.96.
    desk.trade(desk.ms + 1, 5_850_000);
    desk.tick(desk.ms + 1_100);
    expect(losses(desk)).toEqual(['19.79', '19.79', '19.79', '19.79']);
  });

  test('a position that had won, all of whose coins are taken away: its round trip ends outside and locks nothing', () => {
    const limits = { ...CONFIG.limits, lossCooldownMs: 600_000 };
    const desk = new Desk(ALWAYS, { ...CONFIG, limits }, undefined, BOTH);
    desk.accept();
    desk.fill(LOTS);
    desk.trade(61_000, 6_100_000);
    desk.tick(62_100);
    sold(desk, LOTS, 6_100_000);
    expect(losses(desk)).toEqual(['0', '0', '0', '0']);
    expect(only(desk.said, 'round-trip')).toMatchObject([{ roundTrip: { exitCause: 'outside' } }]);
    expect(desk.kernel.risk().restrictions).toEqual([]);
  });
});
