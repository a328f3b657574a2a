import type { BacktestDataFacts, BacktestSpec } from '@monsta/contracts';
import type { BacktestOutcome } from '@monsta/simulation';

/** Fewer closed trades than this say next to nothing of a strategy. */
const TRADES_FEW = 30;

const many = (count: number, one: string, more = `${one}s`): string =>
  `${count.toLocaleString('en-US')} ${count === 1 ? one : more}`;

function tradeWarnings({ trades, failures }: BacktestOutcome): string[] {
  const open = trades.filter(({ closedMs }) => closedMs === null);
  const closed = trades.length - open.length;
  const warnings: string[] = [];
  if (trades.length === 0 && failures.length === 0)
    warnings.push(
      'Nothing was traded: the strategy asked for nothing, or was denied; see the denials, and the parameters.',
    );
  else if (closed < TRADES_FEW)
    warnings.push(
      `Only ${many(closed, 'trade')} closed: too few to tell skill from luck; most statistics of trades want ${TRADES_FEW} or more.`,
    );
  if (open.length > 0)
    warnings.push(
      `${many(open.length, 'trade is', 'trades are')} still open at the end and valued at the last close, without the cost of leaving.`,
    );
  return warnings;
}

function denialWarnings({ denials }: BacktestOutcome): string[] {
  const denied = Object.entries(denials)
    .toSorted(([, one], [, other]) => other - one)
    .map(([rule, count]) => `${rule} ${count.toLocaleString('en-US')}`);
  return denied.length === 0 ? [] : [`Denied, by the rule of risk or of the exchange: ${denied.join(', ')}.`];
}

/** What a reader of the result has to know before he believes it, each in a sentence. */
export function warningsOf(
  spec: BacktestSpec,
  facts: readonly BacktestDataFacts[],
  outcome: BacktestOutcome,
): readonly string[] {
  const failed = outcome.failures.map(({ strategyId, failure: { message, file, line } }) => {
    const at = file === null ? '' : ` (${file}${line === null ? '' : `, line ${line}`})`;
    return `The strategy ${strategyId} FAILED and was stopped: ${message}${at}. From there on nothing was decided: the result is that of a part.`;
  });
  const gaps = facts
    .filter(({ missingBars }) => missingBars > 0)
    .map(({ instrument, missingBars, gaps: count, bars }) => {
      const share = ((100 * missingBars) / (bars + missingBars)).toPrecision(2);
      return `${many(missingBars, 'bar')} of ${instrument} ${missingBars === 1 ? 'is' : 'are'} missing (${share} %) in ${many(count, 'gap')}.`;
    });
  const ended = outcome.curve.equity.some((equity) => equity <= 0)
    ? ['The account was worth nothing at some point.']
    : [];
  const ahead =
    spec.fills.acts === 'close'
      ? [
          'Orders fill at the close that they were decided at: this looks ahead by a moment, and flatters what trades on momentum.',
        ]
      : [];
  return [...failed, ...ended, ...ahead, ...tradeWarnings(outcome), ...denialWarnings(outcome), ...gaps];
}
