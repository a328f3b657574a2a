import type { Logger, LogFields, Metrics, Telemetry } from '@monsta/ports';
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import type { LogRecord } from './telemetry.ts';

export interface TelemetryRig {
  /** Every level of the log is on; nothing has been logged or measured. */
  readonly telemetry: Telemetry;
  /** The lines of the log as a reader finds them, oldest first. */
  lines(): readonly LogRecord[];
}

type Labels = Readonly<Record<string, string>>;
const keyOf = (name: string, labels: Labels): string =>
  `${name} ${JSON.stringify(Object.entries(labels).toSorted(([left], [right]) => (left < right ? -1 : 1)))}`;

const SAMPLE = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/;
const LABEL = /([a-zA-Z_]\w*)="((?:[^"\\\n]|\\["\\n])*)"(?:,|$)/y;

function parseLabels(text: string): Labels {
  const labels: Record<string, string> = {};
  LABEL.lastIndex = 0;
  while (LABEL.lastIndex < text.length) {
    const [, name = '', value = ''] = LABEL.exec(text) ?? [];
    if (name === '') throw new Error(`labels that no scraper can read: ${text}`);
    labels[name] = value.replaceAll(/\\(.)/g, (_, escaped: string) => (escaped === 'n' ? '\n' : escaped));
  }
  return labels;
}

/** The text exposition as Prometheus reads it; throws on a line that it would refuse. */
async function scrape(metrics: Metrics) {
  const { contentType, body } = await metrics.expose();
  const samples = new Map<string, number>();
  const comments: string[] = [];
  for (const line of body.split('\n')) {
    if (line.startsWith('# ')) comments.push(line.slice(2));
    else if (line !== '') {
      const [, name, labels = '', value] = SAMPLE.exec(line) ?? [];
      if (name === undefined) throw new Error(`a line that no scraper can read: ${line}`);
      const key = keyOf(name, parseLabels(labels));
      if (samples.has(key)) throw new Error(`shown twice: ${key}`);
      samples.set(key, Number(value === '+Inf' ? 'Infinity' : value));
    }
  }
  return {
    contentType,
    body,
    comments,
    value: (name: string, labels: Labels = {}): number | null => samples.get(keyOf(name, labels)) ?? null,
  };
}

/** What every `Telemetry` must keep. */
export function telemetryConformance(name: string, make: () => TelemetryRig): void {
  let rig: TelemetryRig;
  let logger: Logger;
  let metrics: Metrics;
  beforeEach(() => {
    rig = make();
    ({ logger, metrics } = rig.telemetry);
  });
  const logged = (fields: LogFields): LogFields => {
    logger.info('line', fields);
    return rig.lines().at(-1)?.fields ?? {};
  };

  describe(`${name} keeps the promises of a log`, () => {
    it('keeps every line with its level, message and fields, in order', () => {
      logger.debug('one');
      logger.info('two', { lagMs: 12 });
      logger.warn('셋', { venue: { name: 'replay', speeds: [1, 10] } });
      logger.error('four', { reason: null });
      expect(rig.lines()).toEqual([
        { level: 'debug', message: 'one', fields: {} },
        { level: 'info', message: 'two', fields: { lagMs: 12 } },
        { level: 'warn', message: '셋', fields: { venue: { name: 'replay', speeds: [1, 10] } } },
        { level: 'error', message: 'four', fields: { reason: null } },
      ]);
    });

    it('adds a child’s fields to its lines and to its children’s, a line’s own on top, and none to its parent’s', () => {
      const role = logger.child({ role: 'collector', attempt: 1 });
      role.child({ venue: 'replay' }).warn('late', { attempt: 2 });
      role.info('here');
      logger.info('above');
      expect(rig.lines().map(({ fields }) => fields)).toEqual([
        { role: 'collector', venue: 'replay', attempt: 2 },
        { role: 'collector', attempt: 1 },
        {},
      ]);
    });

    it('lets no field pass for the line’s level or message', () => {
      logger.child({ level: 'debug' }).error('true', { level: 'info', message: 'false', time: 0 });
      expect(rig.lines()).toMatchObject([{ level: 'error', message: 'true' }]);
    });

    const secretKeys = fc.constantFrom(
      'token',
      'adminToken',
      'access_token',
      'secret',
      'apiSecret',
      'password',
      'apiKey',
      'api-key',
      'X-MBX-APIKEY',
      'Authorization',
      'signature',
      'set-cookie',
      'privateKey',
    );
    const holders = fc.array(fc.constantFrom('object' as const, 'array' as const), { maxLength: 6 });

    it('shows no secret under a key that names one, however deep, in a line’s fields or a child’s', () => {
      const secret = 'hunter2-hunter2';
      fc.assert(
        fc.property(secretKeys, holders, fc.boolean(), (key, wrappers, whole) => {
          let held: unknown = { [key]: whole ? { value: secret } : secret };
          for (const wrapper of wrappers) held = wrapper === 'object' ? { inner: held } : [held];
          logged({ held });
          logger.child({ held }).warn('child');
          for (const line of rig.lines().slice(-2)) expect(JSON.stringify(line)).not.toContain(secret);
        }),
      );
    });

    it('shows what only looks like the name of a secret', () => {
      const fields = { tokens: 5, instrument: 'BTCUSDT', key: 'bars', code: 'x', sequence: 1 };
      expect(logged(fields)).toEqual(fields);
    });

    it('takes whatever it is given: circular, endless, throwing, of any type', () => {
      const circular: Record<string, unknown> = { deep: {} };
      circular['self'] = circular;
      let endless: unknown = 'end';
      for (let depth = 0; depth < 5_000; depth += 1) endless = { endless };
      const throwing = {
        get broken(): never {
          throw new Error('no');
        },
      };
      for (const value of [circular, endless, throwing, 1n, () => 0, Symbol('x'), new Map([[1, 2]]), undefined]) {
        logger.info('odd', { value });
        logger.child({ value }).info('odd');
      }
      logger.info('odd', throwing);
      expect(rig.lines().map(({ message }) => message)).toEqual(Array.from({ length: 17 }, () => 'odd'));
    });
  });

  describe(`${name} keeps the promises of metrics`, () => {
    it('counts by labels, in whatever order they are given, and by name: twice asked for is the same', async () => {
      const options = { name: 'monsta_test_messages_total', help: 'messages seen', labels: ['kind', 'venue'] };
      metrics.counter(options).add(2, { kind: 'trade', venue: 'a' });
      metrics.counter(options).add(undefined, { venue: 'a', kind: 'trade' });
      metrics.counter(options).add(0.5, { kind: 'book', venue: 'a' });
      const { contentType, comments, body, value } = await scrape(metrics);
      expect(value(options.name, { kind: 'trade', venue: 'a' })).toBe(3);
      expect(value(options.name, { kind: 'book', venue: 'a' })).toBe(0.5);
      expect(value(options.name, { kind: 'book', venue: 'b' })).toBeNull();
      expect(contentType).toMatch(/^text\/plain/);
      expect(comments).toEqual([`HELP ${options.name} messages seen`, `TYPE ${options.name} counter`]);
      expect(body.endsWith('\n')).toBe(true);
    });

    it('lets no counter go down or become no number', async () => {
      const counter = metrics.counter({ name: 'monsta_test_messages_total', help: 'messages' });
      counter.add(2);
      for (const value of [-1, Number.NaN, Number.POSITIVE_INFINITY])
        expect(() => counter.add(value)).toThrow(/can't take|not possible/);
      expect((await scrape(metrics)).value('monsta_test_messages_total')).toBe(2);
    });

    it('shows a gauge with labels for those that it was set for', async () => {
      const gauge = metrics.gauge({ name: 'monsta_test_open_count', help: 'open', labels: ['venue'] });
      expect((await metrics.expose()).body).not.toMatch(/^monsta_test_open_count/m);
      gauge.set(1, { venue: 'one' });
      gauge.set(0, { venue: 'two' });
      const { body } = await metrics.expose();
      expect(body).toContain('monsta_test_open_count{venue="one"} 1');
      expect(body).toContain('monsta_test_open_count{venue="two"} 0');
    });

    it('shows a gauge as it was set last, and not at all before it was set', async () => {
      const gauge = metrics.gauge({ name: 'monsta_test_lag_seconds', help: 'lag' });
      expect((await scrape(metrics)).value('monsta_test_lag_seconds')).toBeNull();
      for (const value of [0, 7.25, -3]) {
        gauge.set(value);
        expect((await scrape(metrics)).value('monsta_test_lag_seconds')).toBe(value);
      }
    });

    it('counts observations into buckets that add up, and takes none that is no number', async () => {
      const options = { name: 'monsta_test_delay_seconds', help: 'delay', labels: ['kind'], buckets: [0.5, 1, 2.5] };
      const histogram = metrics.histogram(options);
      for (const value of [0.25, 0.5, 1.5, 9]) histogram.observe(value, { kind: 'trade' });
      expect(() => histogram.observe(Number.NaN, { kind: 'trade' })).toThrow(/can't take/);
      const { value, comments } = await scrape(metrics);
      const within = ['0.5', '1', '2.5', '+Inf'].map((le) => value(`${options.name}_bucket`, { kind: 'trade', le }));
      expect(within).toEqual([2, 2, 3, 4]);
      expect(value(`${options.name}_sum`, { kind: 'trade' })).toBe(11.25);
      expect(value(`${options.name}_count`, { kind: 'trade' })).toBe(4);
      expect(comments).toContain(`TYPE ${options.name} histogram`);
    });

    it('shows any label and any help so that they can be read back', async () => {
      const kinds = ['say "no"', 'C:\\temp\\new', 'two\nlines', 'tab\there', '가격', '{a="b"} 1'];
      const options = { name: 'monsta_test_words_total', help: 'in\ntwo lines, with \\', labels: ['kind'] };
      for (const [index, kind] of kinds.entries()) metrics.counter(options).add(index + 1, { kind });
      const { value } = await scrape(metrics);
      expect(kinds.map((kind) => value(options.name, { kind }))).toEqual([1, 2, 3, 4, 5, 6]);
    });

    it('refuses names outside the scheme and labels that were not declared', () => {
      const names = ['messages_total', 'monsta_total', 'monsta_test_total', 'monsta_Test_messages_total'];
      for (const bad of [...names, 'monsta_test_messages_', 'monsta test_messages_total']) {
        expect(() => metrics.counter({ name: bad, help: 'help' })).toThrow(/call it monsta_/);
        expect(() => metrics.gauge({ name: bad, help: 'help' })).toThrow(/call it monsta_/);
        expect(() => metrics.histogram({ name: bad, help: 'help', buckets: [1] })).toThrow(/call it monsta_/);
      }
      const gauge = metrics.gauge({ name: 'monsta_test_queue_messages', help: 'help' });
      expect(() => gauge.set(1, { kind: 'trade' })).toThrow(/label/);
    });

    it('refuses a name that is asked for again as something else: another kind, other labels, other buckets', () => {
      const help = 'help';
      const delay = { name: 'monsta_test_delay_seconds', help };
      metrics.histogram({ ...delay, buckets: [1, 2] });
      expect(() => metrics.histogram({ ...delay, buckets: [1, 3] })).toThrow(/already|exists/);
      expect(() => metrics.histogram({ ...delay, buckets: [1, 2], labels: ['a'] })).toThrow(/already|exists/);
      expect(() => metrics.counter(delay)).toThrow(/already|exists/);
      metrics.counter({ name: 'monsta_test_messages_total', help, labels: ['a'] });
      expect(() => metrics.counter({ name: 'monsta_test_messages_total', help })).toThrow(/already|exists/);
    });

    it('are apart from those of another telemetry', async () => {
      metrics.gauge({ name: 'monsta_test_lag_seconds', help: 'lag' }).set(1);
      const other = make().telemetry.metrics;
      other.gauge({ name: 'monsta_test_lag_seconds', help: 'lag' }).set(2);
      expect((await scrape(metrics)).value('monsta_test_lag_seconds')).toBe(1);
      expect((await scrape(other)).value('monsta_test_lag_seconds')).toBe(2);
    });
  });
}
