import type { BacktestDetail, BacktestSource, BacktestSpecInput, ParameterSpecMessage } from '@monsta/contracts';
import type { Interval } from '@monsta/core';
import { readParameters, type ParameterFault, type ParameterValue } from './parameter-draft.ts';

/** A form as it is typed: texts, whatever they say. */
export interface BacktestDraft {
  readonly strategy: string;
  readonly params: Readonly<Record<string, string>>;
  readonly source: BacktestSource['kind'];
  /** Of a source of catalogues: whose. */
  readonly market: string | null;
  readonly instruments: readonly string[];
  /** Of a source of files: for each instrument its file. */
  readonly files: readonly { readonly instrument: string; readonly path: string }[];
  /** Empty: that of the files. */
  readonly interval: Interval | '';
  /** UTC days, `2024-08-01`; empty: from the first bar, to the last. */
  readonly from: string;
  readonly to: string;
  readonly cash: string;
  readonly sizing: 'fraction' | 'fixed' | 'units' | 'volatility' | 'kelly';
  /** Percent, money, base asset or percent a year, as the sizing has it. */
  readonly size: string;
  readonly volatilityBars: string;
  readonly rebalanceBand: string;
  readonly short: boolean;
  readonly margin: string;
  readonly limits: 'none' | 'configured';
  readonly lot: string;
  readonly notionalMin: string;
  readonly takerFeeBps: string;
  readonly makerFeeBps: string;
  /** Money. */
  readonly feePerOrder: string;
  readonly feePerUnit: string;
  readonly feeMinimum: string;
  readonly slippage: 'none' | 'rate' | 'ticks' | 'square-root';
  readonly slippageBps: string;
  readonly slippageTicks: string;
  readonly acts: 'next-open' | 'next-close' | 'close';
  readonly sizedAt: 'decision' | 'fill';
  readonly limitFills: 'through' | 'touch';
  /** Percent; empty: no bound. */
  readonly volumeShare: string;
  readonly endOfData: 'mark' | 'close' | 'open';
  readonly gaps: 'break' | 'join';
  /** How many days with a bar a year has; empty: by time. */
  readonly yearDays: string;
}

export type DraftField = keyof BacktestDraft;

/** What is wrong with a field, by the key of its words. */
export type DraftFault =
  | 'needed'
  | 'positive'
  | 'percent'
  | 'bps'
  | 'ticks'
  | 'bars'
  | 'order'
  | 'day'
  | 'yearDays'
  | 'fee';

/** Whose catalogue it is that is not named. */
export const EXCHANGE = 'binance';

export const EMPTY_DRAFT: BacktestDraft = {
  strategy: '',
  params: {},
  source: 'collected',
  market: null,
  instruments: [],
  files: [],
  interval: '1h',
  from: '',
  to: '',
  cash: '10000',
  sizing: 'fraction',
  size: '100',
  volatilityBars: '30',
  rebalanceBand: '20',
  short: false,
  margin: '100',
  limits: 'none',
  lot: '0.00000001',
  notionalMin: '0',
  takerFeeBps: '10',
  makerFeeBps: '10',
  feePerOrder: '0',
  feePerUnit: '0',
  feeMinimum: '0',
  slippage: 'rate',
  slippageBps: '0.5',
  slippageTicks: '1',
  acts: 'next-open',
  sizedAt: 'decision',
  limitFills: 'through',
  volumeShare: '',
  endOfData: 'mark',
  gaps: 'break',
  yearDays: '',
};

/** What a size is at first, when a kind of sizing is chosen. */
export const USUAL_SIZE: Readonly<Record<BacktestDraft['sizing'], string>> = {
  fraction: '100',
  fixed: '1000',
  units: '1',
  volatility: '50',
  kelly: '50',
};

const PLAIN = /^\d+(\.\d+)?$/;
/** The digits that every fee may have; the server knows the rest. */
const FEE = /^\d{1,9}(\.\d{1,8})?$/;
const DAY = /^\d{4}-\d{2}-\d{2}$/;

