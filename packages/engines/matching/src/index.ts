export * from './changes.ts';
export * from './feed-matching.ts';
export * from './fill-model.ts';
export * from './filters.ts';
export * from './venue-account.ts';
export * from './exchange/index.ts';
export * from './feed/index.ts';
