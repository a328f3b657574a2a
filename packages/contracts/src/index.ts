export * from './codecs.ts';
export * from './errors.ts';
export * from './schemas.ts';
export * from './topics.ts';
export * from './websocket.ts';
