export * from './paper-venue.ts';
