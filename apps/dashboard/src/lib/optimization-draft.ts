import type {
  BacktestSpecInput,
  OptimizationDetail,
  OptimizationSpec,
  OptimizationSpecInput,
  ParameterSpecMessage,
} from '@monsta/contracts';
import { draftOf, EMPTY_DRAFT, placeOf, type BacktestDraft, type DraftField } from './backtest-draft.ts';

/** What is searched of a parameter, as it is typed: between two ends, or of a list. A list of nothing is all that there is to choose from. */
export interface RangeDraft {
  readonly kind: 'range' | 'list';
  readonly from: string;
  readonly to: string;
  /** Empty: every whole number, or any number between. */
  readonly step: string;
  readonly log: boolean;
  /** With commas between. */
  readonly list: string;
}

/** The form of an optimisation as it is typed. */
export interface OptimizationDraft {
  /** What each trial is; its `params` are those that are not searched. */
  readonly backtest: BacktestDraft;
  /** Of the parameters that are searched. */
  readonly ranges: Readonly<Record<string, RangeDraft>>;
  readonly sampler: OptimizationSpec['sampler'];
  readonly trials: string;
  readonly objective: string;
  /** Empty: the way that is better of that statistic. */
  readonly direction: '' | 'max' | 'min';
  /** False: parameters are chosen on all bars. */
  readonly tested: boolean;
  readonly train: string;
  readonly test: string;
  readonly anchored: boolean;
  readonly embargo: string;
  readonly stopping: OptimizationSpec['earlyStopping']['kind'];
  readonly mapReach: string;
  readonly seed: string;
}

export type SearchField = Exclude<keyof OptimizationDraft, 'backtest'>;
/** What is wrong with a field of the search, by the key of its words. */
export type SearchFault = 'needed' | 'trials' | 'span' | 'reach' | 'seed';

export interface RangeFault {
  readonly code: 'integer' | 'number' | 'order' | 'step' | 'log' | 'list';
  readonly min: number;
  readonly max: number;
}

type Specs = Readonly<Record<string, ParameterSpecMessage>>;

/** All that a strategy allows. */
export const wholeRange = (spec: ParameterSpecMessage): RangeDraft => ({
  ...{ kind: 'list', from: '', to: '', step: '', log: false, list: '' },
  ...(spec.kind === 'integer' || spec.kind === 'number'
    ? { kind: 'range', from: String(spec.min), to: String(spec.max) }
    : {}),
});

/** So many are searched at first: each one more asks for many more trials. */
const SEARCHED_AT_FIRST = 2;

/** The first numbers of a strategy, over all that it allows. */
export const firstRanges = (specs: Specs): OptimizationDraft['ranges'] =>
  Object.fromEntries(
    Object.entries(specs)
      .filter(([, { kind }]) => kind === 'integer' || kind === 'number')
      .slice(0, SEARCHED_AT_FIRST)
      .map(([name, spec]) => [name, wholeRange(spec)]),
  );

export const EMPTY_OPTIMIZATION: OptimizationDraft = {
  backtest: EMPTY_DRAFT,
  ranges: {},
  sampler: 'tpe',
  trials: '100',
  objective: 'sharpe',
  direction: '',
  tested: true,
  train: '40%',
  test: '10%',
  anchored: false,
  embargo: '0m',
  stopping: 'none',
  mapReach: '3',
  seed: '1',
};

const WHOLE = /^\d{1,10}$/;
const SPAN = /^\d+(\.\d+)?(%|m|h|d|w)$/;
const NUMBER = /^-?\d+(\.\d+)?([eE]-?\d+)?$/;

const wholeWithin = (text: string, least: number, most: number): boolean =>
  WHOLE.test(text.trim()) && Number(text) >= least && Number(text) <= most;

