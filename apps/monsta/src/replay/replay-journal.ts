import { err, ok, type Result } from '@monsta/core';
import { readJournalFiles } from '@monsta/journal-file';
import {
  decodeLife,
  JournalReplay,
  LIFE_FORMAT,
  type ConfiguredStrategy,
  type LifeRecord,
  type ReplayCounts,
  type ReplayDifference,
} from '@monsta/trading';
import { loadStrategy } from '../strategies/load.ts';
import { strategySource } from '../strategies/source.ts';

export interface ReplayReport extends ReplayCounts {
  readonly difference: ReplayDifference | null;
  /** Of the programs that wrote the journal, in order. */
  readonly versions: readonly string[];
}

/** The lives of a journal by the sequence of their first records. */
export async function livesOf(directory: string): Promise<Result<ReadonlyMap<number, LifeRecord>>> {
  const lives = new Map<number, LifeRecord>();
  let records = 0;
  for await (const record of readJournalFiles(directory)) {
    if (!record.ok) return record;
    records += 1;
    const life = decodeLife(record.value.payload);
    if (life === null) continue;
    if (life.format !== LIFE_FORMAT)
      return err(
        'replay_format',
        `record ${record.value.sequence} was written by MONSTA ${life.version} in format ${String(life.format)}, and this one reads format ${LIFE_FORMAT}; replay it with that version`,
      );
    lives.set(record.value.sequence, life);
  }
  if (records === 0) return err('replay_empty', `there is no record of a journal in ${directory}`);
  if (lives.size === 0)
    return err(
      'replay_no_beginning',
      `none of the ${records} records in ${directory} is the beginning of a life: retention has removed it (journal.total_bytes_max), or this is no journal of the trading kernel`,
    );
  return ok(lives);
}

/** The strategies of a life, if they are still what they were. */
export async function strategiesOf(life: LifeRecord, instance: number): Promise<Result<readonly ConfiguredStrategy[]>> {
  const strategies: ConfiguredStrategy[] = [];
  for (const [index, { name, ...configured }] of life.strategies.entries()) {
    const source = life.sources[index];
    if (source === undefined)
      return err('replay_strategy', `the journal does not say where the strategy ${name} came from`);
    if (source.sha256 !== null && strategySource(source.strategy)?.sha256 !== source.sha256)
      return err(
        'replay_strategy',
        `the strategy file ${source.strategy} is not what it was in the run (SHA-256 ${source.sha256}): bring that text back to replay this journal`,
      );
    const definition = await loadStrategy(source.strategy, instance);
    if (!definition.ok) return definition;
    strategies.push({ ...configured, definition: definition.value });
  }
  return ok(strategies);
}

/**
 * Runs the journal in a folder again, through `replay` where somebody looks on. Faults: `replay_empty`, `replay_no_beginning`, `replay_format`, `replay_strategy`, `replay_kernel` (the kernel breaks), those of reading
 * the journal and of loading strategies. A difference is no fault, but what was asked for.
 */
export async function replayJournal(
  directory: string,
  replay: JournalReplay = new JournalReplay(),
): Promise<Result<ReplayReport>> {
  const lives = await livesOf(directory);
  if (!lives.ok) return lives;
  const ordered = [...lives.value.values()];
  const report = (difference: ReplayDifference | null): Result<ReplayReport> =>
    ok({ ...replay.counts, difference, versions: [...new Set(ordered.map(({ version }) => version))] });
  for await (const record of readJournalFiles(directory)) {
    if (!record.ok) return record;
    const { sequence, payload } = record.value;
    const life = lives.value.get(sequence);
    if (life !== undefined) {
      const strategies = await strategiesOf(life, replay.counts.lives);
      if (!strategies.ok) return strategies;
      replay.begin(life, strategies.value, ordered[replay.counts.lives + 1]?.cutOff ?? null);
      continue;
    }
    try {
      const difference = replay.take(sequence, payload);
      if (difference !== null) return report(difference);
    } catch (thrown) {
      return err('replay_kernel', `the kernel breaks on record ${sequence}: ${String(thrown)}`, { cause: thrown });
    }
  }
  replay.finish();
  return report(null);
}