const within = (text: string, least: number, most: number): boolean =>
  PLAIN.test(text.trim()) && Number(text) >= least && Number(text) <= most;
const isPositive = (text: string): boolean => PLAIN.test(text.trim()) && Number(text) > 0;

/** Milliseconds at which a UTC day begins; null for no day. */
export function dayMs(text: string): number | null {
  const ms = DAY.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
  return Number.isFinite(ms) ? ms : null;
}

type SlippageInput = NonNullable<NonNullable<BacktestSpecInput['costs']>['slippage']>;

/** What a form has against being sent, beside its parameters. */
export function draftFaults(draft: BacktestDraft): Readonly<Partial<Record<DraftField, DraftFault>>> {
  const faults: Partial<Record<DraftField, DraftFault>> = {};
  const wrong = (field: DraftField, fault: DraftFault, holds: boolean): void => {
    if (holds) faults[field] = fault;
  };
  wrong('strategy', 'needed', draft.strategy === '');
  if (draft.source === 'file')
    wrong('files', 'needed', draft.files.length === 0 || draft.files.some((each) => !each.instrument || !each.path));
  else wrong('instruments', 'needed', draft.instruments.length === 0);
  wrong('interval', 'needed', draft.source !== 'file' && draft.interval === '');
  wrong('from', 'day', draft.from !== '' && dayMs(draft.from) === null);
  wrong('to', 'day', draft.to !== '' && dayMs(draft.to) === null);
  wrong('to', 'order', draft.from !== '' && draft.to !== '' && draft.to < draft.from);
  for (const field of ['cash', 'lot'] as const) wrong(field, 'positive', !isPositive(draft[field]));
  wrong('notionalMin', 'positive', !PLAIN.test(draft.notionalMin.trim()));
  const share = draft.sizing === 'fraction' || draft.sizing === 'kelly';
  if (share) wrong('size', 'percent', !within(draft.size, 0, 100));
  else wrong('size', 'positive', !isPositive(draft.size));
  if (draft.sizing === 'volatility')
    wrong('volatilityBars', 'bars', !/^\d{1,6}$/.test(draft.volatilityBars) || Number(draft.volatilityBars) < 2);
  wrong('rebalanceBand', 'percent', !within(draft.rebalanceBand, 0, 100));
  if (draft.short) wrong('margin', 'percent', !within(draft.margin, 0, 100));
  for (const field of ['takerFeeBps', 'makerFeeBps'] as const) wrong(field, 'bps', !within(draft[field], 0, 10_000));
  for (const field of ['feePerOrder', 'feePerUnit', 'feeMinimum'] as const)
    wrong(field, 'fee', !FEE.test(draft[field].trim()));
  if (draft.slippage === 'ticks')
    wrong(
      'slippageTicks',
      'ticks',
      !(/^\d+$/.test(draft.slippageTicks.trim()) && Number(draft.slippageTicks) <= 1_000_000),
    );
  else if (draft.slippage !== 'none') wrong('slippageBps', 'bps', !within(draft.slippageBps, 0, 10_000));
  wrong('yearDays', 'yearDays', draft.yearDays !== '' && !within(draft.yearDays, 1, 366));
  wrong('volumeShare', 'percent', draft.volumeShare !== '' && !within(draft.volumeShare, 0, 100));
  return faults;
}

/** Percent as a share; by way of text, so that 0.1 % is 0.001 and not the number next to it. */
const share = (percent: string): number => Number(`${percent.trim()}e-2`);

function sizingOf({ sizing, size, volatilityBars }: BacktestDraft): NonNullable<BacktestSpecInput['sizing']> {
  switch (sizing) {
    case 'fraction':
      return { kind: 'fraction', share: share(size) };
    case 'fixed':
      return { kind: 'fixed', amount: size.trim() };
    case 'units':
      return { kind: 'units', quantity: size.trim() };
    case 'volatility':
      return { kind: 'volatility', target: share(size), bars: Number(volatilityBars) };
    case 'kelly':
      return { kind: 'kelly', scale: share(size) };
  }
}

