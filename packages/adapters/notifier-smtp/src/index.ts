export * from './smtp-notifier.ts';
