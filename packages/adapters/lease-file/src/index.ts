export { createFileLease } from './file-lease.ts';
