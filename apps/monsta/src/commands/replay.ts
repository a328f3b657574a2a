import { argumentOf, type FlagValues } from '../cli/arguments.ts';
import type { Output } from '../cli/output.ts';
import { replayJournal, type ReplayReport } from '../replay/replay-journal.ts';
import { VERSION } from '../version.ts';

const shown = (commands: readonly unknown[] | null): string =>
  commands === null ? '  nothing' : commands.map((command) => `  ${JSON.stringify(command)}`).join('\n');

function spoken(report: ReplayReport): string {
  const { commands, cut, difference, gaps, inputs, lives, stuck, unchecked, versions } = report;
  const lines = [`${lives} lives, ${inputs} inputs, ${commands} commands as they were recorded.`];
  if (stuck > 0) lines.push(`${stuck} lives ended in a strategy that did not return, and came to that call again.`);
  if (cut > 0) lines.push(`${cut} lives ended before the commands of their last input were written down.`);
  if (unchecked > 0) lines.push(`${unchecked} records belong to no life that the journal holds whole: not compared.`);
  if (gaps > 0) lines.push(`${gaps} lives could not be journalled whole: not compared from there on.`);
  if (versions.some((version) => version !== VERSION))
    lines.push(`Written by MONSTA ${versions.join(', ')}; this is ${VERSION}, which may decide otherwise.`);
  if (difference !== null)
    lines.push(
      `DIFFERENT at record ${difference.sequence} (${difference.input}). The run:`,
      shown(difference.recorded),
      'The replay:',
      shown(difference.replayed),
    );
  return lines.join('\n');
}

/** Exit status 1 at a difference, and where the journal can't be replayed. */
export async function replay(flags: FlagValues, output: Output): Promise<number> {
  const replayed = await replayJournal(argumentOf(flags));
  if (!replayed.ok) {
    output.fault(replayed.fault);
    return 1;
  }
  output.document(replayed.value, spoken(replayed.value));
  return replayed.value.difference === null ? 0 : 1;
}
