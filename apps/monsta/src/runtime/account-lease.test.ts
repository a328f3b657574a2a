import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createMemoryCache } from '@monsta/cache-memory';
import { accountId, expectOk } from '@monsta/core';
import { recordingTelemetry, VirtualClock } from '@monsta/testkit';
import { expect, it, onTestFinished } from 'vitest';
import { takeAccount, type AccountLeaseOptions } from './account-lease.ts';

function rig() {
  const state = mkdtempSync(join(tmpdir(), 'monsta-account-'));
  onTestFinished(() => rmSync(state, { recursive: true, force: true }));
  const clock = new VirtualClock();
  const cache = createMemoryCache({ clock });
  const lost: [string, boolean][] = [];
  const options = (dataDirectory: string, home = state): AccountLeaseOptions => ({
    accountId: accountId('live:binance:77'),
    dataDirectory,
    cache,
    environment: { XDG_STATE_HOME: home },
    clock,
    logger: recordingTelemetry().logger,
    onLost: (reason, taken) => lost.push([reason, taken]),
  });
  return { cache, clock, lost, options, state };
}

it('two data directories of one user can not trade one account, and the second is told who does', async () => {
  const { options } = rig();
  const held = expectOk(await takeAccount({ ...options('/data/a'), cache: null }));
  const second = await takeAccount({ ...options('/data/b'), cache: null });
  expect(second).toMatchObject({ ok: false, fault: { code: 'account_in_use' } });
  expect(second.ok ? '' : second.fault.message).toMatch(
    new RegExp(`pid ${process.pid} on .*since 20.*/data/a.*stop that one first`),
  );
  await held.release();
  await expectOk(await takeAccount({ ...options('/data/b'), cache: null })).release();
});

it('two machines that share a cache can not either', async () => {
  const { options, state } = rig();
  const held = expectOk(await takeAccount(options('/data/a')));
  const second = await takeAccount(options('/data/b', join(state, 'another-machine')));
  expect(second.ok ? '' : second.fault.message).toMatch(/stop that one first; .* within 60 s/);
  await held.release();
  await expectOk(await takeAccount(options('/data/b'))).release();
});

it('is renewed for as long as it is held', async () => {
  const { clock, lost, options, state } = rig();
  const held = expectOk(await takeAccount(options('/data/a')));
  await clock.advance(600_000);
  expect(lost).toEqual([]);
  expect((await takeAccount(options('/data/b', join(state, 'another-machine')))).ok).toBe(false);
  await held.release();
});

it('says at once that another holds it now', async () => {
  const { cache, clock, lost, options } = rig();
  expectOk(await takeAccount(options('/data/a')));
  expectOk(await cache.set('lease:live:binance:77', '{"host":"x"}', 60_000));
  await clock.advance(10_000);
  expect(lost).toEqual([[expect.stringContaining('another program may trade account live:binance:77'), true]]);
});

it('gives up, while it still holds it, when the cache does not answer', async () => {
  const { cache, clock, lost, options } = rig();
  expectOk(await takeAccount(options('/data/a')));
  await clock.advance(30_000);
  await cache.close();
  await clock.advance(30_000);
  expect(lost).toEqual([]);
  await clock.advance(29_000);
  expect(lost).toEqual([[expect.stringContaining('the cache has not answered for'), false]]);
});
