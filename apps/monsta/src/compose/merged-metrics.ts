import type { Metrics } from '@monsta/ports';

/** Metrics whose exposition also holds another thread's; a metric that both threads have is shown as this one has it. */
export function mergedMetrics(own: Metrics, other: () => Promise<string>): Metrics {
  return {
    counter: (options) => own.counter(options),
    gauge: (options) => own.gauge(options),
    histogram: (options) => own.histogram(options),
    async expose() {
      const [{ contentType, body }, more] = await Promise.all([own.expose(), other()]);
      return { contentType, body: `${body.trimEnd()}\n${withoutKnown(more, body)}` };
    },
  };
}

/** The blocks of `text` (a `# HELP` line and what follows it) whose metric `known` does not have. */
function withoutKnown(text: string, known: string): string {
  const names = new Set([...known.matchAll(/^# HELP (\S+)/gm)].map((match) => match[1]));
  return text
    .split(/(?=^# HELP )/m)
    .filter((block) => !names.has(/^# HELP (\S+)/.exec(block)?.[1]))
    .join('');
}
