import type { Counter, Gauge, Histogram, Metrics } from '@monsta/ports';

const SECONDS = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30] as const;

export interface NotifierMetrics {
  readonly taken: Counter;
  readonly repeats: Counter;
  readonly refused: Counter;
  readonly deliveries: Counter;
  readonly attempts: Counter;
  readonly waiting: Gauge;
  readonly seconds: Histogram;
}

export const notifierMetrics = (metrics: Metrics): NotifierMetrics => ({
  taken: metrics.counter({
    name: 'monsta_alerts_taken_total',
    help: 'Alerts told for the first time',
    labels: ['kind'],
  }),
  repeats: metrics.counter({
    name: 'monsta_alerts_repeats_total',
    help: 'Alerts counted as repeats of one already told',
  }),
  refused: metrics.counter({
    name: 'monsta_alerts_refused_total',
    help: 'Alerts that could not be read or kept',
    labels: ['code'],
  }),
  deliveries: metrics.counter({
    name: 'monsta_alerts_deliveries_total',
    help: 'What became of alerts on each channel',
    labels: ['channel', 'status'],
  }),
  attempts: metrics.counter({
    name: 'monsta_alerts_failed_attempts_total',
    help: 'Tries of sending that failed',
    labels: ['channel', 'code'],
  }),
  waiting: metrics.gauge({
    name: 'monsta_alerts_waiting_messages',
    help: 'Alerts waiting for a channel',
    labels: ['channel'],
  }),
  seconds: metrics.histogram({
    name: 'monsta_alerts_send_seconds',
    help: 'How long a channel took for a message, failed tries included',
    labels: ['channel'],
    buckets: SECONDS,
  }),
});
