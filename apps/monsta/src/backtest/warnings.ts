import { noteOf, type BacktestDataFacts, type BacktestSpec, type Note } from '@monsta/contracts';
import type { BacktestOutcome } from '@monsta/simulation/backtest';

/** Fewer closed trades than this say next to nothing of a strategy. */
const TRADES_FEW = 30;

function tradeWarnings({ trades, failures }: BacktestOutcome): readonly Note[] {
  const open = trades.filter(({ closedMs }) => closedMs === null).length;
  const closed = trades.length - open;
  const few =
    trades.length === 0 && failures.length === 0
      ? [noteOf('nothing-traded', {})]
      : closed < TRADES_FEW
        ? [noteOf('few-trades', { closed, enough: TRADES_FEW })]
        : [];
  return [...few, ...(open === 0 ? [] : [noteOf('trades-open', { open })])];
}

/** What several instruments on one account wanted to buy while it had no cash, where another choice would have let them. */
function cashWarnings({ fills, instruments }: BacktestSpec, { denials }: BacktestOutcome): readonly Note[] {
  const denied = denials['cash'] ?? 0;
  if (denied === 0 || instruments.length === 1 || fills.sizedAt === 'fill') return [];
  return [noteOf('cash-shared', { denied, instruments: instruments.length })];
}

/** What a reader of the result has to know before he believes it. */
export function warningsOf(
  spec: BacktestSpec,
  facts: readonly BacktestDataFacts[],
  outcome: BacktestOutcome,
): readonly Note[] {
  const { failures, denials, curve } = outcome;
  return [
    ...failures.map(({ strategyId, failure: { message, file, line } }) =>
      noteOf('strategy-failed', { strategyId, message, file, line }),
    ),
    ...(curve.equity.some((equity) => equity <= 0) ? [noteOf('account-worthless', {})] : []),
    ...(spec.fills.acts === 'close' ? [noteOf('looks-ahead', {})] : []),
    ...tradeWarnings(outcome),
    ...(Object.keys(denials).length === 0 ? [] : [noteOf('denied', { rules: { ...denials } })]),
    ...(spec.data.kind === 'ticks' ? [] : cashWarnings(spec, outcome)),
    ...facts
      .filter(({ missingBars }) => missingBars > 0)
      .map(({ instrument, bars, missingBars, gaps }) =>
        noteOf('bars-missing', { instrument, bars, missingBars, gaps }),
      ),
  ];
}
