import { topics } from '@monsta/contracts';
import { describe, expect, it } from 'vitest';
import { CLIENT_SUBJECTS, TopicPolicies } from './topic-policies.ts';

describe('what clients may subscribe to', () => {
  it('is listened to, every topic of it: one that can be subscribed to and is not listened to says nothing for ever', () => {
    const single = Object.values(topics).filter((topic) => typeof topic === 'string');
    expect(single.length).toBeGreaterThan(8);
    for (const topic of single) {
      expect(CLIENT_SUBJECTS).toContain(topic);
      expect(new TopicPolicies().of(topic)).not.toBeNull();
    }
  });
});
