import { err, hashText, mixSeed, ok, seededRandom, type Random, type Result, US_PER_MS } from '@monsta/core';
import { FaultLog, type OpenRecord } from './fault-log.ts';
import { RULES_MAX, type Channel, type Fault, type FaultPlan, type FaultRule } from './fault-plan.ts';
import { matchesPattern } from './pattern.ts';

/** A rule at work. */
export interface ArmedRule {
  readonly rule: FaultRule;
  readonly fromUs: number;
  /** Exclusive; infinite where the window has no end. */
  readonly untilUs: number;
  /** Draws of this rule alone, so that other rules don't change what it does. */
  readonly random: Random;
  matches: number;
  strikes: number;
}

/** Something that passes a door. */
export interface Traffic {
  readonly channel: Channel;
  readonly httpMethod: string | null;
  /** Names of what it is; more than one where a frame does not say which of them it belongs to. */
  readonly subjects: readonly string[];
  readonly connection: number | null;
  /** Whom it is from or for, in the log. */
  readonly to: string;
}

/** A fault that happens, once. */
export interface Strike<F extends Fault = Fault> {
  readonly fault: F;
  readonly armed: ArmedRule;
  readonly record: OpenRecord;
}

/** True when the traffic is at the rule's place, whatever the time and the counts. */
export function isAt({ where }: FaultRule, traffic: Traffic): boolean {
  return (
    where.channel === traffic.channel &&
    (where.httpMethod === null || where.httpMethod === traffic.httpMethod) &&
    (where.connection === null || where.connection === traffic.connection) &&
    traffic.subjects.some((subject) => matchesPattern(where.pattern, subject))
  );
}

/**
 * Decides which faults happen. Pure but for its counts: the same seed, rules, times and traffic give the same strikes. Each rule draws from a source of its own, made
 * from the seed and the rule's id.
 */
export class FaultInjector {
  readonly log = new FaultLog();
  readonly #nowUs: () => number;
  readonly #defaultSeed: number;
  #seed: number;
  #armed: readonly ArmedRule[] = [];
  #watched: ReadonlySet<Channel> = new Set();
  #watchesFrames = false;
  #ordinal = 0;

  constructor(seed: number, nowUs: () => number) {
    this.#defaultSeed = seed;
    this.#seed = seed;
    this.#nowUs = nowUs;
  }

  get seed(): number {
    return this.#seed;
  }

  get armed(): readonly ArmedRule[] {
    return this.#armed;
  }

  /** The number for the id of the next rule that has none. */
  get nextOrdinal(): number {
    return this.#ordinal + 1;
  }

  nowUs(): number {
    return this.#nowUs();
  }

  /** True when some rule is about the channel; without one, traffic passes untouched and unread. */
  watches(channel: Channel): boolean {
    return this.#watched.has(channel);
  }

  /** True when some rule is about streams or user data. */
  get watchesFrames(): boolean {
    return this.#watchesFrames;
  }

  /** Replaces all rules and begins the log anew. */
  load(plan: FaultPlan): readonly ArmedRule[] {
    this.#seed = plan.seed ?? this.#defaultSeed;
    this.#ordinal = plan.rules.length;
    this.log.clear();
    this.#keep(plan.rules.map((rule) => this.#arm(rule)));
    return this.#armed;
  }

  /** Adds a rule. Faults: `fault_plan_invalid` for an id that there is, or too many rules. */
  add(rule: FaultRule): Result<ArmedRule> {
    if (this.#armed.some(({ rule: { id } }) => id === rule.id))
      return err('fault_plan_invalid', `there is a rule with the id '${rule.id}' already`);
    if (this.#armed.length >= RULES_MAX) return err('fault_plan_invalid', `there are ${RULES_MAX} rules already`);
    this.#ordinal += 1;
    const armed = this.#arm(rule);
    this.#keep([...this.#armed, armed]);
    return ok(armed);
  }

  /** Takes all rules away; the log stays. */
  disarm(): void {
    this.#keep([]);
  }

  #keep(armed: readonly ArmedRule[]): void {
    this.#armed = armed;
    this.#watched = new Set(armed.map(({ rule }) => rule.where.channel));
    this.#watchesFrames = this.watches('stream') || this.watches('user-data');
  }

  #arm(rule: FaultRule): ArmedRule {
    const { from, until } = rule.when;
    const fromUs = 'atMs' in from ? from.atMs * US_PER_MS : this.#nowUs() + from.inMs * US_PER_MS;
    const untilUs =
      until === null
        ? Number.POSITIVE_INFINITY
        : 'atMs' in until
          ? until.atMs * US_PER_MS
          : fromUs + until.forMs * US_PER_MS;
    const random = seededRandom(mixSeed(this.#seed, hashText(rule.id)));
    return { rule, fromUs, untilUs, random, matches: 0, strikes: 0 };
  }

  /** The faults that happen to this traffic, in the order of the rules; all of them count the match, but for those that `wanted` leaves out. */
  strikeAll(traffic: Traffic, wanted: (fault: Fault) => boolean = () => true): readonly Strike[] {
    const strikes: Strike[] = [];
    for (const armed of this.#armed) {
      if (!isAt(armed.rule, traffic) || !wanted(armed.rule.fault)) continue;
      const strike = this.strikeWith(armed, traffic);
      if (strike !== null) strikes.push(strike);
    }
    return strikes;
  }

  /** The first fault that happens to this traffic; rules after it do not see it. */
  strikeFirst(traffic: Traffic): Strike | null {
    for (const armed of this.#armed) {
      if (!isAt(armed.rule, traffic)) continue;
      const strike = this.strikeWith(armed, traffic);
      if (strike !== null) return strike;
    }
    return null;
  }

  /** Counts a match of one rule and says whether it strikes. The caller has seen that the traffic is at its place. */
  strikeWith(armed: ArmedRule, traffic: Traffic): Strike | null {
    const { rule } = armed;
    const nowUs = this.#nowUs();
    if (nowUs < armed.fromUs || nowUs >= armed.untilUs) return null;
    if (rule.times !== null && armed.strikes >= rule.times) return null;
    armed.matches += 1;
    if (armed.matches <= rule.when.after) return null;
    if (rule.when.probability < 1 && armed.random.next() >= rule.when.probability) return null;
    armed.strikes += 1;
    const subject = traffic.subjects.join(' ');
    return {
      fault: rule.fault,
      armed,
      record: this.log.add({
        atUs: nowUs,
        rule: rule.id,
        fault: rule.fault.kind,
        channel: traffic.channel,
        subject: (traffic.httpMethod === null ? subject : `${traffic.httpMethod} ${subject}`).slice(0, 200),
        to: traffic.to,
        note: '',
      }),
    };
  }

  /** Logs what a venue fault did: those have no traffic. */
  note({ rule }: ArmedRule, note: string): void {
    const { kind } = rule.fault;
    this.log.add({ atUs: this.#nowUs(), rule: rule.id, fault: kind, channel: 'venue', subject: '', to: '', note });
  }
}
