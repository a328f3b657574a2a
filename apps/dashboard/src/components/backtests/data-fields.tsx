'use client';
import type { BacktestChoices, BacktestSource } from '@monsta/contracts';
import { INTERVALS } from '@monsta/core';
import { useId, type ReactNode } from 'react';
import { useFormat, useTranslate } from '../../data/display.ts';
import { EXCHANGE, type BacktestDraft } from '../../lib/backtest-draft.ts';
import { barsPlaces, placeOfBars, placeValue, type BarsPlace } from '../../lib/bars-places.ts';
import { ChoiceField } from '../parts/choice-field.tsx';
import { SmallButton } from '../parts/small-button.tsx';
import type { FieldsProps } from './fields.ts';
import { FieldFault } from './form-parts.tsx';

/** Whether a source is where a form takes its bars from. */
const isChosen = (source: BacktestSource, { source: kind, market }: BarsPlace): boolean =>
  source.kind === kind && source.market === (kind === 'catalogue' ? (market ?? EXCHANGE) : null);

/** What is there of an instrument and interval. */
function There({
  sources,
  draft,
  place,
}: {
  readonly sources: readonly BacktestSource[];
  readonly draft: BacktestDraft;
  readonly place: BarsPlace;
}): ReactNode {
  const t = useTranslate();
  const format = useFormat();
  const found = draft.instruments.map((instrument) => ({
    instrument,
    source: sources.find(
      (each) => isChosen(each, place) && each.instrument === instrument && each.interval === draft.interval,
    ),
  }));
  return (
    <ul className="figures text-xs text-muted" data-testid="bars-there">
      {found.map(({ instrument, source }) => (
        <li key={instrument}>
          <span className="font-medium text-ink">{instrument}</span>{' '}
          {source === undefined || source.startMs === null || source.endMs === null
            ? t('backtests.data.none')
            : t('backtests.data.there', {
                bars: format.exact(String(source.bars ?? 0)),
                from: format.dateTime(source.startMs),
                to: format.dateTime(source.endMs),
                zone: format.zone,
              })}
        </li>
      ))}
    </ul>
  );
}

function FileRows({
  draft,
  change,
  faultOf,
  sources,
}: FieldsProps & { readonly sources: readonly BacktestSource[] }): ReactNode {
  const t = useTranslate();
  const id = useId();
  const paths = sources.flatMap(({ kind, path }) => (kind === 'file' && path !== null ? [path] : []));
  const put = (index: number, part: Partial<BacktestDraft['files'][number]>): void =>
    change(
      'files',
      draft.files.map((row, at) => (at === index ? { ...row, ...part } : row)),
    );
  const fault = faultOf('files');
  if (paths.length === 0) return <p className="text-xs text-muted">{t('backtests.data.noFiles')}</p>;
  return (
    <div className="flex flex-col gap-2">
      {draft.files.map((row, index) => (
        <div key={index} className="flex flex-wrap items-end gap-2">
          <div className="flex min-w-0 flex-col gap-0.5">
            <label htmlFor={`${id}-${index}`} className="text-xs text-muted">
              {t('table.instrument')}
            </label>
            <input
              id={`${id}-${index}`}
              name={`files.${index}.instrument`}
              value={row.instrument}
              onChange={(event) => put(index, { instrument: event.target.value.toUpperCase() })}
              autoComplete="off"
              spellCheck={false}
              className="min-h-8 w-32 rounded border border-strong bg-ground px-2 pointer-coarse:min-h-10"
            />
          </div>
          <div className="min-w-0 flex-1">
            <ChoiceField
              label={t('backtests.data.file')}
              name={`files.${index}.path`}
              value={row.path}
              options={[{ value: '', label: '—' }, ...paths.map((path) => ({ value: path, label: path }))]}
              onChange={(path) => put(index, { path })}
            />
          </div>
          {draft.files.length === 1 ? null : (
            <SmallButton
              onClick={() =>
                change(
                  'files',
                  draft.files.filter((_row, at) => at !== index),
                )
              }
            >
              {t('backtests.data.removeRow')}
            </SmallButton>
          )}
        </div>
      ))}
      <div>
        <SmallButton onClick={() => change('files', [...draft.files, { instrument: '', path: '' }])}>
          {t('backtests.data.addRow')}
        </SmallButton>
      </div>
      <FieldFault fault={fault} />
    </div>
  );
}

