import { err, ok, type Result } from '@monsta/core';
import {
  CHANNELS,
  RULES_MAX,
  type Channel,
  type CutHow,
  type Fault,
  type FaultAnswer,
  type FaultPlace,
  type FaultPlan,
  type FaultRule,
  type FaultWindow,
  type FreezeHow,
  type Moment,
} from './fault-plan.ts';
import { PlanError, PlanFields, shown } from './plan-fields.ts';

const LONGEST_MS = 30 * 86_400_000;
const SILENCE_MS = 120_000;
const HTTP_METHODS = ['GET', 'POST', 'PUT', 'DELETE'] as const;
const MOMENTS = ['before', 'after'] as const;
const CONNECTION_MOMENTS = ['now', 'open'] as const;

const ms = { least: 0, most: LONGEST_MS } as const;
const moment = (fields: PlanFields, byDefault: Moment): Moment => fields.choice('moment', MOMENTS, byDefault);

function answer(
  fields: PlanFields,
  channel: Channel,
  byDefault: Omit<FaultAnswer, 'body' | 'retryAfterS'>,
): FaultAnswer {
  return {
    status: fields.integer('status', { least: 400, most: 599, byDefault: byDefault.status }),
    code: fields.integer('code', { least: -9_999, most: -1, byDefault: byDefault.code }),
    message: fields.text('message', 500, byDefault.message),
    body: channel === 'rest' || channel === 'connection' ? fields.choice('body', ['json', 'html'], 'json') : 'json',
    retryAfterS: fields.integer('retryAfterS', { least: 0, most: LONGEST_MS / 1_000, byDefault: null }),
  };
}

const cutHow = (fields: PlanFields): CutHow => ({
  closeCode: fields.integer('closeCode', { least: 1_000, most: 4_999, byDefault: null }),
  reason: fields.text('reason', 120, 'cut by a fault plan'),
});

const freezeHow = (fields: PlanFields, scope: FreezeHow['scope']): FreezeHow => ({
  scope,
  forMs: fields.integer('forMs', { ...ms, byDefault: null }),
  frames: fields.choice('frames', ['lost', 'kept'], 'lost'),
});

const onOpening = (fields: PlanFields) => ({
  moment: fields.choice('moment', CONNECTION_MOMENTS, 'now'),
  afterOpenMs: fields.integer('afterOpenMs', { ...ms, byDefault: 0 }),
});

function symbols(fields: PlanFields): readonly string[] | null {
  const value = fields.raw('symbols');
  if (value === undefined) return null;
  if (!Array.isArray(value) || value.length === 0) return fields.fail('symbols', 'a list of symbols');
  return (value as readonly unknown[]).map((symbol) =>
    typeof symbol === 'string' ? symbol : fields.fail('symbols', 'a list of symbols'),
  );
}

interface FaultKindOf {
  readonly channels: readonly Channel[];
  read(fields: PlanFields, channel: Channel): Fault;
}

const REQUESTS: readonly Channel[] = ['rest', 'ws-api', 'subscription'];
const FRAMES: readonly Channel[] = ['stream', 'user-data'];
const isFrame = (channel: Channel): boolean => FRAMES.includes(channel);

