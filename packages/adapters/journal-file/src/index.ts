export { releaseJournal } from './lock.ts';
export { readJournalFiles } from './read-files.ts';
export { openFileJournal, type FileJournalOptions } from './open-file-journal.ts';
