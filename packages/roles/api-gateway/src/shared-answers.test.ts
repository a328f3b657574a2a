import { ok } from '@monsta/core';
import { expect, it } from 'vitest';
import { SharedAnswers } from './shared-answers.ts';

it('works out one answer at a time, and the same question once', async () => {
  const answers = new SharedAnswers<string>(4);
  const log: string[] = [];
  const work = (name: string) => async () => {
    log.push(`${name} begins`);
    await Promise.resolve();
    log.push(`${name} ends`);
    return ok(name);
  };
  const asked = ['a', 'b', 'a'].map((name) => answers.of(name, work(name)));
  expect(await Promise.all(asked)).toEqual([ok('a'), ok('b'), ok('a')]);
  expect(log).toEqual(['a begins', 'a ends', 'b begins', 'b ends']);
  // Nothing is kept: what is asked later is worked out anew.
  await answers.of('a', work('a'));
  expect(log).toHaveLength(6);
});

it('sends away who would wait behind too many, and goes on after one that failed', async () => {
  const answers = new SharedAnswers<string>(1);
  const broken = answers.of('broken', () => Promise.reject(new Error('a disk is gone')));
  const next = answers.of('next', () => Promise.resolve(ok('next')));
  expect(await answers.of('third', () => Promise.resolve(ok('third')))).toMatchObject({
    fault: { code: 'too_many_requests', retry: 'retryable' },
  });
  await expect(broken).rejects.toThrow('a disk is gone');
  expect(await next).toEqual(ok('next'));
});
