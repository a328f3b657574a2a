import type { BacktestResult, BacktestSpec } from '@monsta/contracts';

const DASH = '–';

/** 0.1234 as `12.34 %`. */
export const percentText = (value: number | null | undefined): string =>
  value === null || value === undefined ? DASH : `${(100 * value).toFixed(2)} %`;
export const ratioText = (value: number | null | undefined): string =>
  value === null || value === undefined ? DASH : value.toFixed(2);
export const moneyText = (value: number | null | undefined): string =>
  value === null || value === undefined
    ? DASH
    : value.toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 });
const countText = (value: number | null | undefined): string =>
  value === null || value === undefined ? DASH : value.toLocaleString('en-US');

/** `3 d 4 h`, `2 h 30 min`, `45 s`. */
export function durationText(ms: number | null | undefined): string {
  if (ms === null || ms === undefined) return DASH;
  const units = [
    ['d', 86_400_000],
    ['h', 3_600_000],
    ['min', 60_000],
    ['s', 1_000],
  ] as const;
  const at = Math.max(
    0,
    units.findIndex(([, size]) => ms >= size),
  );
  const parts = units.slice(at, at + 2).map(([unit, size], index) => {
    const before = units[at + index - 1];
    const rest = index === 0 || before === undefined ? ms : ms % before[1];
    return { unit, count: Math.floor(rest / size) };
  });
  const said = parts.filter(({ count }) => count > 0).map(({ unit, count }) => `${count} ${unit}`);
  return said.length === 0 ? '0 s' : said.join(' ');
}

const day = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

/** Two columns, the second one right-aligned where there is a third beside it. */
function table(rows: readonly (readonly string[])[]): string[] {
  const widths = [0, 1, 2].map((column) => Math.max(0, ...rows.map((row) => (row[column] ?? '').length)));
  return rows.map((row) =>
    row
      .map((cell, column) => {
        const pad = ' '.repeat((widths[column] ?? 0) - cell.length);
        return column === 0 ? `  ${cell}${pad}` : `  ${pad}${cell}`;
      })
      .join('')
      .trimEnd(),
  );
}

/** How the growth of a year is called. */
export const growthLabel = ({ yearDays }: Pick<BacktestSpec, 'yearDays'>): string =>
  `a year${yearDays === null ? '' : ` of ${yearDays} days`} (CAGR)`;

function figures({ spec, statistics: of, versusBuyAndHold: { buyAndHold } }: BacktestResult): string[] {
  return table([
    ['', 'strategy', 'buy and hold'],
    ['return', percentText(of['totalReturn']), percentText(buyAndHold.totalReturn)],
    [growthLabel(spec), percentText(of['cagr']), percentText(buyAndHold.cagr)],
    ['volatility a year', percentText(of['volatilityAnnual']), percentText(buyAndHold.volatilityAnnual)],
    ['Sharpe', ratioText(of['sharpe']), ratioText(buyAndHold.sharpe)],
    ['largest drawdown', percentText(of['maxDrawdown']), percentText(buyAndHold.maxDrawdown)],
    ['Sortino', ratioText(of['sortino'])],
    ['Calmar', ratioText(of['calmar'])],
    ['time in the market', percentText(of['exposureTime'])],
  ]);
}

function trades({ statistics: of }: BacktestResult): string[] {
  return table([
    ['trades closed', countText(of['trades'])],
    ['win rate', percentText(of['winRate'])],
    ['profit factor', ratioText(of['profitFactor'])],
    ['average trade', percentText(of['averageTrade'])],
    ['best, worst', `${percentText(of['bestTrade'])}, ${percentText(of['worstTrade'])}`],
    ['held on average', durationText(of['averageHoldingMs'])],
    ['SQN', ratioText(of['sqn'])],
    ['fees', moneyText(of['fees'])],
    ['slippage', moneyText(of['slippage'])],
  ]);
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const;

/** A row a year, a column a month, in percent; the year's own at the end. */
function months({ periods }: BacktestResult): string[] {
  const cell = (value: number | null | undefined): string =>
    (value === null || value === undefined ? '' : (100 * value).toFixed(1)).padStart(7);
  const rows = periods.year.map(({ fromMs, return: whole }) => {
    const year = new Date(fromMs).getUTCFullYear();
    const cells = MONTHS.map((_, month) =>
      cell(periods.month.find((each) => each.fromMs === Date.UTC(year, month))?.return),
    );
    return `  ${year}${cells.join('')}${cell(whole)}`;
  });
  return [`  in %${MONTHS.map((month) => month.padStart(7)).join('')}   year`, ...rows];
}

const VERDICTS = {
  'too-little': 'too little to judge by: fewer than 20 days or closed trades, or no variance',
  none: 'no evidence of skill once the trials are counted',
  'not-above-holding': 'evidence of a profit, none that it beats buying and holding',
  some: 'some evidence of skill',
} as const satisfies Record<BacktestResult['honesty']['verdict'], string>;

function honesty({ honesty: of, statistics }: BacktestResult): string[] {
  const { intervals, level } = of;
  const between = (low: number | undefined, high: number | null | undefined): string =>
    low === undefined ? '' : ` (${100 * level} %: ${ratioText(low)} to ${high === null ? '∞' : ratioText(high)})`;
  const sharpe = intervals?.sharpeDaily;
  const total = intervals?.totalReturn;
  return [
    `Luck: ${VERDICTS[of.verdict]}`,
    ...table([
      ['trials on this data', countText(of.trials)],
      ['deflated Sharpe', percentText(of.deflatedSharpe)],
      ['Sharpe of days', `${ratioText(statistics['sharpeDaily'])}${between(sharpe?.low, sharpe?.high)}`],
      ...(total === undefined || total === null
        ? []
        : [['return may have been', `${percentText(total.low)} to ${percentText(total.high)}`]]),
    ]),
  ];
}

/** A result as a trader reads it in ten seconds; what it was made from stands below. */
export function resultText(result: BacktestResult): string {
  const { summary, warnings, assumptions, id } = result;
  const { strategy, instruments, interval, quoteAsset, initialCash, finalEquity, startMs, endMs, bars } = summary;
  const parameters = Object.entries(summary.parameters).map(([name, value]) => `${name}=${String(value)}`);
  return [
    `${strategy}${parameters.length === 0 ? '' : ` (${parameters.join(', ')})`} on ${instruments.join(', ')}, ${interval ?? 'ticks'}`,
    `${day(startMs)} to ${day(endMs)}, ${countText(bars)} ${interval === null ? 'points' : 'closes'}: ${moneyText(initialCash)} → ${moneyText(finalEquity)} ${quoteAsset}`,
    '',
    ...figures(result),
    '',
    ...trades(result),
    '',
    ...months(result),
    '',
    ...honesty(result),
    ...(warnings.length === 0 ? [] : ['', 'Warnings', ...warnings.map(({ text }) => `  ! ${text}`)]),
    '',
    'Assumptions',
    ...assumptions.map(({ text }) => `  ${text}`),
    '',
    `Kept as ${id}: monsta backtests show ${id}`,
  ].join('\n');
}