/** What the search of a form has against being sent, beside its ranges. */
export function searchFaults(draft: OptimizationDraft): Readonly<Partial<Record<SearchField, SearchFault>>> {
  const faults: Partial<Record<SearchField, SearchFault>> = {};
  if (Object.keys(draft.ranges).length === 0) faults.ranges = 'needed';
  if (!wholeWithin(draft.trials, 1, 100_000)) faults.trials = 'trials';
  if (draft.tested)
    for (const field of ['train', 'test', 'embargo'] as const)
      if (!SPAN.test(draft[field].trim())) faults[field] = 'span';
  if (!wholeWithin(draft.mapReach, 0, 10)) faults.mapReach = 'reach';
  if (!wholeWithin(draft.seed, 0, 2 ** 32 - 1)) faults.seed = 'seed';
  return faults;
}

type ReadRange = { readonly value: unknown } | { readonly fault: RangeFault };

function readList(spec: ParameterSpecMessage, list: string): ReadRange {
  const texts = list
    .split(',')
    .map((text) => text.trim())
    .filter((text) => text !== '');
  const fault = (min: number, max: number): ReadRange => ({ fault: { code: 'list', min, max } });
  if (spec.kind === 'choice' || spec.kind === 'boolean') {
    const options = spec.kind === 'choice' ? spec.options : ['true', 'false'];
    if (texts.length === 0) return { value: null };
    if (texts.some((text) => !options.includes(text))) return fault(0, 0);
    return { value: spec.kind === 'choice' ? texts : texts.map((text) => text === 'true') };
  }
  const { min, max, kind } = spec;
  const values = texts.map((text) => (NUMBER.test(text) ? Number(text) : Number.NaN));
  const fits = (value: number): boolean =>
    value >= min && value <= max && (kind === 'number' || Number.isInteger(value));
  return values.length > 0 && values.every(fits) ? { value: { values } } : fault(min, max);
}

function readRange(spec: ParameterSpecMessage, range: RangeDraft): ReadRange {
  if (range.kind === 'list' || spec.kind === 'choice' || spec.kind === 'boolean') return readList(spec, range.list);
  const { kind, min, max } = spec;
  const wrong = (code: RangeFault['code']): ReadRange => ({ fault: { code, min, max } });
  const [from, to] = [range.from, range.to].map((text) => (NUMBER.test(text.trim()) ? Number(text) : Number.NaN));
  if (from === undefined || to === undefined) return wrong(kind);
  const fits = (value: number): boolean =>
    value >= min && value <= max && (kind === 'number' || Number.isInteger(value));
  if (!fits(from) || !fits(to)) return wrong(kind);
  if (from > to) return wrong('order');
  const step = range.step.trim() === '' ? null : Number(range.step);
  if (step !== null && (!(step > 0) || (kind === 'integer' && !Number.isInteger(step)))) return wrong('step');
  if (!range.log || kind === 'integer') return { value: { from, to, ...(step === null ? {} : { step }) } };
  return from > 0 && step === null ? { value: { from, to, log: true } } : wrong('log');
}

/** The space of a form, or what is wrong with its ranges. */
export function spaceOf(
  specs: Specs,
  ranges: OptimizationDraft['ranges'],
): {
  readonly faults: Readonly<Record<string, RangeFault>>;
  readonly space: Readonly<Record<string, unknown>> | null;
} {
  const faults: Record<string, RangeFault> = {};
  const space: Record<string, unknown> = {};
  for (const [name, range] of Object.entries(ranges)) {
    const spec = specs[name];
    if (spec === undefined) continue;
    const read = readRange(spec, range);
    if ('fault' in read) faults[name] = read.fault;
    else space[name] = read.value;
  }
  return { faults, space: Object.keys(faults).length === 0 ? space : null };
}

