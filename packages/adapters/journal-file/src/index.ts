export { releaseJournal } from './lock.ts';
export { openFileJournal, type FileJournalOptions } from './open-file-journal.ts';
