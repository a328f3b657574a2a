export type { AlertChannel } from './channel.ts';
export { createNotifierRole, type NotifierRole } from './notifier.ts';
export { sendTest } from './test-message.ts';
