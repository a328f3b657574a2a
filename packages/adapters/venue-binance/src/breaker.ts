import type { Clock, Counter, Gauge, Logger, Metrics, Timer } from '@monsta/ports';

export interface BreakerOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** The host's name in metrics. */
  readonly name: string;
  /** Failures in a row that open it. */
  readonly failuresMax: number;
  readonly openMs: number;
  /** Calls in a row that must succeed before it closes again. */
  readonly probes: number;
  /** Called when probes may be sent; whoever listens sends them. */
  onHalfOpen(): void;
}

/** One call that the breaker let through; exactly one of the three is told. */
export interface BreakerPass {
  succeeded(): void;
  failed(): void;
  /** Given up before anything was known of the host. */
  dropped(): void;
}

type State = 'closed' | 'open' | 'half-open';

/**
 * Spares a host that fails: after failures in a row nothing is sent for a while, then a few reads as probes, and all again once
 * those have succeeded. A call that changes something is no probe. Decision 0011 says why it is our own.
 */
export class CircuitBreaker {
  readonly #options: BreakerOptions;
  readonly #labels: Readonly<Record<string, string>>;
  readonly #transitions: Counter;
  readonly #open: Gauge;
  #state: State = 'closed';
  #failures = 0;
  #probesSent = 0;
  #probesDone = 0;
  #openUntilMs = 0;
  /** Counts the changes of state: what a call of an earlier one came to says nothing of this. */
  #generation = 0;
  #timer: Timer | null = null;

  constructor(options: BreakerOptions) {
    this.#options = options;
    this.#labels = { venue: options.name };
    const { metrics } = options;
    this.#transitions = metrics.counter({
      name: 'monsta_binance_breaker_transitions_total',
      help: 'Changes of the circuit breaker’s state, by what it became',
      labels: ['venue', 'to'],
    });
    this.#open = metrics.gauge({
      name: 'monsta_binance_breaker_open_count',
      help: '1 while the circuit breaker holds calls back, else 0',
      labels: ['venue'],
    });
    this.#open.set(0, this.#labels);
  }

  get state(): State {
    return this.#state;
  }

  /** How long the breaker will hold calls back; 0 where it doesn't, or only a probe is missing. */
  get openForMs(): number {
    return this.#state === 'open' ? Math.max(0, this.#openUntilMs - this.#options.clock.monotonicMs()) : 0;
  }

  /** True where `enter` would let such a call through now. */
  admits(kind: 'read' | 'change'): boolean {
    if (this.#state === 'closed') return true;
    return this.#state === 'half-open' && kind === 'read' && this.#probesSent < this.#options.probes;
  }

  /** Null where the call must not be sent. */
  enter(kind: 'read' | 'change'): BreakerPass | null {
    if (!this.admits(kind)) return null;
    const probe = this.#state === 'half-open';
    if (probe) this.#probesSent += 1;
    const generation = this.#generation;
    const tell = (then: () => void) => (): void => {
      if (generation === this.#generation) then();
    };
    return {
      succeeded: tell(() => this.#succeeded(probe)),
      failed: tell(() => this.#failed(probe)),
      dropped: tell(() => {
        if (probe) this.#probesSent -= 1;
      }),
    };
  }

  stop(): void {
    this.#timer?.cancel();
  }

  #succeeded(probe: boolean): void {
    this.#failures = 0;
    if (!probe) return;
    this.#probesDone += 1;
    if (this.#probesDone < this.#options.probes) return;
    this.#become('closed');
    this.#options.logger.info('calls to the venue go on: the probes succeeded', { probes: this.#probesDone });
  }

  #failed(probe: boolean): void {
    this.#failures += 1;
    const { clock, failuresMax, logger, openMs } = this.#options;
    if (!probe && this.#failures < failuresMax) return;
    logger.warn('calls to the venue stop: it fails', { failures: this.#failures, forMs: openMs });
    this.#become('open');
    this.#openUntilMs = clock.monotonicMs() + openMs;
    this.#timer = clock.setTimer(openMs, () => {
      this.#become('half-open');
      this.#options.onHalfOpen();
    });
  }

  #become(state: State): void {
    this.#state = state;
    this.#generation += 1;
    this.#probesSent = 0;
    this.#probesDone = 0;
    this.#transitions.add(1, { ...this.#labels, to: state });
    this.#open.set(state === 'closed' ? 0 : 1, this.#labels);
  }
}
