import { clientRequestSchema, parseTopic, type ClientRequest, type RequestId, type Topic } from '@monsta/contracts';
import { err, ok, type Fault, type Interval, type Result } from '@monsta/core';

export interface RequestFault {
  readonly id: RequestId;
  readonly fault: Pick<Fault, 'code' | 'message'>;
}

const FORM = '{"method":"SUBSCRIBE"|"UNSUBSCRIBE"|"LIST_SUBSCRIPTIONS","params":["bars.BTCUSDT.1m"],"id":1}';

/** The id of a request that is otherwise wrong, so that the client knows which of its requests failed. */
function readableId(value: unknown): RequestId {
  if (typeof value !== 'object' || value === null || !('id' in value)) return null;
  const { id } = value;
  return typeof id === 'string' ? id.slice(0, 64) : typeof id === 'number' && Number.isSafeInteger(id) ? id : null;
}

/** Reads what a client sent. The code of a fault is `message_malformed`. */
export function readRequest(text: string): { readonly request: ClientRequest } | RequestFault {
  let value: unknown;
  try {
    value = JSON.parse(text) as unknown;
  } catch {
    return { id: null, fault: { code: 'message_malformed', message: `the message is no JSON; send ${FORM}` } };
  }
  const parsed = clientRequestSchema.safeParse(value);
  if (parsed.success) return { request: parsed.data };
  const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'message'}: ${message}`);
  return {
    id: readableId(value),
    fault: { code: 'message_malformed', message: `${problems.slice(0, 5).join('; ')}; send ${FORM}` },
  };
}

/** All topics of a request, or one fault that names everything wrong with them; its code is the first one's. */
export function readTopics(
  names: readonly string[],
  known: ReadonlySet<string>,
  intervals: readonly Interval[],
): Result<readonly Topic[]> {
  const topics: Topic[] = [];
  const faults: Fault[] = [];
  for (const name of new Set(names)) {
    const topic = parseTopic(name, known, intervals);
    if (topic.ok) topics.push(topic.value);
    else faults.push(topic.fault);
  }
  const [first] = faults;
  if (first === undefined) return ok(topics);
  const more = faults.length - 5;
  const message = [...new Set(faults.slice(0, 5).map((fault) => fault.message))].join('; ');
  return err(first.code, more > 0 ? `${message}; and ${more} more` : message);
}
