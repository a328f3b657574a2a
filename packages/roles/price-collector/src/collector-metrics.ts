import type { Counter, Gauge, Metrics } from '@monsta/ports';

export interface CollectorMetrics {
  readonly published: Counter;
  readonly refused: Counter;
  readonly closedBars: Counter;
  readonly comparedBars: Counter;
  readonly missingBars: Gauge;
  readonly storedRows: Counter;
  readonly waitingRows: Gauge;
  readonly lostRows: Counter;
  readonly storeFaults: Counter;
  readonly prunedRows: Counter;
}

export function collectorMetrics(metrics: Metrics): CollectorMetrics {
  return {
    published: metrics.counter({
      name: 'monsta_collector_messages_published_total',
      help: 'Messages published, by family of topic',
      labels: ['family'],
    }),
    refused: metrics.counter({
      name: 'monsta_collector_messages_refused_total',
      help: 'Messages the event stream did not take, by fault',
      labels: ['code'],
    }),
    closedBars: metrics.counter({
      name: 'monsta_collector_bars_closed_total',
      help: 'Closed bars by where they came from: our trades or the exchange',
      labels: ['source'],
    }),
    comparedBars: metrics.counter({
      name: 'monsta_collector_bars_compared_total',
      help: 'Closed bars of ours compared with the exchange’s own',
      labels: ['outcome'],
    }),
    missingBars: metrics.gauge({
      name: 'monsta_collector_history_missing_bars',
      help: 'Bars of the wanted history that are not in yet',
    }),
    storedRows: metrics.counter({
      name: 'monsta_collector_stored_rows_total',
      help: 'Rows that are new in the catalogue, by kind',
      labels: ['kind'],
    }),
    waitingRows: metrics.gauge({
      name: 'monsta_collector_waiting_rows',
      help: 'Rows that wait to be stored in the catalogue',
    }),
    lostRows: metrics.counter({
      name: 'monsta_collector_unstored_rows_total',
      help: 'Rows that did not go into the catalogue: too many waited, it says otherwise, or it can’t hold them',
      labels: ['reason'],
    }),
    storeFaults: metrics.counter({
      name: 'monsta_collector_store_faults_total',
      help: 'Appends that the catalogue did not take, by fault',
      labels: ['code'],
    }),
    prunedRows: metrics.counter({
      name: 'monsta_collector_pruned_rows_total',
      help: 'Rows removed from the catalogue because they were too old, by kind',
      labels: ['kind'],
    }),
  };
}