function slippageOf({ slippage, slippageBps, slippageTicks }: BacktestDraft): SlippageInput {
  switch (slippage) {
    case 'none':
      return { kind: slippage };
    case 'ticks':
      return { kind: slippage, ticks: Number(slippageTicks) };
    default:
      return { kind: slippage, bps: Number(slippageBps) };
  }
}

const DAY_MS = 86_400_000;

/** The specification of a form without faults. Its last day counts whole. */
export function specOf(draft: BacktestDraft, params: Readonly<Record<string, ParameterValue>>): BacktestSpecInput {
  const { source, market, files } = draft;
  const toMs = dayMs(draft.to);
  return {
    strategy: draft.strategy,
    params: { ...params },
    data:
      source === 'file'
        ? { kind: 'file', paths: files.map(({ path }) => path) }
        : source === 'catalogue'
          ? { kind: 'catalogue', market }
          : { kind: 'collected' },
    instruments: source === 'file' ? files.map(({ instrument }) => instrument.trim()) : [...draft.instruments],
    interval: draft.interval === '' ? null : draft.interval,
    fromMs: dayMs(draft.from),
    toMs: toMs === null ? null : toMs + DAY_MS,
    cash: draft.cash.trim(),
    lot: draft.lot.trim(),
    notionalMin: draft.notionalMin.trim(),
    rebalanceBand: share(draft.rebalanceBand),
    sizing: sizingOf(draft),
    short: draft.short ? { initialMargin: share(draft.margin) } : null,
    limits: draft.limits,
    yearDays: draft.yearDays === '' ? null : Number(draft.yearDays),
    costs: {
      takerFeeBps: Number(draft.takerFeeBps),
      makerFeeBps: Number(draft.makerFeeBps),
      feePerOrder: draft.feePerOrder.trim(),
      feePerUnit: draft.feePerUnit.trim(),
      feeMinimum: draft.feeMinimum.trim(),
      slippage: slippageOf(draft),
    },
    fills: {
      acts: draft.acts,
      sizedAt: draft.sizedAt,
      limits: draft.limitFills,
      volumeShare: draft.volumeShare === '' ? null : share(draft.volumeShare),
      endOfData: draft.endOfData,
      gaps: draft.gaps,
    },
  };
}

/** The values that were typed; what was not, or was taken back, has its default: of a parameter `interval` the interval of the data, where that is among its choices. */
export function paramsOf(
  specs: Readonly<Record<string, ParameterSpecMessage>>,
  texts: Readonly<Record<string, string>>,
): {
  readonly faults: Readonly<Record<string, ParameterFault>>;
  readonly values: Readonly<Record<string, ParameterValue>> | null;
} {
  const typed = Object.entries(specs).filter(([name]) => (texts[name] ?? '') !== '');
  const { faults, changes } = readParameters(Object.fromEntries(typed), {}, texts);
  return { faults, values: changes };
}

/** Whether a parameter that nothing is said of follows the interval of the data. */
export const followsData = (name: string, spec: ParameterSpecMessage): boolean =>
  name === 'interval' && spec.kind === 'choice';

const percent = (value: number): string => String(Number((value * 100).toPrecision(12)));
const day = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

