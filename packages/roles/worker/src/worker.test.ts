import { expectOk } from '@monsta/core';
import { recordingTelemetry } from '@monsta/testkit';
import { describe, expect, it } from 'vitest';
import { createWorker } from './worker.ts';

describe('the worker', () => {
  it('names the kinds of job it has when it starts', async () => {
    const telemetry = recordingTelemetry();
    const worker = createWorker({ logger: telemetry.logger, kinds: [] });
    expect(worker.readiness()).toEqual({ ready: false, waitingFor: ['a start: the worker is new'] });
    expectOk(await worker.start());
    expect(worker.readiness()).toEqual({ ready: true, waitingFor: [] });
    expect(telemetry.records).toMatchObject([{ fields: { kinds: [] } }]);
  });

  it('is ready between start and drain only', async () => {
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