/** The faults by the name that a plan gives them. */
const FAULTS: Readonly<Record<string, FaultKindOf>> = {
  refuse: {
    channels: [...REQUESTS, 'connection'],
    read: (fields, channel) => ({
      kind: 'refuse',
      ...answer(fields, channel, {
        status: 503,
        code: -1008,
        message: 'Server is currently overloaded with other requests. Please try again in a few minutes.',
      }),
    }),
  },
  fail: {
    channels: ['rest', 'ws-api'],
    read: (fields, channel) => ({
      kind: 'fail',
      ...answer(fields, channel, {
        status: 504,
        code: -1007,
        message: 'Timeout waiting for response from backend server. Send status unknown; execution status unknown.',
      }),
    }),
  },
  silence: {
    channels: REQUESTS,
    read: (fields, channel) => ({
      kind: 'silence',
      moment: moment(fields, 'after'),
      forMs: channel === 'rest' ? fields.integer('forMs', { ...ms, byDefault: SILENCE_MS }) : SILENCE_MS,
    }),
  },
  delay: {
    channels: [...REQUESTS, ...FRAMES],
    read: (fields, channel) => ({
      kind: 'delay',
      moment: isFrame(channel) ? 'before' : moment(fields, 'after'),
      delayMs: fields.integer('delayMs', ms),
      jitterMs: fields.integer('jitterMs', { ...ms, byDefault: 0 }),
    }),
  },
  cut: {
    channels: [...REQUESTS, ...FRAMES, 'connection'],
    read: (fields, channel) => {
      if (channel === 'connection') return { kind: 'cut-connection', ...onOpening(fields), ...cutHow(fields) };
      const how = channel === 'rest' ? { closeCode: null, reason: '' } : cutHow(fields);
      return { kind: 'cut', moment: moment(fields, isFrame(channel) ? 'before' : 'after'), ...how };
    },
  },
  fill: {
    channels: ['rest', 'ws-api'],
    read: (fields) => ({
      kind: 'fill',
      moment: moment(fields, 'before'),
      percent: fields.integer('percent', { least: 1, most: 100, byDefault: 50 }),
    }),
  },
  damage: {
    channels: ['rest'],
    read: (fields) => ({
      kind: 'damage',
      how: fields.choice('how', ['truncate', 'alter']),
      percent: fields.integer('percent', { least: 0, most: 99, byDefault: 50 }),
    }),
  },
  drop: { channels: FRAMES, read: () => ({ kind: 'drop' }) },
  duplicate: {
    channels: ['ws-api', 'subscription', ...FRAMES],
    read: (fields) => ({
      kind: 'duplicate',
      copies: fields.integer('copies', { least: 1, most: 10, byDefault: 1 }),
      delayMs: fields.integer('delayMs', { ...ms, byDefault: 0 }),
    }),
  },
  reorder: {
    channels: FRAMES,
    read: (fields) => ({
      kind: 'reorder',
      window: fields.integer('window', { least: 2, most: 100, byDefault: 2 }),
      holdMs: fields.integer('holdMs', { ...ms, least: 1, byDefault: 5_000 }),
    }),
  },
  freeze: {
    channels: [...FRAMES, 'connection'],
    read: (fields, channel) =>
      channel === 'connection'
        ? { kind: 'freeze-connection', ...onOpening(fields), ...freezeHow(fields, 'connection') }
        : {
            kind: 'freeze',
            ...freezeHow(fields, fields.choice('scope', ['connection', 'matching'], 'matching')),
          },
  },
  'clock-drift': {
    channels: ['venue'],
    read: (fields) => ({
      kind: 'clock-drift',
      driftMs: fields.integer('driftMs', { least: -LONGEST_MS, most: LONGEST_MS }),
    }),
  },
  halt: {
    channels: ['venue'],
    read: (fields) => ({
      kind: 'halt',
      symbols: symbols(fields),
      status: fields.choice('status', ['HALT', 'BREAK'], 'BREAK'),
    }),
  },
  ban: { channels: ['venue'], read: (fields) => ({ kind: 'ban', address: fields.text('address', 60) }) },
  maintenance: {
    channels: ['venue'],
    read: (fields) => ({
      kind: 'maintenance',
      announceMs: fields.integer('announceMs', { ...ms, byDefault: 10_000 }),
    }),
  },
};

const FAULT_NAMES = Object.keys(FAULTS);

/** The field that says what of a channel is meant. */
const SUBJECT: Readonly<Record<Channel, string | null>> = {
  rest: 'path',
  'ws-api': 'method',
  subscription: 'method',
  stream: 'name',
  'user-data': 'event',
  connection: 'path',
  venue: null,
};

function readPlace(value: unknown, channels: readonly Channel[], name: string, fault: string): FaultPlace {
  if (value === undefined && channels.length === 1 && channels[0] === 'venue')
    return { channel: 'venue', httpMethod: null, pattern: '*', connection: null };
  const fields = new PlanFields(value, name);
  const channel = fields.choice('channel', CHANNELS);
  if (!channels.includes(channel))
    throw new PlanError(`${fields.nameOf('channel')}: ${fault} can strike ${channels.join(', ')}, not ${channel}`);
  const subject = SUBJECT[channel];
  const place: FaultPlace = {
    channel,
    httpMethod: channel === 'rest' && fields.has('method') ? fields.choice('method', HTTP_METHODS) : null,
    pattern: subject === null ? '*' : fields.text(subject, 200, '*'),
    connection:
      channel === 'rest' || channel === 'venue'
        ? null
        : fields.integer('connection', { least: 1, most: Number.MAX_SAFE_INTEGER, byDefault: null }),
  };
  fields.finish();
  return place;
}

