export { createMemoryEventStream, type MemoryEventStreamOptions } from './memory-event-stream.ts';