/** The specification of a form without faults, around that of its backtest; `language` is that of the report that it leaves. */
export function optimizationSpecOf(
  draft: OptimizationDraft,
  backtest: BacktestSpecInput,
  space: Readonly<Record<string, unknown>>,
  language: OptimizationSpec['language'],
): OptimizationSpecInput {
  const { sampler, objective, direction, tested, train, test, anchored, embargo, stopping } = draft;
  const seed = Number(draft.seed);
  return {
    backtest: { ...backtest, seed },
    space: { ...space },
    sampler,
    trials: Number(draft.trials),
    objective: direction === '' ? objective : `${objective}:${direction}`,
    walkForward: tested ? { train: train.trim(), test: test.trim(), anchored, embargo: embargo.trim() } : null,
    earlyStopping: { kind: stopping },
    mapReach: Number(draft.mapReach),
    seed,
    language,
  };
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const textOf = (value: unknown): string =>
  typeof value === 'number' || typeof value === 'string' || typeof value === 'boolean' ? String(value) : '';

/** A range as it was written down. */
function rangeOf(spec: ParameterSpecMessage, given: unknown): RangeDraft {
  const whole = wholeRange(spec);
  const listed = (values: readonly unknown[]): RangeDraft => ({
    ...whole,
    kind: 'list',
    list: values.map(textOf).join(', '),
  });
  if (isRecord(given) && Array.isArray(given['values'])) return listed(given['values']);
  const numeric = spec.kind === 'integer' || spec.kind === 'number';
  if (Array.isArray(given)) return numeric ? { ...whole, from: textOf(given[0]), to: textOf(given[1]) } : listed(given);
  if (!isRecord(given)) return whole;
  const { from = whole.from, to = whole.to, step, log } = given;
  return { ...whole, from: textOf(from), to: textOf(to), step: textOf(step), log: log === true };
}

/** A form that says what an optimisation was run with, so that it can be changed and run again. What the form has no field for has its default. */
export function optimizationDraftOf({ spec }: Pick<OptimizationDetail, 'spec'>, specs: Specs): OptimizationDraft {
  const { space, walkForward, objective } = spec;
  const [name = '', direction = ''] = objective.split(':');
  const searched =
    space ??
    Object.fromEntries(
      Object.entries(specs)
        .filter(([, { kind }]) => kind !== 'choice')
        .map(([each]) => [each, null]),
    );
  const ranges = Object.entries(searched).flatMap(([each, given]) => {
    const parameter = specs[each];
    return parameter === undefined ? [] : [[each, rangeOf(parameter, given)] as const];
  });
  return {
    ...EMPTY_OPTIMIZATION,
    backtest: draftOf({ spec: spec.backtest }),
    ranges: Object.fromEntries(ranges),
    sampler: spec.sampler,
    trials: String(spec.trials),
    objective: name,
    direction: direction === 'max' || direction === 'min' ? direction : '',
    ...(walkForward === null ? { tested: false } : { tested: true, ...walkForward }),
    stopping: spec.earlyStopping.kind,
    mapReach: String(spec.mapReach),
    seed: String(spec.seed),
  };
}

const SEARCH_PLACES: readonly (readonly [start: string, field: SearchField])[] = [
  ['body.space', 'ranges'],
  ['body.sampler', 'sampler'],
  ['body.trials', 'trials'],
  ['body.objective', 'objective'],
  ['body.walkForward.train', 'train'],
  ['body.walkForward.test', 'test'],
  ['body.walkForward.embargo', 'embargo'],
  ['body.mapReach', 'mapReach'],
  ['body.seed', 'seed'],
];

/** Which field, or which parameter, the place of a server's fault is about; null: none of the form's. */
export function optimizationPlaceOf(
  where: string,
): { readonly field: DraftField } | { readonly param: string } | { readonly search: SearchField } | null {
  const inner = /^body\.backtest\.(.+)$/.exec(where)?.[1];
  if (inner !== undefined) return placeOf(`body.${inner}`);
  const found = SEARCH_PLACES.find(([start]) => where === start || where.startsWith(`${start}.`));
  return found === undefined ? null : { search: found[1] };
}
