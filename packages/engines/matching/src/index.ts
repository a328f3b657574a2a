export * from './exchange/index.ts';
export * from './feed/index.ts';
