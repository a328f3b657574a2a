import type { Counter, Gauge, Histogram, Metrics } from '@monsta/ports';

const SECONDS = [0.000_01, 0.000_05, 0.000_1, 0.000_2, 0.000_5, 0.001, 0.005, 0.02, 0.1, 0.5, 2] as const;

/** Basis points; below zero is better than decided. */
const SLIPPAGE_BPS = [-50, -20, -10, -5, -2, -1, 0, 1, 2, 5, 10, 20, 50, 100, 500] as const;

export interface LoopMetrics {
  readonly kernelSeconds: Histogram;
  readonly submitSeconds: Histogram;
  readonly queueLength: Gauge;
  readonly inputs: Counter;
  readonly refused: Counter;
  readonly lost: Counter;
  readonly slippageBps: Histogram;
}

export const loopMetrics = (metrics: Metrics): LoopMetrics => ({
  kernelSeconds: metrics.histogram({
    name: 'monsta_trading_kernel_seconds',
    help: 'Time the kernel took for one input',
    labels: ['input'],
    buckets: SECONDS,
  }),
  submitSeconds: metrics.histogram({
    name: 'monsta_trading_submit_seconds',
    help: 'From the kernel’s decision to the order handed to the venue, the durable intent included',
    buckets: SECONDS,
  }),
  queueLength: metrics.gauge({ name: 'monsta_trading_queue_inputs', help: 'Inputs waiting for the kernel' }),
  inputs: metrics.counter({ name: 'monsta_trading_inputs_total', help: 'Inputs of the kernel', labels: ['input'] }),
  refused: metrics.counter({
    name: 'monsta_trading_refused_messages_total',
    help: 'Messages of the event stream that could not be used',
    labels: ['code'],
  }),
  lost: metrics.counter({ name: 'monsta_trading_lost_inputs_total', help: 'Inputs lost because a queue was full' }),
  slippageBps: metrics.histogram({
    name: 'monsta_trading_slippage_bps',
    help: 'What a finished order was filled at against the price it was decided at, in basis points; above zero is worse',
    labels: ['side', 'type'],
    buckets: SLIPPAGE_BPS,
  }),
});
