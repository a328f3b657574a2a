import { basename, resolve } from 'node:path';
import type { DataDescription } from '@monsta/contracts';
import { DESCRIPTION_LAGS, DESCRIPTION_LAGS_MAX } from '@monsta/contracts/description-lags';
import { err, instrumentId, ok, type BarSeries, type Fault, type Result } from '@monsta/core';
import { readBarFile } from '@monsta/data-files';
import type { Catalog } from '@monsta/ports';
import { describeBars, renderDescription, type ReportLanguage } from '@monsta/simulation';
import { textOf, type FlagValues } from '../cli/arguments.ts';
import type { Output } from '../cli/output.ts';
import { VERSION } from '../version.ts';
import { isSimulatedMarket } from '../compose/markets.ts';
import { writeFileWhole } from '../runtime/atomic-file.ts';
import { dayFlag, instrumentFlag, intervalFlag, termsFrom, withCatalogs } from './data.ts';
import { descriptionText } from './description-text.ts';

interface Asked {
  readonly lags: number;
  readonly language: ReportLanguage;
  readonly fromMs: number | null;
  readonly toMs: number | null;
}

function askedFrom(flags: FlagValues): Result<Asked> {
  const typed = textOf(flags, 'lags') ?? String(DESCRIPTION_LAGS);
  const lags = /^\d{1,4}$/.test(typed) ? Number(typed) : Number.NaN;
  if (!(lags >= 1 && lags <= DESCRIPTION_LAGS_MAX))
    return err('flag_invalid', `--lags ${typed}: a whole number from 1 to ${DESCRIPTION_LAGS_MAX}`);
  const language = textOf(flags, 'language') ?? 'en';
  if (language !== 'en' && language !== 'ko') return err('flag_invalid', `--language ${language}: there are en and ko`);
  const from = dayFlag(flags, 'from', 'start');
  if (!from.ok) return from;
  const to = dayFlag(flags, 'to', 'end');
  if (!to.ok) return to;
  if (from.value !== null && to.value !== null && from.value >= to.value)
    return err('flag_invalid', '--from is not before --to');
  return ok({ lags, language, fromMs: from.value, toMs: to.value });
}

/** The bars of a file. Faults: `flag_invalid`, those of `readBarFile`. */
async function ofFile(file: string, flags: FlagValues, { fromMs, toMs }: Asked): Promise<Result<BarSeries>> {
  const terms = termsFrom(flags);
  return terms.ok ? readBarFile(file, { ...terms.value, fromMs, toMs, offGrid: 'take' }) : terms;
}

/** The bars of the catalogue. Faults: `flag_invalid`, the catalogue's, `data_none`. */
async function ofCatalogue(catalog: Catalog, flags: FlagValues, { fromMs, toMs }: Asked): Promise<Result<BarSeries>> {
  const id = instrumentFlag(flags);
  if (!id.ok) return id;
  const interval = intervalFlag(flags);
  if (!interval.ok) return interval;
  if (interval.value === null) return err('flag_invalid', '--interval is missing: which bars, e.g. --interval 1h');
  const instrument = { id: instrumentId(id.value), tick: null, lot: { units: 1, scale: 8 }, quote: null };
  const series = await catalog.bars({ instrument, interval: interval.value, fromMs, toMs });
  return series.ok && series.value.length === 0
    ? err(
        'data_none',
        `the catalogue has no such bars of ${id.value} of ${interval.value}; 'monsta data list' tells what it has`,
      )
    : series;
}

/** Describes the bars, writes the page that was asked for, and prints. Faults: those of `describeBars`, `report_unwritable`. */
function handOut(
  series: BarSeries,
  source: DataDescription['source'],
  { lags, language }: Asked,
  flags: FlagValues,
  output: Output,
): Result<number> {
  const simulated = source.market === null ? null : isSimulatedMarket(source.market);
  const description = describeBars(series, { source, simulated, lags });
  if (!description.ok) return description;
  const out = textOf(flags, 'out');
  if (out !== null) {
    const path = resolve(out);
    const page = { description: description.value, createdMs: Date.now(), version: VERSION };
    try {
      writeFileWhole(path, renderDescription(page, language));
    } catch (thrown) {
      return err('report_unwritable', `${path}: ${thrown instanceof Error ? thrown.message : String(thrown)}`);
    }
    output.note(`Written to ${path}`);
  }
  output.document(description.value, descriptionText(description.value));
  return ok(0);
}

/** `monsta data describe` */
export async function dataDescribe(flags: FlagValues, output: Output): Promise<number> {
  const failed = (fault: Fault): number => {
    output.fault(fault);
    return fault.code === 'flag_invalid' ? 2 : 1;
  };
  const asked = askedFrom(flags);
  if (!asked.ok) return failed(asked.fault);
  const file = textOf(flags, 'file');
  if (file === null)
    return withCatalogs(flags, output, async (catalogs) => {
      const market = catalogs.name(textOf(flags, 'market'));
      if (!market.ok) return market;
      const catalog = catalogs.of(market.value);
      const series = catalog.ok ? await ofCatalogue(catalog.value, flags, asked.value) : catalog;
      const source = { kind: 'catalogue', market: market.value, file: null } as const;
      return series.ok ? handOut(series.value, source, asked.value, flags, output) : series;
    });
  const series = await ofFile(file, flags, asked.value);
  if (!series.ok) return failed(series.fault);
  const done = handOut(series.value, { kind: 'file', market: null, file: basename(file) }, asked.value, flags, output);
  return done.ok ? done.value : failed(done.fault);
}
