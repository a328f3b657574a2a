export type { AlertChannel } from './channel.ts';
export { alertChannelTerms, notifierConfigSchema } from './config.ts';
export { createNotifierRole, type NotifierRole } from './notifier.ts';
export { sendTest } from './test-message.ts';
