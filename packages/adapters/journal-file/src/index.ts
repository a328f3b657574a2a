export { openFileJournal, type FileJournalOptions } from './open-file-journal.ts';
