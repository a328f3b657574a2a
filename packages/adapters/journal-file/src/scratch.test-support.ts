import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expectOk } from '@monsta/core';
import type { Journal } from '@monsta/ports';
import { silentTelemetry, VirtualClock } from '@monsta/testkit';
import { openFileJournal, type FileJournalOptions } from './open-file-journal.ts';

/** A folder for journals of one test. */
export interface Scratch {
  readonly directory: string;
  open(changes?: Partial<FileJournalOptions>): ReturnType<typeof openFileJournal>;
  /** Writes records and closes; `syncEvery` of them at a time are synced. */
  write(payloads: readonly unknown[], syncEvery: number, changes?: Partial<FileJournalOptions>): Promise<void>;
  /** Paths of the segments, oldest first. */
  segments(): string[];
  /** Closes what is still open and removes the folder. */
  dispose(): Promise<void>;
}

/** A virtual clock whose sleeps end at once, for a lock that steps back; its timers run when told to. */
export function patientClock(): VirtualClock {
  const clock = new VirtualClock();
  clock.sleep = () => new Promise((resolve) => void setImmediate(resolve));
  return clock;
}

export function scratch(): Scratch {
  const directory = mkdtempSync(join(tmpdir(), 'monsta-journal-'));
  const opened: Journal[] = [];
  const open: Scratch['open'] = async (changes = {}) => {
    const journal = await openFileJournal({
      directory,
      clock: patientClock(),
      logger: silentTelemetry().logger,
      ...changes,
    });
    if (journal.ok) opened.push(journal.value);
    return journal;
  };
  return {
    directory,
    open,
    async write(payloads, syncEvery, changes) {
      const journal = expectOk(await open(changes));
      for (const [index, payload] of payloads.entries()) {
        expectOk(journal.append(index, payload));
        if ((index + 1) % syncEvery === 0) expectOk(await journal.sync());
      }
      await journal.close();
    },
    segments: () =>
      readdirSync(directory)
        .filter((name) => name.endsWith('.journal'))
        .sort()
        .map((name) => join(directory, name)),
    async dispose() {
      await Promise.all(opened.map((journal) => journal.close()));
      rmSync(directory, { recursive: true });
    },
  };
}
