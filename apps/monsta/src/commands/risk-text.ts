import type { RiskMessage, RiskReply } from '@monsta/contracts';

type Use = RiskMessage['limits'][number];

const UNITS: Readonly<Record<Use['unit'], string>> = {
  share: '%',
  amount: '',
  count: '',
  per_second: 'a second',
  per_minute: 'a minute',
  ms: 'ms',
};

/** A share in per cent with at most two digits after the point. */
const percent = (share: string): string => String(Math.round(Number(share) * 10_000) / 100);

function text(value: string | null, unit: Use['unit'], unknown: string): string {
  if (value === null) return unknown;
  return unit === 'share' ? percent(value) : value;
}

const scopeOf = ({ strategyId, instrument }: Pick<Use, 'strategyId' | 'instrument'>): string =>
  [strategyId, instrument].filter((part) => part !== null).join(' ');

function useLine(use: Use, quoteAsset: string): string {
  const { rule, unit, limit, used, amounts } = use;
  const unitText = unit === 'amount' ? quoteAsset : UNITS[unit];
  const of = limit === null ? '' : `of ${text(limit, unit, '')} `;
  const free = limit === null ? ', no limit' : '';
  const sums = amounts === null ? '' : `  (${amounts.used} of ${amounts.limit} ${quoteAsset})`;
  return (
    `  ${`${rule} ${scopeOf(use)}`.trimEnd().padEnd(44)} ${text(used, unit, 'unknown')} ${of}${unitText}`.trimEnd() +
    free +
    sums
  );
}

const timeText = (ms: number): string => new Date(ms).toISOString();

/** Risk for a person at a terminal. */
export function riskText({ risk, absence }: RiskReply): string {
  if (risk === null) return `not known: ${absence.reason}`;
  const { day, limits, orderLimits, restrictions, causes, quoteAsset, equity } = risk;
  return [
    `equity ${equity ?? 'unknown'} ${quoteAsset}`,
    `day    ${timeText(day.startMs)} to ${timeText(day.endMs)} (begins at ${day.hour}:00, ${day.timeZone})`,
    ...(causes.length === 0 ? ['nothing holds trading back'] : ['trading less']),
    ...causes.map(
      ({ strategyId, state, code, reason }) => `  ${strategyId ?? 'account'} ${state} by ${code}: ${reason}`,
    ),
    ...(restrictions.length === 0 ? [] : ['no entries']),
    ...restrictions.map((each) => {
      const until = each.untilMs === null ? '' : ` until ${timeText(each.untilMs)}`;
      return `  ${scopeOf(each) || 'everywhere'} by ${each.rule}${until}: ${each.reason}`;
    }),
    'used of each limit',
    ...limits.map((use) => useLine(use, quoteAsset)),
    'each order',
    ...orderLimits.map(({ rule, unit, limit }) => {
      const unitText = unit === 'amount' ? quoteAsset : UNITS[unit];
      return `  ${rule.padEnd(44)} ${limit === null ? 'no limit' : `${text(limit, unit, '')} ${unitText}`}`.trimEnd();
    }),
  ].join('\n');
}
