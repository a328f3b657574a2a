import type { Counter, Gauge, Metrics } from '@monsta/ports';

export interface CollectorMetrics {
  readonly published: Counter;
  readonly refused: Counter;
  readonly closedBars: Counter;
  readonly comparedBars: Counter;
  readonly missingBars: Gauge;
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
  };
}
