import { writeSync } from 'node:fs';
import { expectOk } from '@monsta/core';
import type { Clock, Logger } from '@monsta/ports';
import { openFileJournal } from './open-file-journal.ts';

/**
 * Run as a process of its own: appends `<prefix>-<sequence>` without end, and prints each sequence that a sync has confirmed, or the code of the
 * fault that stopped it.
 */
const [directory = '', padding = '0'] = process.argv.slice(2);
const silent = (): void => undefined;
const logger: Logger = { debug: silent, info: silent, warn: silent, error: silent, child: () => logger };
const clock: Pick<Clock, 'setTimer'> = {
  setTimer(delayMs, task) {
    const timer = setTimeout(task, delayMs);
    return { cancel: () => clearTimeout(timer) };
  },
};
const unused = (): never => {
  throw new Error('the journal needs timers only');
};
const journal = expectOk(
  await openFileJournal({
    directory,
    logger,
    clock: { ...clock, nowUs: unused, monotonicMs: unused, sleep: unused },
    segmentBytesMax: 4_096,
  }),
);
for (let next = journal.recovery.lastSequence + 1; ;) {
  for (let part = 0; part < 3; part += 1) {
    const appended = journal.append(next, `record-${next}${'.'.repeat(Number(padding))}`);
    if (!appended.ok) continue;
    next = appended.value + 1;
  }
  const synced = await journal.sync();
  writeSync(1, `${synced.ok ? next - 1 : synced.fault.code}\n`);
  if (!synced.ok) break;
}
const late = journal.append(0, 'after');
writeSync(1, `${late.ok ? 'appended' : late.fault.code}\n`);
await journal.close();
writeSync(1, 'closed\n');
