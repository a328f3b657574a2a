import type { FanoutCounts } from '@monsta/fanout';
import type { Counter, Gauge, Metrics } from '@monsta/ports';

export interface WebSocketMetrics {
  readonly connections: Gauge;
  readonly published: Counter;
  readonly lost: Counter;
  readonly refused: Counter;
  /** Takes over the engine's running totals. */
  observe(counts: FanoutCounts): void;
}

export function webSocketMetrics(metrics: Metrics): WebSocketMetrics {
  const slow = metrics.gauge({ name: 'monsta_websocket_slow_clients', help: 'Clients whose messages wait' });
  const frames = metrics.counter({ name: 'monsta_websocket_frames_total', help: 'Frames of topic messages sent' });
  const bytes = metrics.counter({ name: 'monsta_websocket_sent_bytes', help: 'Bytes of topic messages sent' });
  const cut = metrics.counter({ name: 'monsta_websocket_cuts_total', help: 'Clients cut because they were too slow' });
  let before = { framesSent: 0, bytesSent: 0, clientsCut: 0 };
  return {
    connections: metrics.gauge({ name: 'monsta_websocket_connections_count', help: 'Open client connections' }),
    published: metrics.counter({ name: 'monsta_websocket_published_total', help: 'Messages taken from the stream' }),
    lost: metrics.counter({ name: 'monsta_websocket_lost_total', help: 'Messages that the stream dropped before us' }),
    refused: metrics.counter({
      name: 'monsta_websocket_refused_total',
      help: 'Connections refused before the upgrade',
      labels: ['code'],
    }),
    observe({ slowClients, framesSent, bytesSent, clientsCut }) {
      slow.set(slowClients);
      frames.add(framesSent - before.framesSent);
      bytes.add(bytesSent - before.bytesSent);
      cut.add(clientsCut - before.clientsCut);
      before = { framesSent, bytesSent, clientsCut };
    },
  };
}
