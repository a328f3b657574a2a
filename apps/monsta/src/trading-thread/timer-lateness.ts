import type { Clock, Metrics, Timer } from '@monsta/ports';

const EVERY_MS = 20;
const SECONDS = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 1, 5] as const;

/**
 * Measures how late the timers of this thread are: what anything in it has to wait for before it gets its turn. Late timers mean that the thread was at work for so long
 * without a pause, or that the machine gave it no processor.
 */
export function watchTimers(clock: Clock, metrics: Metrics): { close(): void } {
  const lateness = metrics.histogram({
    name: 'monsta_trading_timer_lateness_seconds',
    help: 'How much later than it was due a timer of the trading thread fired',
    buckets: SECONDS,
  });
  let timer: Timer;
  const next = (): void => {
    const dueMs = clock.monotonicMs() + EVERY_MS;
    timer = clock.setTimer(EVERY_MS, () => {
      lateness.observe(Math.max(0, clock.monotonicMs() - dueMs) / 1_000);
      next();
    });
  };
  next();
  return { close: () => timer.cancel() };
}
