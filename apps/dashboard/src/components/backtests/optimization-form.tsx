'use client';
import type { BacktestChoices, BacktestStrategy } from '@monsta/contracts';
import { useState, type ReactNode, type SubmitEvent } from 'react';
import { useDisplay, useTranslate } from '../../data/display.ts';
import { keys } from '../../data/keys.ts';
import { goTo } from '../../data/route.ts';
import { draftFaults, paramsOf, specOf, type BacktestDraft, type DraftField } from '../../lib/backtest-draft.ts';
import {
  firstRanges,
  optimizationPlaceOf,
  optimizationSpecOf,
  searchFaults,
  spaceOf,
  type OptimizationDraft,
  type SearchField,
} from '../../lib/optimization-draft.ts';
import { draftFaultReader, parameterFaults, refusal, refusalKey, type ShownFault } from './fields.ts';
import { FormPart, idIn, SendRow, StrategyChoice } from './form-parts.tsx';
import { ParameterFields } from './parameter-fields.tsx';
import { MethodFields, RangesFields, WalkForwardFields } from './search-fields.tsx';
import { TermParts } from './term-parts.tsx';
import { useSpecForm } from './use-spec-form.ts';

interface OptimizationFormProps {
  readonly initial: OptimizationDraft;
  readonly choices: BacktestChoices;
}

const SEARCH = 'search:';

/** Under which key a refusal is kept. */
function keyOf(where: string): string | null {
  const place = optimizationPlaceOf(where);
  return place !== null && 'search' in place ? `${SEARCH}${place.search}` : refusalKey(place);
}

/** A strategy with the parameters alone that are not searched. */
function fixedPart(strategy: BacktestStrategy, ranges: OptimizationDraft['ranges']): BacktestStrategy {
  const { parameterSpecs } = strategy;
  if (parameterSpecs === null) return strategy;
  const fixed = Object.entries(parameterSpecs).filter(([name]) => !Object.hasOwn(ranges, name));
  return { ...strategy, parameterSpecs: Object.fromEntries(fixed) };
}

/** Everything that decides an optimisation. Nothing is sent while a field is wrong; what the server has against one stands beside it. */
export function OptimizationForm({ initial, choices }: OptimizationFormProps): ReactNode {
  const t = useTranslate();
  const { locale } = useDisplay();
  const form = useSpecForm([keys.optimizations], keyOf);
  const [draft, setDraft] = useState(initial);
  const { backtest, ranges } = draft;
  const strategy = choices.strategies.find((each) => each.strategy === backtest.strategy);
  const fixed = strategy === undefined ? undefined : fixedPart(strategy, ranges);
  const specs = strategy?.parameterSpecs ?? {};
  const own = draftFaults(backtest);
  const search = searchFaults(draft);
  const { faults: rangeFaults, space } = spaceOf(specs, ranges);
  const { faults, values } = paramsOf(fixed?.parameterSpecs ?? {}, backtest.params);
  const count = [own, search, rangeFaults, faults].reduce((sum, each) => sum + Object.keys(each).length, 0);

  const changeBacktest = <F extends DraftField>(field: F, value: BacktestDraft[F]): void => {
    setDraft((held) => ({ ...held, backtest: { ...held.backtest, [field]: value } }));
    form.forget();
  };
  const change = <F extends SearchField>(field: F, value: OptimizationDraft[F]): void => {
    setDraft((held) => ({ ...held, [field]: value }));
    form.forget();
  };
  const searchFault = (field: SearchField): ShownFault | null => {
    const code = search[field];
    if (code !== undefined && (form.tried || code !== 'needed'))
      return { text: t(`optimizations.fault.${code}`), lang: undefined };
    return refusal(form.refused, `${SEARCH}${field}`);
  };
  const submit = (event: SubmitEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const ready =
      count > 0 || values === null || space === null
        ? null
        : optimizationSpecOf(draft, specOf(backtest, values), space, locale);
    form.send(ready === null ? null : (client) => client.runOptimization(ready), (reply) => {
      const id = idIn(reply);
      if (id !== null) goTo({ kind: 'optimization', id });
    });
  };
  const parts = { draft: backtest, change: changeBacktest, faultOf: draftFaultReader(own, form, t) };
  const searchParts = { draft, change, faultOf: searchFault };

  return (
    <form
      onSubmit={submit}
      noValidate={form.change.token.held}
      className="flex flex-col"
      aria-label={t('optimizations.new')}
    >
      <FormPart title={t('backtests.part.strategy')}>
        <StrategyChoice
          choices={choices}
          chosen={strategy}
          value={backtest.strategy}
          fault={parts.faultOf('strategy')}
          onChange={(value) => {
            changeBacktest('strategy', value);
            changeBacktest('params', {});
            const chosen = choices.strategies.find((each) => each.strategy === value);
            change('ranges', firstRanges(chosen?.parameterSpecs ?? {}));
          }}
        />
        {strategy === undefined || fixed === undefined ? null : (
          <>
            <RangesFields {...searchParts} strategy={strategy} faults={rangeFaults} />
            {Object.keys(fixed.parameterSpecs ?? { none: null }).length === 0 ? null : (
              <>
                <p className="text-xs text-muted">{t('optimizations.fixed')}</p>
                <ParameterFields
                  strategy={fixed}
                  texts={backtest.params}
                  faults={faults}
                  refused={parameterFaults(form.refused)}
                  onChange={(name, value) => changeBacktest('params', { ...backtest.params, [name]: value })}
                />
              </>
            )}
          </>
        )}
      </FormPart>
      <FormPart title={t('optimizations.part.method')}>
        <MethodFields {...searchParts} />
      </FormPart>
      <FormPart title={t('optimizations.part.walkForward')}>
        <WalkForwardFields {...searchParts} />
      </FormPart>
      <TermParts {...parts} choices={choices} />
      <SendRow
        change={form.change}
        typed={form.typed}
        onTyped={form.setTyped}
        faults={form.tried ? count : null}
        truncated={choices.truncated}
        label={t('optimizations.run')}
      />
    </form>
  );
}
