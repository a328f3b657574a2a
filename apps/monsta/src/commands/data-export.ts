import { err, instrumentId, knowsFlow, ok, type BarSeries, type Result } from '@monsta/core';
import { writeBarFile, writeTradeFile } from '@monsta/data-files';
import type { Catalog } from '@monsta/ports';
import { argumentOf, type FlagValues } from '../cli/arguments.ts';
import type { Output } from '../cli/output.ts';
import { dayFlag, instrumentFlag, intervalFlag, withCatalog } from './data.ts';
import { witnessedQuality } from './data-quality.ts';
import { qualityText } from './data-text.ts';
import { tradePieces } from './trade-pieces.ts';

interface Asked {
  readonly file: string;
  readonly instrument: string;
  readonly fromMs: number | null;
  readonly toMs: number | null;
  readonly replace: boolean;
}

function askedFrom(flags: FlagValues): Result<Asked> {
  const instrument = instrumentFlag(flags);
  if (!instrument.ok) return instrument;
  const from = dayFlag(flags, 'from', 'start');
  if (!from.ok) return from;
  const to = dayFlag(flags, 'to', 'end');
  if (!to.ok) return to;
  if (from.value !== null && to.value !== null && from.value >= to.value)
    return err('flag_invalid', '--from is not before --to');
  const file = argumentOf(flags);
  return ok({
    file,
    instrument: instrument.value,
    fromMs: from.value,
    toMs: to.value,
    replace: flags['force'] === true,
  });
}

/** `monsta data export FILE`: bars or trades into a file that `data import` takes again to the same. */
export function dataExport(flags: FlagValues, output: Output): Promise<number> {
  return withCatalog(flags, output, async (catalog) => {
    const asked = askedFrom(flags);
    if (!asked.ok) return asked;
    return flags['trades'] === true
      ? exportTrades(catalog, asked.value, flags, output)
      : exportBars(catalog, asked.value, flags, output);
  });
}

/** Faults of a file's writing, with the flags that mend them. */
function advised(written: Result<number>): Result<number> {
  if (written.ok || written.fault.code !== 'data_exists') return written;
  return { ok: false, fault: { ...written.fault, message: `${written.fault.message}: --force` } };
}

async function exportBars(
  catalog: Catalog,
  { file, instrument, fromMs, toMs, replace }: Asked,
  flags: FlagValues,
  output: Output,
): Promise<Result<number>> {
  const interval = intervalFlag(flags);
  if (!interval.ok) return interval;
  if (interval.value === null)
    return err('flag_invalid', '--interval is missing: which bars, e.g. --interval 1h; or --trades');
  const series = await catalog.bars({
    instrument: { id: instrumentId(instrument), tick: null, lot: { units: 1, scale: 8 }, quote: null },
    ...{ interval: interval.value, fromMs, toMs, flow: true },
  });
  if (!series.ok) return series;
  if (series.value.length === 0)
    return err('data_none', `the catalogue has no such bars of ${instrument}; 'monsta data list' tells what it has`);
  const pieces: readonly Result<BarSeries>[] = [series];
  const written = advised(await writeBarFile(file, pieces, replace, knowsFlow(series.value)));
  if (!written.ok) return written;
  const quality = witnessedQuality(series.value, [], 5);
  output.document(
    { file, kind: 'bars', instrument, interval: interval.value, quality },
    `${file}: ${written.value} bars of ${instrument} of ${interval.value}\n${qualityText(quality)}`,
  );
  return ok(0);
}

async function exportTrades(
  catalog: Catalog,
  { file, instrument, fromMs, toMs, replace }: Asked,
  flags: FlagValues,
  output: Output,
): Promise<Result<number>> {
  if (flags['interval'] !== undefined) return err('flag_invalid', '--interval is of bars: leave it out, or --trades');
  const written = advised(
    await writeTradeFile(file, tradePieces(catalog, instrumentId(instrument), fromMs, toMs), replace),
  );
  if (!written.ok && written.fault.code === 'data_none')
    return err('data_none', `the catalogue has no such trades of ${instrument}; 'monsta data list' tells what it has`);
  if (!written.ok) return written;
  output.document(
    { file, kind: 'trades', instrument, trades: written.value },
    `${file}: ${written.value} trades of ${instrument}`,
  );
  return ok(0);
}
