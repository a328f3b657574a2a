export { createFileLease } from './file-lease.ts';
export { holdFile } from './held-file.ts';
