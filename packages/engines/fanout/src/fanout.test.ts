import type { TopicMessage } from '@monsta/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Fanout, type FanoutOptions } from './fanout.ts';
import type { TopicPolicy } from './messages.ts';

const PLAIN: TopicPolicy = { conflated: false, urgent: false, stateByKey: false };
const CONFLATED: TopicPolicy = { conflated: true, urgent: false, stateByKey: false };
const BY_KEY: TopicPolicy = { conflated: true, urgent: false, stateByKey: true };
const URGENT: TopicPolicy = { conflated: false, urgent: true, stateByKey: false };
const POLICIES: Readonly<Record<string, TopicPolicy>> = {
  trades: PLAIN,
  quotes: CONFLATED,
  predictions: BY_KEY,
  fills: URGENT,
};
const policyOf = (topic: string): TopicPolicy => POLICIES[topic] ?? PLAIN;
const named = (...names: readonly string[]) => names.map((name) => ({ name, policy: policyOf(name) }));

const OPTIONS: FanoutOptions = {
  epoch: 'e1',
  batchDelayMs: 100,
  batchMessagesMax: 100,
  slowBytes: 1_000,
  slowMsMax: 5_000,
  pendingMessagesMax: 50,
};

class TestClient {
  readonly frames: Uint8Array[] = [];
  readonly messages: TopicMessage[] = [];
  buffered = 0;
  cutReason: string | null = null;

  bufferedBytes(): number {
    return this.buffered;
  }
  send(frame: Uint8Array): void {
    if (this.cutReason !== null) throw new Error('a frame for a client that was cut');
    this.frames.push(frame);
    this.messages.push(...(JSON.parse(new TextDecoder().decode(frame)) as TopicMessage[]));
  }
  cut(reason: string): void {
    this.cutReason = reason;
  }
  seqs(topic: string): readonly number[] {
    return this.messages.filter((message) => message.topic === topic).map((message) => message.seq);
  }
}

function setUp(options: Partial<FanoutOptions> = {}, count = 1) {
  const fanout = new Fanout({ ...OPTIONS, ...options });
  const clients = Array.from({ length: count }, () => new TestClient());
  clients.forEach((client, id) => fanout.addClient(id, client));
  const [first = new TestClient(), second = new TestClient()] = clients;
  const publish = (topic: string, data: unknown, nowMs: number, key = ''): void =>
    fanout.publish({ topic, policy: policyOf(topic), key, data }, nowMs);
  return { fanout, first, second, publish };
}

describe('a batch', () => {
  it('leaves 100 ms after its first message', () => {
    const { fanout, first, publish } = setUp();
    fanout.subscribe(0, named('trades'), 0);
    publish('trades', 'a', 1_000);
    publish('trades', 'b', 1_090);
    expect(fanout.nextDueMs()).toBe(1_100);
    fanout.advance(1_099);
    expect(first.frames).toHaveLength(0);
    fanout.advance(1_100);
    expect(first.frames).toHaveLength(1);
    expect(first.messages).toEqual([
      { topic: 'trades', epoch: 'e1', seq: 1, data: 'a' },
      { topic: 'trades', epoch: 'e1', seq: 2, data: 'b' },
    ]);
    expect(fanout.nextDueMs()).toBeNull();
  });

  it('leaves at 100 messages without waiting', () => {
    const { fanout, first, publish } = setUp();
    fanout.subscribe(0, named('trades'), 0);
    for (let n = 1; n <= 99; n += 1) publish('trades', n, 0);
    expect(first.frames).toHaveLength(0);
    publish('trades', 100, 0);
    expect(first.frames).toHaveLength(1);
    expect(first.messages).toHaveLength(100);
  });

  it('is overtaken by what is urgent', () => {
    const { fanout, first, publish } = setUp();
    fanout.subscribe(0, named('trades', 'fills'), 0);
    publish('trades', 'waits', 0);
    publish('fills', 'now', 0);
    expect(first.messages.map((message) => message.data)).toEqual(['now']);
    fanout.advance(100);
    expect(first.messages.map((message) => message.data)).toEqual(['now', 'waits']);
  });

  it('is encoded once for all clients with the same subscriptions, in whatever order they subscribed', () => {
    const { fanout, first, second, publish } = setUp({}, 2);
    fanout.subscribe(0, named('trades', 'quotes'), 0);
    fanout.subscribe(1, named('quotes', 'trades'), 0);
    publish('quotes', 1, 0);
    publish('trades', 1, 0);
    fanout.flush(0);
    expect(first.frames[0]).toBe(second.frames[0]);
    expect(fanout.counts()).toMatchObject({ framesEncoded: 1, framesSent: 2, clients: 2 });
  });

  it('is not even written as JSON when nobody subscribes', () => {
    const { fanout, publish } = setUp();
    let written = 0;
    const data = { toJSON: () => (written += 1) };
    publish('trades', data, 0);
    fanout.flush(0);
    expect(written).toBe(0);
    fanout.subscribe(0, named('trades'), 0);
    expect(written).toBe(1);
  });
});