interface DayFieldProps extends FieldsProps {
  readonly name: 'from' | 'to';
}

function DayField({ name, draft, change, faultOf }: DayFieldProps): ReactNode {
  const t = useTranslate();
  const id = useId();
  const fault = faultOf(name);
  return (
    <div className="flex min-w-0 flex-col gap-0.5">
      <label htmlFor={id} className="text-xs text-muted">
        {t(`backtests.${name}`)}
      </label>
      <input
        id={id}
        name={name}
        type="date"
        value={draft[name]}
        onChange={(event) => change(name, event.target.value)}
        aria-invalid={fault !== null}
        aria-describedby={`${id}-note`}
        className={`figures min-h-8 min-w-0 rounded border bg-ground px-2 pointer-coarse:min-h-10 ${fault === null ? 'border-strong' : 'border-danger'}`}
      />
      <p
        id={`${id}-note`}
        lang={fault?.lang}
        className={`text-[0.7rem] ${fault === null ? 'text-muted' : 'text-danger'}`}
      >
        {fault === null ? t(`backtests.${name}.hint`) : fault.text}
      </p>
    </div>
  );
}

/** Which bars it runs on: where from, of what, how long, and what of that is there. */
export function DataFields(props: FieldsProps & { readonly choices: BacktestChoices }): ReactNode {
  const t = useTranslate();
  const { draft, change, faultOf, choices } = props;
  const { sources } = choices;
  const chosen = placeOfBars(sources, draft);
  const places = barsPlaces(sources, chosen);
  const offeredBy = (place: BarsPlace): readonly string[] => [
    ...new Set(sources.flatMap((each) => (isChosen(each, place) && each.instrument !== null ? [each.instrument] : []))),
  ];
  const offered = offeredBy(chosen);
  const fault = faultOf('instruments');
  const intervalFault = faultOf('interval');
  return (
    <>
      <div className="grid grid-cols-2 gap-x-3 gap-y-2 sm:grid-cols-4">
        <ChoiceField
          label={t('backtests.data.source')}
          name="source"
          value={placeValue(chosen)}
          options={places.map((place) => ({
            value: placeValue(place),
            label: t(`backtests.data.${place.source}`, { market: place.market ?? EXCHANGE }),
          }))}
          onChange={(value) => {
            const place = places.find((each) => placeValue(each) === value);
            if (place === undefined) return;
            const { source, market } = place;
            change('source', source);
            change('market', market);
            // What is not there to be seen must not be asked for.
            const there = offeredBy(place);
            change(
              'instruments',
              draft.instruments.filter((each) => there.includes(each)),
            );
            if (source === 'file' && draft.files.length === 0) change('files', [{ instrument: '', path: '' }]);
          }}
        />
        <div>
          <ChoiceField
            label={t('backtests.interval')}
            name="interval"
            value={draft.interval}
            options={[
              ...(draft.source === 'file' ? [{ value: '' as const, label: t('backtests.data.ofFile') }] : []),
              ...INTERVALS.map((interval) => ({ value: interval, label: interval })),
            ]}
            onChange={(interval) => change('interval', interval)}
          />
          <FieldFault fault={intervalFault} />
        </div>
        <DayField name="from" {...props} />
        <DayField name="to" {...props} />
      </div>
      {draft.source === 'file' ? (
        <FileRows {...props} sources={sources} />
      ) : (
        <>
          <fieldset className="flex flex-wrap gap-x-4 gap-y-1">
            <legend className="text-xs text-muted">{t('backtests.instruments')}</legend>
            {offered.map((instrument) => (
              <label key={instrument} className="flex min-h-7 items-center gap-1.5 text-xs pointer-coarse:min-h-10">
                <input
                  type="checkbox"
                  name={`instruments.${instrument}`}
                  checked={draft.instruments.includes(instrument)}
                  onChange={(event) =>
                    change(
                      'instruments',
                      event.target.checked
                        ? [...draft.instruments, instrument]
                        : draft.instruments.filter((each) => each !== instrument),
                    )
                  }
                  className="size-4 accent-[var(--accent)]"
                />
                {instrument}
              </label>
            ))}
            {offered.length === 0 ? <span className="text-xs text-muted">{t('backtests.data.nothing')}</span> : null}
          </fieldset>
          <FieldFault fault={fault} />
          <There sources={sources} draft={draft} place={chosen} />
        </>
      )}
    </>
  );
}