/** A form that says what a backtest was run with, so that it can be changed and run again. What the form has no field for has its default. */
export function draftOf({ spec }: Pick<BacktestDetail, 'spec'>): BacktestDraft {
  const { data, sizing, costs, fills, instruments, fromMs, toMs } = spec;
  const size = (): string => {
    switch (sizing.kind) {
      case 'fraction':
        return percent(sizing.share);
      case 'fixed':
        return sizing.amount;
      case 'units':
        return sizing.quantity;
      case 'volatility':
        return percent(sizing.target);
      case 'kelly':
        return percent(sizing.scale);
    }
  };
  return {
    ...EMPTY_DRAFT,
    strategy: spec.strategy,
    params: Object.fromEntries(Object.entries(spec.params).map(([name, value]) => [name, String(value)])),
    source: data.kind === 'ticks' ? 'file' : data.kind,
    market: data.kind === 'catalogue' && data.market !== EXCHANGE ? data.market : null,
    instruments,
    files:
      'paths' in data ? instruments.map((instrument, index) => ({ instrument, path: data.paths[index] ?? '' })) : [],
    interval: spec.interval ?? '',
    from: fromMs === null ? '' : day(fromMs),
    to: toMs === null ? '' : day(toMs - 1),
    cash: spec.cash,
    sizing: sizing.kind,
    size: size(),
    volatilityBars: sizing.kind === 'volatility' ? String(sizing.bars) : EMPTY_DRAFT.volatilityBars,
    rebalanceBand: percent(spec.rebalanceBand),
    short: spec.short !== null,
    margin: spec.short === null ? EMPTY_DRAFT.margin : percent(spec.short.initialMargin),
    limits: spec.limits,
    lot: spec.lot,
    notionalMin: spec.notionalMin,
    takerFeeBps: String(costs.takerFeeBps),
    makerFeeBps: String(costs.makerFeeBps),
    feePerOrder: costs.feePerOrder,
    feePerUnit: costs.feePerUnit,
    feeMinimum: costs.feeMinimum,
    slippage: costs.slippage.kind === 'spread' ? EMPTY_DRAFT.slippage : costs.slippage.kind,
    slippageBps: 'bps' in costs.slippage ? String(costs.slippage.bps) : EMPTY_DRAFT.slippageBps,
    slippageTicks: 'ticks' in costs.slippage ? String(costs.slippage.ticks) : EMPTY_DRAFT.slippageTicks,
    acts: fills.acts,
    sizedAt: fills.sizedAt,
    limitFills: fills.limits,
    volumeShare: fills.volumeShare === null ? '' : percent(fills.volumeShare),
    endOfData: fills.endOfData,
    gaps: fills.gaps,
    yearDays: spec.yearDays === null ? '' : String(spec.yearDays),
  };
}

const FIELDS: readonly (readonly [start: string, field: DraftField])[] = [
  ['body.strategy', 'strategy'],
  ['body.data', 'files'],
  ['body.instruments', 'instruments'],
  ['body.interval', 'interval'],
  ['body.fromMs', 'from'],
  ['body.toMs', 'to'],
  ['body.cash', 'cash'],
  ['body.lot', 'lot'],
  ['body.notionalMin', 'notionalMin'],
  ['body.rebalanceBand', 'rebalanceBand'],
  ['body.sizing', 'size'],
  ['body.short', 'margin'],
  ['body.costs.takerFeeBps', 'takerFeeBps'],
  ['body.costs.makerFeeBps', 'makerFeeBps'],
  ['body.costs.feePerOrder', 'feePerOrder'],
  ['body.costs.feePerUnit', 'feePerUnit'],
  ['body.costs.feeMinimum', 'feeMinimum'],
  ['body.costs.slippage.ticks', 'slippageTicks'],
  ['body.costs.slippage', 'slippageBps'],
  ['body.fills.volumeShare', 'volumeShare'],
  ['body.yearDays', 'yearDays'],
];

/** Which field, or which parameter, the place of a server's fault is about; null: none of the form's. */
export function placeOf(where: string): { readonly field: DraftField } | { readonly param: string } | null {
  const param = /^body\.params\.(.+)$/.exec(where)?.[1];
  if (param !== undefined) return { param };
  const found = FIELDS.find(([start]) => where === start || where.startsWith(`${start}.`));
  return found === undefined ? null : { field: found[1] };
}