describe('subscribing', () => {
  it('gives the present state, then what is in the running batch, without gap or repetition', () => {
    const { fanout, first, publish } = setUp();
    publish('trades', 'old', 0);
    fanout.advance(100);
    publish('trades', 'in the batch', 110);
    fanout.subscribe(0, named('trades'), 120);
    expect(first.messages).toEqual([{ topic: 'trades', epoch: 'e1', seq: 1, snapshot: true, data: 'old' }]);
    fanout.advance(210);
    expect(first.seqs('trades')).toEqual([1, 2]);
  });

  it('gives the latest of each key where a topic has several states', () => {
    const { fanout, first, publish } = setUp();
    publish('predictions', '5m first', 0, '5m');
    publish('predictions', '1h', 0, '1h');
    publish('predictions', '5m second', 0, '5m');
    fanout.flush(0);
    fanout.subscribe(0, named('predictions'), 0);
    expect(first.messages.map((message) => message.data)).toEqual(['1h', '5m second']);
  });

  it('twice to the same topic gives nothing twice', () => {
    const { fanout, first, publish } = setUp();
    publish('quotes', 1, 0);
    fanout.flush(0);
    fanout.subscribe(0, named('quotes'), 0);
    fanout.subscribe(0, named('quotes'), 0);
    expect(first.messages).toHaveLength(1);
    expect(fanout.subscriptions(0)).toEqual(['quotes']);
  });

  it('gives a seeded state only while nothing was published', () => {
    const { fanout, first, second, publish } = setUp({}, 2);
    fanout.seed('quotes', CONFLATED, [{ key: '', data: 'seed' }]);
    fanout.subscribe(0, named('quotes'), 0);
    publish('quotes', 'live', 0);
    fanout.flush(0);
    fanout.seed('quotes', CONFLATED, [{ key: '', data: 'late seed' }]);
    fanout.subscribe(1, named('quotes'), 0);
    expect(first.messages.map((message) => message.data)).toEqual(['seed', 'live']);
    expect(first.seqs('quotes')).toEqual([1, 2]);
    expect(second.messages.map((message) => message.data)).toEqual(['live']);
  });

  it('ends with unsubscribing, of what waits too', () => {
    const { fanout, first, publish } = setUp();
    fanout.subscribe(0, named('trades', 'quotes'), 0);
    first.buffered = 5_000;
    publish('trades', 1, 0);
    publish('quotes', 1, 0);
    fanout.flush(0);
    fanout.unsubscribe(0, ['trades', 'never subscribed']);
    first.buffered = 0;
    fanout.advance(100);
    publish('trades', 2, 200);
    fanout.flush(200);
    expect(first.messages.map((message) => message.topic)).toEqual(['quotes']);
  });
});

describe('a slow client', () => {
  it('gets the latest of conflated topics and all of the others once it can take more', () => {
    const { fanout, first, publish } = setUp();
    fanout.subscribe(0, named('trades', 'quotes'), 0);
    first.buffered = 1_001;
    for (let n = 1; n <= 10; n += 1) {
      publish('trades', n, n * 100);
      publish('quotes', n, n * 100);
      fanout.advance(n * 100);
    }
    fanout.flush(1_050);
    expect(first.frames).toHaveLength(0);
    expect(fanout.counts().slowClients).toBe(1);
    first.buffered = 0;
    fanout.advance(1_200);
    expect(first.seqs('trades')).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(first.seqs('quotes')).toEqual([10]);
    expect(fanout.counts().slowClients).toBe(0);
    expect(fanout.nextDueMs()).toBeNull();
  });

  it('is cut when it stays slow, or when too much waits for it', () => {
    const { fanout, first, second, publish } = setUp({ pendingMessagesMax: 3 }, 2);
    fanout.subscribe(0, named('quotes'), 0);
    fanout.subscribe(1, named('trades'), 0);
    first.buffered = 2_000;
    second.buffered = 2_000;
    for (let n = 0; n < 4; n += 1) {
      publish('quotes', n, 0);
      publish('trades', n, 0);
    }
    fanout.flush(0);
    expect(second.cutReason).toBe('more than 3 messages were waiting');
    for (let now = 100; now <= 5_000; now += 100) fanout.advance(now);
    expect(first.cutReason).toBe('the connection took nothing more for 5000 ms');
    expect(fanout.counts()).toMatchObject({ clients: 0, slowClients: 0, clientsCut: 2 });
    publish('quotes', 5, 5_000);
    fanout.flush(5_000);
  });

  it('that subscribes gets no more bytes either until it catches up', () => {
    const { fanout, first, publish } = setUp();
    publish('quotes', 'state', 0);
    fanout.flush(0);
    first.buffered = 2_000;
    fanout.subscribe(0, named('quotes'), 0);
    expect(first.frames).toHaveLength(0);
    first.buffered = 0;
    fanout.advance(100);
    expect(first.messages.map((message) => message.data)).toEqual(['state']);
  });
});

