import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expectOk } from '@monsta/core';
import { journalConformance, silentTelemetry, VirtualClock } from '@monsta/testkit';
import { openFileJournal } from './open-file-journal.ts';

for (const [name, segmentBytesMax] of [
  ['the journal in files', 16 * 1_048_576],
  ['the journal in many small files', 600],
] as const) {
  journalConformance(name, async () => {
    const directory = await mkdtemp(join(tmpdir(), 'monsta-journal-'));
    const open = async () =>
      expectOk(
        await openFileJournal({
          directory,
          clock: new VirtualClock(),
          logger: silentTelemetry().logger,
          segmentBytesMax,
        }),
      );
    let journal = await open();
    return {
      journal,
      async reopen() {
        await journal.close();
        journal = await open();
        return journal;
      },
      async dispose() {
        await journal.close();
        await rm(directory, { recursive: true });
      },
    };
  });
}
