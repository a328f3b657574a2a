import type { Counter, Metrics } from '@monsta/ports';

/** What the feeds of all instruments count together. */
export interface FeedMetrics {
  readonly frames: Counter;
  readonly malformed: Counter;
  readonly duplicates: Counter;
  readonly gaps: Counter;
  readonly repairedTrades: Counter;
  readonly resyncs: Counter;
  readonly snapshots: Counter;
  readonly silentStreams: Counter;
}

export function feedMetrics(metrics: Metrics): FeedMetrics {
  const counter = (name: string, help: string, labels: readonly string[] = []) =>
    metrics.counter({ name: `monsta_binance_${name}_total`, help, labels });
  return {
    frames: counter('stream_frames', 'Frames received, by what they carried', ['kind']),
    malformed: counter('stream_malformed', 'Frames that are not as the venue documents them, by fault', ['code']),
    duplicates: counter('feed_duplicates', 'Events received again and dropped', ['kind']),
    gaps: counter('feed_gaps', 'Gaps in the trade ids: found, repaired, unrepaired', ['outcome']),
    repairedTrades: counter('feed_repaired_trades', 'Missing trades fetched and given out'),
    resyncs: counter('book_resyncs', 'Times the order book fell out of step', ['why']),
    snapshots: counter('book_snapshots', 'Snapshots of the order book asked for', ['outcome']),
    silentStreams: counter('stream_silent', 'Streams that fell silent while others of their instrument went on', [
      'stream',
    ]),
  };
}
