import { expectOk } from '@monsta/core';
import { recordingTelemetry } from '@monsta/testkit';
import { describe, expect, it } from 'vitest';
import { createWorker } from './worker.ts';

const NO_KINDS = 'kinds of job: none is registered, so that no job can be done';

describe('the worker', () => {
  it('runs without any kind of job, and says that it is ready for none', async () => {
    const worker = createWorker({ logger: recordingTelemetry().logger, kinds: [] });
    expect(worker.readiness()).toEqual({ ready: false, waitingFor: ['a start: the worker is new', NO_KINDS] });
    expectOk(await worker.start());
    expect(worker.readiness()).toEqual({ ready: false, waitingFor: [NO_KINDS] });
  });

  it('is ready with a kind of job between start and drain only', async () => {
    const worker = createWorker({ logger: recordingTelemetry().logger, kinds: [{ name: 'backtest' }] });
    expect(worker.readiness().ready).toBe(false);
    expectOk(await worker.start());
    expect(worker.readiness()).toEqual({ ready: true, waitingFor: [] });
    await worker.drain();
    expect(worker.readiness()).toEqual({ ready: false, waitingFor: ['a start: the worker is draining'] });
    await worker.stop();
    const again = await worker.start();
    expect(again.ok ? 'ok' : again.fault.code).toBe('state_conflict');
  });
});
