import { err, ok } from '@monsta/core';
import type { Role } from '@monsta/ports';
import { silentTelemetry, VirtualClock } from '@monsta/testkit';
import { describe, expect, it } from 'vitest';
import { STOP_DEADLINE_MS, Supervisor } from './supervisor.ts';

const logger = silentTelemetry().logger;

function role(name: string, log: string[], over: Partial<Role> = {}): Role {
  const note = (step: string) => (): Promise<void> => {
    log.push(`${step} ${name}`);
    return Promise.resolve();
  };
  return {
    name,
    start: () => {
      log.push(`start ${name}`);
      return Promise.resolve(ok(null));
    },
    readiness: () => ({ ready: true, waitingFor: [] }),
    drain: note('drain'),
    stop: note('stop'),
    ...over,
  };
}

describe('supervisor', () => {
  it('starts in order, drains and stops in reverse, and stops once', async () => {
    const log: string[] = [];
    const supervisor = new Supervisor([role('a', log), role('b', log)], new VirtualClock(), logger);
    expect((await supervisor.start()).ok).toBe(true);
    await Promise.all([supervisor.stop(), supervisor.stop()]);
    expect(log).toEqual(['start a', 'start b', 'drain b', 'drain a', 'stop b', 'stop a']);
  });

  it('takes down what had started when a role fails to start, and returns its fault', async () => {
    const log: string[] = [];
    const failing = role('b', log, { start: () => Promise.resolve(err('port_in_use', 'taken')) });
    const supervisor = new Supervisor([role('a', log), failing, role('c', log)], new VirtualClock(), logger);
    expect(await supervisor.start()).toMatchObject({ ok: false, fault: { code: 'port_in_use' } });
    expect(log).toEqual(['start a', 'drain b', 'drain a', 'stop b', 'stop a']);
    expect(supervisor.roles().map((each) => each.readiness.ready)).toEqual([true, true, false]);
  });

  it('ends within the deadline although a role never drains, another never stops and a third throws', async () => {
    const log: string[] = [];
    const clock = new VirtualClock();
    const never = (): Promise<void> => new Promise(() => undefined);
    const roles = [
      role('a', log),
      role('b', log, { drain: never }),
      role('c', log, { stop: never }),
      role('d', log, { stop: () => Promise.reject(new Error('broken')) }),
    ];
    const supervisor = new Supervisor(roles, clock, logger);
    await supervisor.start();
    let stopped = false;
    const stopping = supervisor.stop().then(() => {
      stopped = true;
    });
    await clock.advance(STOP_DEADLINE_MS);
    expect(stopped).toBe(true);
    await stopping;
    expect(log).toContain('stop a');
  });
});
