import { assertMetricName } from '@monsta/contracts';
import type { MetricOptions, Metrics } from '@monsta/ports';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

type Kind = 'counter' | 'gauge' | 'histogram';

interface Known<M> {
  readonly shape: string;
  readonly metric: M;
}

/** A sum never recovers from what is no number. */
function finite(name: string, value: number): number {
  if (!Number.isFinite(value)) throw new RangeError(`metric '${name}' can't take ${value}`);
  return value;
}

/** Metrics by name in a registry of their own. Asking for a name again with another kind, other labels or buckets throws: that is a mistake in the program. */
class PrometheusMetrics implements Metrics {
  readonly #registry: Registry;
  readonly #counters = new Map<string, Known<ReturnType<Metrics['counter']>>>();
  readonly #gauges = new Map<string, Known<ReturnType<Metrics['gauge']>>>();
  readonly #histograms = new Map<string, Known<ReturnType<Metrics['histogram']>>>();
  readonly #kinds = new Map<string, Kind>();

  constructor(registry: Registry) {
    this.#registry = registry;
  }

  counter(options: MetricOptions): ReturnType<Metrics['counter']> {
    return this.#once(this.#counters, 'counter', options, '', () => {
      const counter = new Counter(this.#configuration(options));
      return { add: (value = 1, labels = {}) => counter.inc(labels, finite(options.name, value)) };
    });
  }

  gauge(options: MetricOptions): ReturnType<Metrics['gauge']> {
    return this.#once(this.#gauges, 'gauge', options, '', () => {
      const gauge = new Gauge(this.#configuration(options));
      // One without labels would show 0 before anything was ever measured.
      if (options.labels === undefined || options.labels.length === 0) gauge.remove();
      return { set: (value, labels = {}) => gauge.set(labels, value) };
    });
  }

  histogram(options: MetricOptions & { readonly buckets: readonly number[] }): ReturnType<Metrics['histogram']> {
    return this.#once(this.#histograms, 'histogram', options, options.buckets.join(), () => {
      const histogram = new Histogram({ ...this.#configuration(options), buckets: [...options.buckets] });
      return { observe: (value, labels = {}) => histogram.observe(labels, finite(options.name, value)) };
    });
  }

  async expose(): Promise<{ readonly contentType: string; readonly body: string }> {
    return { contentType: this.#registry.contentType, body: await this.#registry.metrics() };
  }

  #configuration({ name, help, labels = [] }: MetricOptions) {
    return { name, help, labelNames: [...labels], registers: [this.#registry] };
  }

  #once<M>(known: Map<string, Known<M>>, kind: Kind, options: MetricOptions, buckets: string, make: () => M): M {
    const { name, labels = [] } = options;
    const shape = `${labels.join()} ${buckets}`;
    const found = known.get(name);
    if (found !== undefined) {
      if (found.shape === shape) return found.metric;
      throw new Error(`metric '${name}' exists already with other labels or buckets`);
    }
    const other = this.#kinds.get(name);
    if (other !== undefined) throw new Error(`metric '${name}' is already a ${other}`);
    assertMetricName(name);
    const metric = make();
    known.set(name, { shape, metric });
    this.#kinds.set(name, kind);
    return metric;
  }
}

/** `processMetrics` adds memory, CPU, handles, garbage collection and the event loop's lag of this thread under `process_…` and `nodejs_…`. */
export function createMetrics(processMetrics: boolean): Metrics {
  const registry = new Registry();
  if (processMetrics) collectDefaultMetrics({ register: registry });
  return new PrometheusMetrics(registry);
}
