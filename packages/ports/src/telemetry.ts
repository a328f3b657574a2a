export interface LogFields {
  readonly [name: string]: unknown;
}

/** Structured logs; `child` adds fields to every line. Values under keys that name secrets are redacted by the adapter. */
export interface Logger {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  child(fields: LogFields): Logger;
}

export interface Counter {
  add(value?: number, labels?: Readonly<Record<string, string>>): void;
}
export interface Gauge {
  set(value: number, labels?: Readonly<Record<string, string>>): void;
}
export interface Histogram {
  observe(value: number, labels?: Readonly<Record<string, string>>): void;
}

export interface MetricOptions {
  /** `monsta_<component>_<quantity>_<unit>`. */
  readonly name: string;
  readonly help: string;
  readonly labels?: readonly string[];
}

/** Metrics by name; asking twice for a name gives the same metric. No ids as labels. */
export interface Metrics {
  counter(options: MetricOptions): Counter;
  gauge(options: MetricOptions): Gauge;
  histogram(options: MetricOptions & { readonly buckets: readonly number[] }): Histogram;
  /** The Prometheus text exposition. */
  expose(): Promise<{ readonly contentType: string; readonly body: string }>;
}

export interface Telemetry {
  readonly logger: Logger;
  readonly metrics: Metrics;
}
