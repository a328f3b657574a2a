export * from './run-lines.ts';
export * from './run-tape.ts';
export * from './tape-run.ts';
