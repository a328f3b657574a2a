'use client';
import type { BacktestStatisticList, BacktestStrategy, ParameterSpecMessage } from '@monsta/contracts';
import type { ReactNode } from 'react';
import { useStatisticList } from '../../data/backtest-queries.ts';
import { useTranslate } from '../../data/display.ts';
import {
  wholeRange,
  type OptimizationDraft,
  type RangeDraft,
  type RangeFault,
  type SearchField,
} from '../../lib/optimization-draft.ts';
import { ChoiceField } from '../parts/choice-field.tsx';
import { Field } from '../parts/field.tsx';
import type { ShownFault } from './fields.ts';
import { FieldFault } from './form-parts.tsx';

export interface SearchProps {
  readonly draft: OptimizationDraft;
  readonly change: <F extends SearchField>(field: F, value: OptimizationDraft[F]) => void;
  readonly faultOf: (field: SearchField) => ShownFault | null;
}

const GRID = 'grid grid-cols-2 gap-x-3 gap-y-2 sm:grid-cols-3 xl:grid-cols-5';
const isNumeric = ({ kind }: ParameterSpecMessage): boolean => kind === 'integer' || kind === 'number';

interface RangeProps {
  readonly name: string;
  readonly spec: ParameterSpecMessage;
  readonly range: RangeDraft;
  readonly fault: RangeFault | undefined;
  readonly onChange: (part: Partial<RangeDraft>) => void;
}

/** What is searched of one parameter. */
function RangeFields({ name, spec, range, fault, onChange }: RangeProps): ReactNode {
  const t = useTranslate();
  const numeric = isNumeric(spec);
  const field = (part: 'from' | 'to' | 'step' | 'list', hint?: string): ReactNode => (
    <Field
      label={`${name}: ${t(`optimizations.range.${part}`)}`}
      name={`ranges.${name}.${part}`}
      value={range[part]}
      onChange={(value) => onChange({ [part]: value })}
      fault={null}
      {...(hint === undefined ? {} : { hint })}
    />
  );
  const options = spec.kind === 'choice' ? spec.options : ['true', 'false'];
  const shown = fault === undefined ? null : t(`optimizations.fault.${fault.code}`, { min: fault.min, max: fault.max });
  return (
    <div className="flex flex-col gap-1" data-testid={`range-${name}`}>
      <div className={GRID}>
        {numeric ? (
          <ChoiceField
            label={t('optimizations.range.kind', { name })}
            name={`ranges.${name}.kind`}
            value={range.kind}
            options={(['range', 'list'] as const).map((kind) => ({
              value: kind,
              label: t(`optimizations.range.kind.${kind}`),
            }))}
            onChange={(kind) => onChange({ kind })}
          />
        ) : null}
        {range.kind === 'list' || !numeric ? (
          <div className="col-span-2">
            {field(
              'list',
              numeric
                ? t('optimizations.range.listHint')
                : t('optimizations.range.options', { options: options.join(', ') }),
            )}
          </div>
        ) : (
          <>
            {field('from')}
            {field('to')}
            {range.log
              ? null
              : field('step', t(`optimizations.range.stepHint.${spec.kind === 'integer' ? 'integer' : 'number'}`))}
            {spec.kind === 'number' ? (
              <ChoiceField
                label={t('optimizations.range.scale', { name })}
                name={`ranges.${name}.log`}
                value={range.log ? 'log' : 'even'}
                options={(['even', 'log'] as const).map((scale) => ({
                  value: scale,
                  label: t(`optimizations.range.scale.${scale}`),
                }))}
                onChange={(scale) => onChange({ log: scale === 'log', step: '' })}
              />
            ) : null}
          </>
        )}
      </div>
      <FieldFault fault={shown === null ? null : { text: shown, lang: undefined }} />
    </div>
  );
}

/** Which parameters are searched, and where. */
export function RangesFields({
  strategy: { parameterSpecs },
  faults,
  ...props
}: SearchProps & {
  readonly strategy: BacktestStrategy;
  readonly faults: Readonly<Record<string, RangeFault>>;
}): ReactNode {
  const t = useTranslate();
  const { draft, change, faultOf } = props;
  const { ranges } = draft;
  const specs = parameterSpecs ?? {};
  const toggle = (name: string, spec: ParameterSpecMessage): void => {
    const { [name]: held, ...others } = ranges;
    change('ranges', held === undefined ? { ...ranges, [name]: wholeRange(spec) } : others);
  };
  return (
    <>
      <fieldset className="flex flex-wrap gap-x-4 gap-y-1">
        <legend className="text-xs text-muted">{t('optimizations.searched')}</legend>
        {Object.entries(specs).map(([name, spec]) => (
          <label key={name} className="flex min-h-7 items-center gap-1.5 text-xs pointer-coarse:min-h-10">
            <input
              type="checkbox"
              name={`searched.${name}`}
              checked={Object.hasOwn(ranges, name)}
              onChange={() => toggle(name, spec)}
              className="size-4 accent-[var(--accent)]"
            />
            {name}
          </label>
        ))}
      </fieldset>
      <FieldFault fault={faultOf('ranges')} />
      {Object.entries(specs).map(([name, spec]) => {
        const range = ranges[name];
        return range === undefined ? null : (
          <RangeFields
            key={name}
            {...{ name, spec, range }}
            fault={faults[name]}
            onChange={(part) => change('ranges', { ...ranges, [name]: { ...range, ...part } })}
          />
        );
      })}
    </>
  );
}