/** `2255`: the last year whose microseconds are a safe integer. */
const LAST_MS = 9_000_000_000_000;

function readWindow(value: unknown, channel: Channel, name: string): FaultWindow {
  const fields = new PlanFields(value ?? {}, name);
  const both = (one: string, other: string): void => {
    if (fields.has(one) && fields.has(other))
      throw new PlanError(`${name} has both ${one} (venue time) and ${other} (from arming); one of them is enough`);
  };
  both('fromMs', 'inMs');
  both('untilMs', 'forMs');
  const from = fields.has('fromMs')
    ? { atMs: fields.integer('fromMs', { least: 0, most: LAST_MS }) }
    : { inMs: fields.integer('inMs', { ...ms, byDefault: 0 }) };
  const until = fields.has('untilMs')
    ? { atMs: fields.integer('untilMs', { least: 0, most: LAST_MS }) }
    : fields.has('forMs')
      ? { forMs: fields.integer('forMs', { ...ms, least: 1 }) }
      : null;
  if (until !== null && 'atMs' in until && 'atMs' in from && until.atMs <= from.atMs)
    throw new PlanError(`${name}.untilMs must be after fromMs`);
  const window: FaultWindow =
    channel === 'venue'
      ? { from, until, after: 0, probability: 1 }
      : {
          from,
          until,
          after: fields.integer('after', { least: 0, most: Number.MAX_SAFE_INTEGER, byDefault: 0 }),
          probability: fields.probability('probability'),
        };
  fields.finish();
  return window;
}

/** Once where nothing is said; what strikes open sockets strikes all of them; the venue's faults have no count. */
function readTimes(fields: PlanFields, { kind, ...fault }: Fault, channel: Channel): number | null {
  if (channel === 'venue') return null;
  const byDefault = kind.endsWith('-connection') && 'moment' in fault && fault.moment === 'now' ? null : 1;
  if (fields.raw('times') === 'always') return null;
  if (!fields.has('times')) return byDefault;
  const times = fields.raw('times');
  if (typeof times === 'number' && Number.isSafeInteger(times) && times >= 1) return times;
  return fields.fail('times', 'a whole number from 1, or "always"');
}

function readRule(value: unknown, name: string, ordinal: number): FaultRule {
  const fields = new PlanFields(value, name);
  const faultName = fields.choice('fault', FAULT_NAMES);
  const known = FAULTS[faultName];
  if (known === undefined) throw new PlanError(`${name}.fault is unknown: ${shown(faultName)}`);
  const id = fields.text('id', 60, `${faultName}-${ordinal}`);
  const where = readPlace(fields.raw('where'), known.channels, fields.nameOf('where'), faultName);
  const when = readWindow(fields.raw('when'), where.channel, fields.nameOf('when'));
  const fault = known.read(fields, where.channel);
  if (fault.kind === 'ban' && when.until === null)
    throw new PlanError(`${fields.nameOf('when')}: a ban needs its end, forMs or untilMs`);
  const times = readTimes(fields, fault, where.channel);
  fields.finish();
  return { id, fault, where, when, times, source: value };
}

function reading<T>(read: () => T): Result<T> {
  try {
    return ok(read());
  } catch (thrown) {
    if (thrown instanceof PlanError) return err('fault_plan_invalid', thrown.message);
    throw thrown;
  }
}

/** Reads one rule; `ordinal` numbers its id where it has none. Fault `fault_plan_invalid` says what is wrong where. */
export function readFaultRule(value: unknown, ordinal: number): Result<FaultRule> {
  return reading(() => readRule(value, 'rule', ordinal));
}

/** Reads a plan, `{"seed":7,"rules":[…]}`. Fault `fault_plan_invalid` says what is wrong where. */
export function readFaultPlan(value: unknown): Result<FaultPlan> {
  return reading(() => {
    const fields = new PlanFields(value, 'plan');
    const seed = fields.integer('seed', { least: 0, most: 4_294_967_295, byDefault: null });
    const list = fields.raw('rules');
    if (!Array.isArray(list) || list.length > RULES_MAX)
      return fields.fail('rules', `a list of up to ${RULES_MAX} rules`);
    fields.finish();
    const rules = (list as readonly unknown[]).map((rule, index) => readRule(rule, `rules[${index}]`, index + 1));
    const ids = new Set<string>();
    for (const { id } of rules) {
      if (ids.has(id)) throw new PlanError(`two rules have the id '${id}'`);
      ids.add(id);
    }
    return { seed, rules };
  });
}
