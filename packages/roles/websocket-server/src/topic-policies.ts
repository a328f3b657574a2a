import { parseTopic, type Topic } from '@monsta/contracts';
import type { TopicPolicy } from '@monsta/fanout';

/** Every subject that a client may subscribe to, as patterns of the event stream. */
export const CLIENT_SUBJECTS = [
  'bars.*.*',
  'trades.*',
  'quotes.*',
  'book.*',
  'feed.*',
  'predictions.*',
  'orders',
  'fills',
  'positions',
  'account',
  'decisions',
  'alerts',
  'backtests',
  'strategies',
  'risk',
  'trading.state',
  'status',
] as const;

export const policyOf = ({ conflated, urgent, family }: Topic): TopicPolicy => ({
  conflated,
  urgent,
  stateByKey: family === 'predictions',
});

/** Policies by subject, whatever its instrument; null for a subject that is no topic. */
export class TopicPolicies {
  readonly #policies = new Map<string, TopicPolicy | null>();

  of(subject: string): TopicPolicy | null {
    let policy = this.#policies.get(subject);
    if (policy === undefined) {
      const [, symbol = ''] = subject.split('.');
      const topic = parseTopic(subject, new Set([symbol]));
      policy = topic.ok ? policyOf(topic.value) : null;
      this.#policies.set(subject, policy);
    }
    return policy;
  }
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

/**
 * What an update replaces: a bar its own earlier forms (so that a slow client still gets every bar's last form), a prediction those of its
 * model, everything else of a conflated topic whatever was there.
 */
export function conflationKey(subject: string, data: unknown): string {
  if (!isRecord(data)) return '';
  if (subject.startsWith('bars.')) return String(data['openTimeMs']);
  if (subject.startsWith('predictions.')) return `${String(data['model'])} ${String(data['interval'])}`;
  return '';
}
