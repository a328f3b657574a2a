export * from './webhook-notifier.ts';
