export { openRecordedTicks, type RecordedTicks } from './recorded-events.ts';
export { readHistory, type BarHistory } from './history.ts';
export { openRecording, type Recording, type RecordingOptions } from './recording.ts';
export { createReplayExchange, type ReplayExchange, type ReplayOptions } from './replay-exchange.ts';
