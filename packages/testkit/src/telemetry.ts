import { assertMetricName, namesSecret, REDACTED } from '@monsta/contracts';
import type { LogFields, Logger, MetricOptions, Metrics, Telemetry } from '@monsta/ports';

export interface LogRecord {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly message: string;
  /** The fields of the line and of every `child` above it. */
  readonly fields: LogFields;
}

/** Telemetry that keeps what it is told. */
export interface RecordingTelemetry extends Telemetry {
  /** Oldest first; beyond 10,000 the oldest are dropped. */
  readonly records: readonly LogRecord[];
  /** A counter's or gauge's value, a histogram's number of observations; null where nothing was recorded under the name and labels. */
  value(name: string, labels?: Readonly<Record<string, string>>): number | null;
}

const RECORDS_MAX = 10_000;
/** As deep as the real adapter shows. */
const DEPTH_MAX = 8;

type Kind = 'counter' | 'gauge' | 'histogram';
type Labels = Readonly<Record<string, string>>;

interface Family {
  readonly kind: Kind;
  readonly help: string;
  readonly labels: readonly string[];
  readonly buckets: readonly number[];
  readonly series: Map<string, Series>;
}

interface Series {
  readonly labels: Labels;
  /** Counter or gauge value; sum of a histogram. */
  value: number;
  readonly observations: number[];
}

function keyOf(labels: Labels): string {
  const names = Object.keys(labels);
  if (names.length > 1) names.sort();
  return names.map((name) => `${name}=${JSON.stringify(labels[name])}`).join(',');
}

function memoryMetrics(families: Map<string, Family>): Metrics {
  const family = (kind: Kind, options: MetricOptions, buckets: readonly number[] = []): Family => {
    assertMetricName(options.name);
    const labels = options.labels ?? [];
    const found = families.get(options.name);
    if (found !== undefined) {
      if (found.kind !== kind || found.labels.join() !== labels.join() || found.buckets.join() !== buckets.join()) {
        throw new Error(
          `metric '${options.name}' is already a ${found.kind} with the labels '${found.labels.join(', ')}' and the buckets '${found.buckets.join(', ')}'`,
        );
      }
      return found;
    }
    const made: Family = { kind, help: options.help, labels, buckets, series: new Map() };
    families.set(options.name, made);
    return made;
  };
  const series = (name: string, of: Family, labels: Labels): Series => {
    for (const label of Object.keys(labels)) {
      if (!of.labels.includes(label)) throw new Error(`metric '${name}' has no label '${label}'`);
    }
    const key = keyOf(labels);
    const found = of.series.get(key);
    if (found !== undefined) return found;
    const made: Series = { labels, value: 0, observations: [] };
    of.series.set(key, made);
    return made;
  };
  return {
    counter(options) {
      const of = family('counter', options);
      return {
        add(value = 1, labels = {}) {
          if (!(value >= 0 && Number.isFinite(value))) {
            throw new RangeError(`counter '${options.name}' can't take ${value}`);
          }
          series(options.name, of, labels).value += value;
        },
      };
    },
    gauge(options) {
      const of = family('gauge', options);
      return {
        set(value, labels = {}) {
          series(options.name, of, labels).value = value;
        },
      };
    },
    histogram(options) {
      const of = family('histogram', options, options.buckets);
      return {
        observe(value, labels = {}) {
          if (!Number.isFinite(value)) throw new RangeError(`histogram '${options.name}' can't take ${value}`);
          const target = series(options.name, of, labels);
          target.value += value;
          target.observations.push(value);
        },
      };
    },
    expose: () =>
      Promise.resolve({ contentType: 'text/plain; version=0.0.4; charset=utf-8', body: exposition(families) }),
  };
}

const escaped = (text: string): string => text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');

function exposition(families: ReadonlyMap<string, Family>): string {
  const lines: string[] = [];
  const line = (name: string, labels: Labels, value: number): void => {
    const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escaped(text).replaceAll('"', '\\"')}"`);
    lines.push(`${name}${pairs.length === 0 ? '' : `{${pairs.join(',')}}`} ${value}`);
  };
  for (const [name, { kind, help, buckets, series }] of families) {
    lines.push(`# HELP ${name} ${escaped(help)}`, `# TYPE ${name} ${kind}`);
    for (const { labels, value, observations } of series.values()) {
      if (kind !== 'histogram') {
        line(name, labels, value);
        continue;
      }
      for (const bucket of buckets) {
        line(`${name}_bucket`, { ...labels, le: String(bucket) }, observations.filter((seen) => seen <= bucket).length);
      }
      line(`${name}_bucket`, { ...labels, le: '+Inf' }, observations.length);
      line(`${name}_sum`, labels, value);
      line(`${name}_count`, labels, observations.length);
    }
  }
  return `${lines.join('\n')}\n`;
}

/** A copy without what stands under keys that name secrets; what is neither a plain object nor an array stays what it is. */
function redacted(value: unknown, above: readonly object[] = []): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const plain = Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype;
  if (!plain) return value;
  if (above.includes(value)) return '[circular]';
  if (above.length >= DEPTH_MAX) return '[too deep]';
  const path = [...above, value];
  if (Array.isArray(value)) return value.map((item) => redacted(item, path));
  const entries = Object.keys(value).map((key) => [
    key,
    namesSecret(key) ? REDACTED : redacted(read(value, key), path),
  ]);
  return Object.fromEntries(entries) as Record<string, unknown>;
}

function read(from: object, key: string): unknown {
  try {
    return Reflect.get(from, key) as unknown;
  } catch (error) {
    // A getter that throws must not take the line with it.
    return `[unreadable: ${String(error)}]`;
  }
}

const redactedFields = (fields: LogFields): LogFields =>
  Object.fromEntries(
    Object.keys(fields).map((key) => [key, namesSecret(key) ? REDACTED : redacted(read(fields, key), [fields])]),
  );

/** Telemetry in memory for tests. Metrics are checked and secrets redacted as the real adapter does. */
export function recordingTelemetry(): RecordingTelemetry {
  const records: LogRecord[] = [];
  const families = new Map<string, Family>();
  const loggerWith = (bound: LogFields): Logger => {
    const write =
      (level: LogRecord['level']) =>
      (message: string, fields: LogFields = {}): void => {
        if (records.length === RECORDS_MAX) records.shift();
        records.push({ level, message, fields: { ...bound, ...redactedFields(fields) } });
      };
    return {
      debug: write('debug'),
      info: write('info'),
      warn: write('warn'),
      error: write('error'),
      child: (fields) => loggerWith({ ...bound, ...redactedFields(fields) }),
    };
  };
  return {
    records,
    logger: loggerWith({}),
    metrics: memoryMetrics(families),
    value(name, labels = {}) {
      const found = families.get(name);
      const series = found?.series.get(keyOf(labels));
      if (found === undefined || series === undefined) return null;
      return found.kind === 'histogram' ? series.observations.length : series.value;
    },
  };
}

/** Telemetry that keeps no logs; metrics work, so that names are checked still. */
export function silentTelemetry(): Telemetry {
  const ignore = (): void => undefined;
  const logger: Logger = { debug: ignore, info: ignore, warn: ignore, error: ignore, child: () => logger };
  return { logger, metrics: memoryMetrics(new Map()) };
}