type TextField = 'trials' | 'train' | 'test' | 'embargo' | 'mapReach' | 'seed';

function Text({
  field,
  draft,
  change,
  faultOf,
  hint,
}: SearchProps & { readonly field: TextField; readonly hint: string }): ReactNode {
  const t = useTranslate();
  const fault = faultOf(field);
  return (
    <Field
      label={t(`optimizations.field.${field}`)}
      name={field}
      value={draft[field]}
      onChange={(value) => change(field, value)}
      fault={fault?.text ?? null}
      faultLang={fault?.lang}
      hint={hint}
    />
  );
}

const SAMPLERS = ['tpe', 'random', 'grid', 'cma-es'] as const;
const STOPPINGS = ['none', 'median', 'halving'] as const;
const DIRECTIONS = ['', 'max', 'min'] as const;

type Statistic = BacktestStatisticList['items'][number];

/** Statistics that are known to be better higher or lower come first. */
const objectives = (items: readonly Statistic[]): readonly Statistic[] => [
  ...items.filter(({ better }) => better !== null),
  ...items.filter(({ better }) => better === null),
];

/** For what is searched, how, and how often. */
export function MethodFields(props: SearchProps): ReactNode {
  const t = useTranslate();
  const { draft, change, faultOf } = props;
  const items = useStatisticList().data?.items ?? [];
  const known = objectives(items).map(({ name, label }) => ({ value: name, label }));
  const options = known.some(({ value }) => value === draft.objective)
    ? known
    : [{ value: draft.objective, label: draft.objective }, ...known];
  const better = items.find(({ name }) => name === draft.objective)?.better ?? null;
  const usual = better === null ? t('optimizations.direction.none') : t(`optimizations.direction.${better}`);
  return (
    <>
      <div className={GRID}>
        <ChoiceField
          label={t('optimizations.field.objective')}
          name="objective"
          value={draft.objective}
          options={options}
          onChange={(value) => change('objective', value)}
        />
        <ChoiceField
          label={t('optimizations.field.direction')}
          name="direction"
          value={draft.direction}
          options={DIRECTIONS.map((value) => ({
            value,
            label: value === '' ? usual : t(`optimizations.direction.${value === 'max' ? 'higher' : 'lower'}`),
          }))}
          onChange={(value) => change('direction', value)}
        />
        <ChoiceField
          label={t('optimizations.field.sampler')}
          name="sampler"
          value={draft.sampler}
          options={SAMPLERS.map((value) => ({ value, label: t(`optimizations.sampler.${value}`) }))}
          onChange={(value) => change('sampler', value)}
        />
        <Text {...props} field="trials" hint={t('optimizations.hint.trials')} />
        <ChoiceField
          label={t('optimizations.field.stopping')}
          name="stopping"
          value={draft.stopping}
          options={STOPPINGS.map((value) => ({ value, label: t(`optimizations.stopping.${value}`) }))}
          onChange={(value) => change('stopping', value)}
        />
        <Text {...props} field="mapReach" hint={t('optimizations.hint.mapReach')} />
        <Text {...props} field="seed" hint={t('optimizations.hint.seed')} />
      </div>
      <FieldFault fault={faultOf('objective')} />
      <FieldFault fault={faultOf('sampler')} />
    </>
  );
}

/** On what the choice is tested. */
export function WalkForwardFields(props: SearchProps): ReactNode {
  const t = useTranslate();
  const { draft, change } = props;
  return (
    <>
      <div className={GRID}>
        <ChoiceField
          label={t('optimizations.field.tested')}
          name="tested"
          value={draft.tested ? 'yes' : 'no'}
          options={(['yes', 'no'] as const).map((value) => ({ value, label: t(`optimizations.tested.${value}`) }))}
          onChange={(value) => change('tested', value === 'yes')}
        />
        {draft.tested ? (
          <>
            <Text {...props} field="train" hint={t('optimizations.hint.span')} />
            <Text {...props} field="test" hint={t('optimizations.hint.span')} />
            <Text {...props} field="embargo" hint={t('optimizations.hint.embargo')} />
            <ChoiceField
              label={t('optimizations.field.anchored')}
              name="anchored"
              value={draft.anchored ? 'yes' : 'no'}
              options={(['no', 'yes'] as const).map((value) => ({
                value,
                label: t(`optimizations.anchored.${value}`),
              }))}
              onChange={(value) => change('anchored', value === 'yes')}
            />
          </>
        ) : null}
      </div>
      {draft.tested ? null : (
        <p className="text-xs text-warn">
          <span aria-hidden="true">▲ </span>
          {t('optimizations.warn.untested')}
        </p>
      )}
    </>
  );
}
