export * from './codecs.ts';
export * from './errors.ts';
export * from './rest.ts';
export * from './schemas.ts';
export * from './topic-data.ts';
export * from './topics.ts';
export * from './trading-codecs.ts';
export * from './websocket.ts';
