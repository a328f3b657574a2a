export * from './config.ts';
export * from './paper-venue.ts';
