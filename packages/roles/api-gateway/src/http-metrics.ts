import type { Metrics } from '@monsta/ports';

/** Counts a reply: by route, never by path, so that strangers can't make labels. */
export type CountReply = (method: string, route: string, status: number, durationMs: number) => void;

const BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

export function replyCounter(metrics: Metrics): CountReply {
  const requests = metrics.counter({
    name: 'monsta_http_requests_total',
    help: 'Requests answered',
    labels: ['method', 'route', 'status'],
  });
  const duration = metrics.histogram({
    name: 'monsta_http_duration_seconds',
    help: 'Time from request to reply',
    labels: ['route'],
    buckets: BUCKETS,
  });
  return (method, route, status, durationMs) => {
    requests.add(1, { method, route, status: String(status) });
    duration.observe(durationMs / 1000, { route });
  };
}
