import {
  addAmounts,
  AMOUNT_SCALE,
  approximate,
  divide,
  formatAmount,
  formatPrice,
  formatUnitsShort,
  msFromUs,
  subtractAmounts,
} from '@monsta/core';
import type { AccountId, Amount, Instrument, InstrumentId } from '@monsta/core';
import type { AccountMessage, PositionMessage, StrategyMessage, TradingStateMessage } from '@monsta/contracts';
import type { DataOrigin } from '@monsta/ports';
import type { AccountView, GateState, PositionView, SlippageView, StrategyView } from '@monsta/trading';

const text = (value: Amount | null): string | null => (value === null ? null : formatAmount(value));
const SHARE_SCALE = 8;
/** Average prices are divisions: 8 digits are shown. */
const AVERAGE_DIGITS = 8;

export function accountMessage(
  view: AccountView,
  about: {
    readonly accountId: AccountId;
    readonly mode: 'paper' | 'live';
    readonly origin: DataOrigin;
    readonly quoteAsset: string;
    readonly slippage: readonly SlippageView[];
  },
): AccountMessage {
  const { equity, dayStartUs, dayStartEquity, peakEquity } = view;
  const dayProfit = equity === null || dayStartEquity === null ? null : subtractAmounts(equity, dayStartEquity);
  return {
    accountId: about.accountId,
    kind: about.mode,
    origin: about.origin,
    quoteAsset: about.quoteAsset,
    balances: view.balances.map(({ asset, free, locked }) => ({
      asset,
      free: formatAmount(free),
      locked: formatAmount(locked),
    })),
    equity: text(equity),
    dayStartMs: dayStartUs === null ? null : msFromUs(dayStartUs),
    dayStartEquity: text(dayStartEquity),
    dayProfit: text(dayProfit),
    peakEquity: text(peakEquity),
    drawdown: drawdownOf(equity, peakEquity),
    slippage: [...about.slippage],
    timeMs: msFromUs(view.nowUs),
  };
}

/** The share lost from the peak, 0…1; null while one of the two is unknown. */
export function drawdownOf(equity: Amount | null, peak: Amount | null): number | null {
  if (equity === null || peak === null || peak <= 0n) return null;
  if (equity >= peak) return 0;
  if (equity <= 0n) return 1;
  return approximate(divide((peak - equity) * 10n ** BigInt(SHARE_SCALE), peak, 'half-even'), SHARE_SCALE);
}

const excursionsMessage = ({
  adverse,
  favourable,
  adversePpm,
  favourablePpm,
}: NonNullable<PositionView['excursions']>): NonNullable<PositionMessage['excursions']> => ({
  adverse,
  favourable,
  adverseShare: adversePpm / 1_000_000,
  favourableShare: favourablePpm / 1_000_000,
});

export function positionMessage(
  view: PositionView,
  instrumentOf: (id: InstrumentId) => Instrument | null,
): PositionMessage {
  const instrument = instrumentOf(view.instrument);
  const average =
    view.averagePrice === null
      ? null
      : formatUnitsShort(
          divide(view.averagePrice, 10n ** BigInt(AMOUNT_SCALE - AVERAGE_DIGITS), 'half-even'),
          AVERAGE_DIGITS,
        );
  return {
    strategyId: view.strategyId,
    instrument: view.instrument,
    quantity: formatAmount(view.quantity),
    averagePrice: average,
    markPrice: view.mark === null || instrument === null ? null : formatPrice(view.mark, instrument),
    marketValue: text(view.value),
    realizedProfit: formatAmount(view.realizedProfit),
    unrealizedProfit: text(view.unrealizedProfit),
    feesPaid: formatAmount(view.feesPaid),
    fees: view.fees,
    netProfit: text(view.netProfit),
    netProfitAbsence: view.netProfitAbsence,
    exposure: view.exposurePpm === null ? null : view.exposurePpm / 1_000_000,
    excursions: view.excursions === null ? null : excursionsMessage(view.excursions),
    protection: view.protection,
    openedMs: view.openedUs === null ? null : msFromUs(view.openedUs),
    updatedMs: msFromUs(view.updatedUs),
  };
}

export const tradingStateMessage = (gate: GateState, mode: 'paper' | 'live'): TradingStateMessage => ({
  mode,
  state: gate.state,
  reason: gate.reason,
  by: gate.by,
  sinceMs: gate.sinceUs === null ? null : msFromUs(gate.sinceUs),
});

/** What all positions of a strategy come to; null where it never had one. A sum with a part that is not known is not known. */
function positionsOf(positions: readonly PositionView[]): StrategyMessage['positions'] {
  if (positions.length === 0) return null;
  const sum = (part: (view: PositionView) => Amount | null): Amount | null =>
    positions.map(part).reduce((one, other) => (one === null || other === null ? null : addAmounts(one, other)));
  return {
    open: positions.filter(({ quantity }) => quantity > 0n).length,
    marketValue: text(sum(({ value }) => value)),
    realizedProfit: text(sum(({ realizedProfit }) => realizedProfit)) ?? '0',
    unrealizedProfit: text(sum(({ unrealizedProfit }) => unrealizedProfit)),
    feesPaid: text(sum(({ feesPaid }) => feesPaid)) ?? '0',
  };
}

export function strategyMessage(view: StrategyView, positions: readonly PositionView[]): StrategyMessage {
  const { strategy, status, gate, parameters, windows, failure } = view;
  const running = status === 'running';
  return {
    id: strategy.id,
    name: strategy.definition.name,
    description: strategy.definition.description ?? null,
    status,
    reason: running ? null : (failure?.message ?? gate.reason),
    sinceMs: gate.sinceUs === null ? null : msFromUs(gate.sinceUs),
    instruments: [...strategy.instruments],
    intervals: [...new Set(windows.map(({ interval }) => interval))],
    parameterSpecs: strategy.definition.parameters as StrategyMessage['parameterSpecs'],
    parameters: { ...parameters },
    warmUp: windows.map(({ instrument, interval, window }) => ({
      instrument,
      interval,
      bars: window.bars.length,
      needed: window.capacity,
    })),
    positions: positionsOf(positions.filter(({ strategyId }) => strategyId === strategy.id)),
    failure,
  };
}
