import type { AccountMessage, PositionMessage, RiskMessage } from '@monsta/contracts';
import { sampleAccount } from '@monsta/testkit';
import { BTC, T0 } from './world.test-support.ts';

export const account: AccountMessage = {
  accountId: sampleAccount,
  kind: 'paper',
  origin: 'simulated',
  quoteAsset: 'USDT',
  balances: [{ asset: 'USDT', free: '10000', locked: '0' }],
  equity: '10000',
  dayStartMs: 1_723_075_200_000,
  dayStartEquity: '10000',
  dayProfit: '0',
  peakEquity: '10000',
  drawdown: 0,
  slippage: [{ strategyId: 'ema-cross', fills: 2, lost: '0.5', bps: 1.25 }],
  timeMs: T0,
};
export const position: PositionMessage = {
  strategyId: 'ema-cross',
  instrument: BTC,
  quantity: '0.00100',
  averagePrice: '60000',
  markPrice: '60001.00',
  marketValue: '60.001',
  realizedProfit: '0',
  unrealizedProfit: '0.001',
  feesPaid: '0.06',
  protection: { mode: 'watched', stopPrice: '58800.00', takeProfitPrice: null, reason: 'the venue takes no stop here' },
  fees: { byAsset: { USDT: '0.06' }, otherValue: '0', unvalued: {} },
  netProfit: '-0.06',
  netProfitAbsence: null,
  exposure: 0.006,
  excursions: { adverse: '0', favourable: '0.001', adverseShare: 0, favourableShare: 0.00001 },
  openedMs: T0,
  updatedMs: T0,
};
export const risk: RiskMessage = {
  accountId: sampleAccount,
  quoteAsset: 'USDT',
  equity: '10000',
  day: { startMs: 1_723_075_200_000, endMs: 1_723_161_600_000, timeZone: 'UTC', hour: 0 },
  limits: [
    {
      rule: 'position_max',
      strategyId: null,
      instrument: BTC,
      unit: 'share',
      limit: '0.1',
      used: '0.071',
      fraction: 0.71,
      amounts: { limit: '1000', used: '710' },
    },
  ],
  orderLimits: [{ rule: 'price_collar', unit: 'share', limit: '0.05' }],
  restrictions: [{ rule: 'cooldown', strategyId: 'ema-cross', instrument: BTC, untilMs: T0, reason: 'it lost' }],
  causes: [],
  timeMs: T0,
};