it('messages lost upstream show as a jump of the sequence', () => {
  const { fanout, first, publish } = setUp();
  fanout.subscribe(0, named('trades'), 0);
  publish('trades', 'a', 0);
  fanout.publish({ topic: 'trades', policy: PLAIN, key: '', data: 'd', lostBefore: 2 }, 0);
  fanout.flush(0);
  expect(first.seqs('trades')).toEqual([1, 4]);
});

type Step =
  | { readonly kind: 'publish'; readonly topic: string; readonly key: string }
  | { readonly kind: 'toggle'; readonly client: number; readonly topic: string }
  | { readonly kind: 'buffer'; readonly client: number; readonly bytes: number }
  | { readonly kind: 'wait'; readonly ms: number };

const topicName = fc.constantFrom(...Object.keys(POLICIES));
const clientIndex = fc.integer({ min: 0, max: 2 });
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant('publish' as const), topic: topicName, key: fc.constantFrom('a', 'b') }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('toggle' as const), client: clientIndex, topic: topicName }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('buffer' as const),
      client: clientIndex,
      bytes: fc.constantFrom(0, 0, 700, 2_000),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.integer({ min: 0, max: 250 }) }) },
);

describe('whatever happens', () => {
  it('order is kept, nothing of an unconflated topic is lost unless the client is cut, and conflated topics end with the latest of each key', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
        const { fanout } = setUp({ batchMessagesMax: 7, pendingMessagesMax: 20, slowMsMax: 600 }, 0);
        const clients = [new TestClient(), new TestClient(), new TestClient()];
        clients.forEach((client, id) => fanout.addClient(id, client));
        const published = new Map<string, { key: string; seq: number }[]>();
        /** Where each present subscription began in the client's messages. */
        const since = clients.map(() => new Map<string, number>());
        let now = 0;
        for (const each of steps) {
          if (each.kind === 'wait') {
            now += each.ms;
            fanout.advance(now);
          } else if (each.kind === 'publish') {
            const list = published.get(each.topic) ?? [];
            published.set(each.topic, list);
            list.push({ key: each.key, seq: list.length + 1 });
            fanout.publish({ topic: each.topic, policy: policyOf(each.topic), key: each.key, data: each.key }, now);
          } else {
            const client = clients[each.client];
            const started = since[each.client];
            if (client === undefined || started === undefined) continue;
            if (each.kind === 'buffer') client.buffered = each.bytes;
            else if (started.delete(each.topic)) fanout.unsubscribe(each.client, [each.topic]);
            else {
              // Messages of an earlier subscription do not count.
              started.set(each.topic, client.messages.length);
              fanout.subscribe(each.client, named(each.topic), now);
            }
          }
        }
        for (const client of clients) client.buffered = 0;
        for (let round = 0; round < 3; round += 1) fanout.advance((now += 200));
        clients.forEach((client, index) => {
          if (client.cutReason !== null) return;
          for (const [topic, from] of since[index] ?? []) {
            const all = published.get(topic) ?? [];
            const received = client.messages.slice(from).filter((message) => message.topic === topic);
            const seqs = received.map((message) => message.seq);
            expect(seqs).toEqual([...new Set(seqs)].sort((left, right) => left - right));
            if (all.length > 0) expect(seqs.at(-1)).toBe(all.length);
            if (!policyOf(topic).conflated) expect(seqs).toEqual(seqs.map((_, offset) => (seqs[0] ?? 0) + offset));
            else if (policyOf(topic).stateByKey) {
              for (const key of ['a', 'b']) {
                const latest = all.filter((message) => message.key === key).at(-1);
                expect(received.filter((message) => message.data === key).at(-1)?.seq).toBe(latest?.seq);
              }
            }
          }
        });
      }),
      { numRuns: 500 },
    );
  });
});
