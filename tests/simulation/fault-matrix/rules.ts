import type { Random } from '@monsta/core';
import type { FaultName, Moment } from './cells.ts';

/** What a rule may strike: paths of requests, names of frames, paths of connections. */
export interface Targets {
  readonly requests: Readonly<Record<string, unknown>>;
  readonly frames: Readonly<Record<string, unknown>>;
  readonly connections: Readonly<Record<string, unknown>>;
  /** Where the client is seen to come from. */
  readonly address: string;
}

const pick = <T>(random: Random, first: T, ...rest: readonly T[]): T =>
  [first, ...rest][random.integer(rest.length + 1)] ?? first;
const between = (random: Random, least: number, most: number): number => least + random.integer(most - least + 1);
const sides = (random: Random, moment: Moment) => ({
  moment: moment === 'before' || moment === 'after' ? moment : pick(random, 'before', 'after'),
});
/** Connections that are open are struck at once, those to come some time after they opened. */
const openings = (random: Random, moment: Moment) =>
  moment === 'calm' || moment === 'repair' || moment === 'partial-fill'
    ? { moment: 'now' }
    : { moment: 'open', afterOpenMs: between(random, 0, 3_000) };

type Maker = (random: Random, moment: Moment, targets: Targets) => Readonly<Record<string, unknown>>;

function refusal(random: Random, channel: unknown): Readonly<Record<string, unknown>> {
  const limited = { code: -1003, message: 'Too many requests.', retryAfterS: between(random, 1, 10) };
  return pick<Readonly<Record<string, unknown>>>(
    random,
    { status: 503 },
    { status: 500, code: -1000, message: 'An unknown error occurred while processing the request.' },
    { status: 502, ...(channel === 'rest' ? { body: 'html' } : {}) },
    { status: 429, ...limited },
    { status: 418, ...limited },
  );
}

const MAKERS: Readonly<Record<Exclude<FaultName, 'network-refused' | 'network-lost'>, Maker>> = {
  refuse: (random, _moment, { requests }) => ({
    fault: 'refuse',
    where: requests,
    times: between(random, 1, 4),
    ...refusal(random, requests['channel']),
  }),
  fail: (random, _moment, { requests }) => ({ fault: 'fail', where: requests, times: between(random, 1, 3) }),
  silence: (random, moment, { requests }) => ({
    fault: 'silence',
    where: requests,
    times: between(random, 1, 3),
    ...sides(random, moment),
  }),
  delay: (random, moment, { requests }) => ({
    fault: 'delay',
    where: requests,
    times: between(random, 1, 4),
    delayMs: between(random, 100, 15_000),
    jitterMs: between(random, 0, 1_000),
    ...sides(random, moment),
  }),
  cut: (random, moment, { requests }) => ({
    fault: 'cut',
    where: requests,
    times: between(random, 1, 4),
    ...sides(random, moment),
  }),
  fill: (random, moment, { requests }) => ({
    fault: 'fill',
    where: requests,
    percent: between(random, 1, 100),
    ...sides(random, moment),
  }),
  drop: (random, _moment, { frames }) => ({
    fault: 'drop',
    where: frames,
    times: between(random, 1, 30),
    when: { probability: pick(random, 1, 0.5) },
  }),
  duplicate: (random, _moment, { frames }) => ({
    fault: 'duplicate',
    where: frames,
    times: between(random, 1, 30),
    copies: between(random, 1, 3),
    delayMs: pick(random, 0, between(random, 1, 2_000)),
  }),
  reorder: (random, _moment, { frames }) => ({
    fault: 'reorder',
    where: frames,
    times: between(random, 1, 5),
    window: between(random, 2, 6),
    holdMs: between(random, 50, 3_000),
  }),
  'delay-frame': (random, _moment, { frames }) => ({
    fault: 'delay',
    where: frames,
    times: between(random, 1, 5),
    delayMs: between(random, 100, 20_000),
  }),
  freeze: (random, _moment, { frames }) => ({
    fault: 'freeze',
    where: frames,
    scope: pick(random, 'matching', 'connection'),
    frames: pick(random, 'lost', 'kept'),
    ...pick(random, {}, { forMs: between(random, 3_000, 40_000) }),
  }),
  'cut-frame': (random, _moment, { frames }) => ({
    fault: 'cut',
    where: frames,
    times: between(random, 1, 2),
    moment: pick(random, 'before', 'after'),
    ...pick<object>(random, {}, { closeCode: pick(random, 1_000, 1_001, 1_008, 1_011) }),
  }),
  'refuse-connection': (random, _moment, { connections }) => ({
    fault: 'refuse',
    where: connections,
    times: between(random, 1, 4),
    status: pick(random, 503, 429, 502),
  }),
  'cut-connection': (random, moment, { connections }) => ({
    fault: 'cut',
    where: connections,
    ...openings(random, moment),
    ...pick<object>(random, {}, { closeCode: pick(random, 1_000, 1_001, 1_008) }),
  }),
  'freeze-connection': (random, moment, { connections }) => ({
    fault: 'freeze',
    where: connections,
    frames: pick(random, 'lost', 'kept'),
    ...openings(random, moment),
    ...pick(random, {}, { forMs: between(random, 5_000, 60_000) }),
  }),
  'clock-drift': (random) => ({
    fault: 'clock-drift',
    driftMs: pick(random, -1, 1) * between(random, 500, 30_000),
    when: { forMs: between(random, 5_000, 60_000) },
  }),
  halt: (random) => ({
    fault: 'halt',
    status: pick(random, 'HALT', 'BREAK'),
    when: { forMs: between(random, 5_000, 40_000) },
  }),
  ban: (random, _moment, { address }) => ({ fault: 'ban', address, when: { forMs: between(random, 5_000, 60_000) } }),
  maintenance: (random) => {
    const announceMs = between(random, 0, 10_000);
    return { fault: 'maintenance', announceMs, when: { forMs: announceMs + between(random, 5_000, 40_000) } };
  },
};

/** A rule for the exchange, as a plan has it; null for faults that are not the exchange's. */
export function faultRule(
  fault: FaultName,
  moment: Moment,
  targets: Targets,
  random: Random,
): Readonly<Record<string, unknown>> | null {
  return fault === 'network-refused' || fault === 'network-lost' ? null : MAKERS[fault](random, moment, targets);
}
