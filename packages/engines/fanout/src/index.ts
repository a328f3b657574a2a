export type { FanoutSink } from './client.ts';
export { Fanout, type FanoutCounts, type FanoutOptions, type Publication } from './fanout.ts';
export type { TopicPolicy } from './messages.ts';
