import { resolve } from 'node:path';
import { err, ok, type Fault, type Result } from '@monsta/core';
import type { ReportLanguage } from '@monsta/simulation';
import type { KeptFolder, KeptFolders } from '../backtest/kept-folder.ts';
import { argumentOf, textOf, type FlagValues } from '../cli/arguments.ts';
import type { Output } from '../cli/output.ts';
import { configExitCode } from '../config/load.ts';
import { writeFileWhole } from '../runtime/atomic-file.ts';
import { configurationFrom } from './configuration-flags.ts';

/** Tells a fault, and gives the exit status. */
export function failed(output: Output, fault: Fault, status: number): number {
  output.fault(fault);
  return status;
}

/** Does something with the runs of a kind in the data directory that the flags name. */
export async function withStore<S>(
  flags: FlagValues,
  output: Output,
  storeIn: (dataDir: string) => S,
  act: (store: S) => number | Promise<number>,
): Promise<number> {
  const { config: file, 'data-dir': dataDir, 'log-level': level = 'warn' } = flags;
  const config = await configurationFrom({ config: file, 'data-dir': dataDir, 'log-level': level }, process.env);
  return config.ok ? act(storeIn(config.value.dataDir)) : failed(output, config.fault, configExitCode(config.fault));
}

/** The last part of a path, or a name as it is. */
export const baseName = (strategy: string): string => strategy.split(/[\\/]/).at(-1) ?? strategy;

/** Removes the run that is named. */
export function removeRun(store: KeptFolders<KeptFolder>, flags: FlagValues, output: Output): number {
  const id = argumentOf(flags);
  const removed = store.remove(id);
  if (!removed.ok) return failed(output, removed.fault, removed.fault.code.endsWith('_unknown') ? 2 : 1);
  output.document({ deleted: id }, `${id} is gone; what it tried stays remembered`);
  return 0;
}

/** Of a report. Fault `flag_invalid`. */
export function reportLanguage(flags: FlagValues): Result<ReportLanguage> {
  const language = textOf(flags, 'language') ?? 'en';
  if (language === 'en' || language === 'ko') return ok(language);
  return err('flag_invalid', `--language: '${language}' is neither en nor ko`);
}

/** Prints a report, or writes it into the file that is named. */
export function handOutReport(html: string, named: object, flags: FlagValues, output: Output): number {
  const out = textOf(flags, 'out');
  if (out === null) {
    output.document({ ...named, html }, html);
    return 0;
  }
  const path = resolve(out);
  try {
    writeFileWhole(path, html);
  } catch (thrown) {
    const why = thrown instanceof Error ? thrown.message : String(thrown);
    return failed(output, { code: 'report_unwritable', message: `${path}: ${why}`, retry: 'permanent' }, 1);
  }
  output.document({ ...named, path }, `Written to ${path}`);
  return 0;
}
