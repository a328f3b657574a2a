import { systemClock } from '@monsta/clock-system';
import { msFromUs, ok } from '@monsta/core';
import type { PruneOutcome } from '@monsta/ports';
import { keptFromMs } from '@monsta/price-collector';
import { textOf, type FlagValues } from '../cli/arguments.ts';
import type { Output } from '../cli/output.ts';
import type { MarketEntry } from '../compose/catalog.ts';
import { moment, plural } from './data-text.ts';
import { withCatalogs } from './data.ts';

/** Rows of a table that were too old. */
interface PrunedEntry extends Pick<MarketEntry, 'market' | 'kind' | 'instrument' | 'interval'>, PruneOutcome {
  readonly beforeMs: number;
}

function pruneText(entries: readonly PrunedEntry[], dryRun: boolean): string {
  if (entries.length === 0) return 'Nothing is older than catalog.retention says.';
  const lines = entries.map(
    ({ market, instrument, interval, kind, rows, beforeMs, files, bytes, rewritten }) =>
      `${market}  ${instrument}  ${interval ?? kind}  ${plural(rows, 'row')} before ${moment(beforeMs)}: ${plural(files, 'file')}, ${bytes} bytes; the beginning of ${plural(rewritten, 'file')}`,
  );
  return [...lines, dryRun ? 'Nothing was removed: a dry run.' : 'Removed.'].join('\n');
}

/** `monsta data prune` */
export function dataPrune(flags: FlagValues, output: Output): Promise<number> {
  const dryRun = flags['dry-run'] === true;
  const named = textOf(flags, 'market');
  return withCatalogs(flags, output, async (catalogs, { catalog: { retention } }) => {
    const nowMs = msFromUs(systemClock().nowUs());
    const items: PrunedEntry[] = [];
    for (const market of named === null ? catalogs.markets() : [named]) {
      const catalog = catalogs.of(market);
      if (!catalog.ok) return catalog;
      const listed = await catalog.value.list();
      if (!listed.ok) return listed;
      for (const { kind, instrument, interval } of listed.value) {
        const beforeMs = keptFromMs(retention, { kind, interval }, nowMs);
        if (beforeMs === null) continue;
        const pruned = await catalog.value.prune({ kind, instrument, interval, beforeMs, dryRun });
        if (!pruned.ok) return pruned;
        if (pruned.value.rows > 0) items.push({ market, kind, instrument, interval, beforeMs, ...pruned.value });
      }
    }
    output.document({ dryRun, items }, pruneText(items, dryRun));
    return ok(0);
  });
}
