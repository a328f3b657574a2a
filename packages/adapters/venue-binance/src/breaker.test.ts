import { recordingTelemetry, VirtualClock } from '@monsta/testkit';
import { describe, expect, it } from 'vitest';
import { CircuitBreaker, type BreakerPass } from './breaker.ts';

function build({ probes = 5 } = {}) {
  const clock = new VirtualClock();
  const telemetry = recordingTelemetry();
  let halfOpened = 0;
  const breaker = new CircuitBreaker({
    clock,
    ...telemetry,
    name: 'binance',
    failuresMax: 3,
    openMs: 60_000,
    probes,
    onHalfOpen: () => (halfOpened += 1),
  });
  const enter = (kind: 'read' | 'change' = 'read'): BreakerPass => {
    const pass = breaker.enter(kind);
    if (pass === null) throw new Error('held back');
    return pass;
  };
  const fail = (): void => {
    for (let failure = 0; failure < 3; failure += 1) enter().failed();
  };
  return { clock, telemetry, breaker, enter, fail, halfOpened: () => halfOpened };
}

describe('the circuit breaker', () => {
  it('opens after failures in a row, and a success between them begins the count anew', () => {
    const { breaker, enter } = build();
    enter().failed();
    enter().failed();
    enter().succeeded();
    enter().failed();
    enter().failed();
    expect(breaker.state).toBe('closed');
    enter('change').failed();
    expect(breaker.state).toBe('open');
    expect(breaker.enter('read')).toBeNull();
    expect(breaker.openForMs).toBe(60_000);
  });

  it('lets nothing through for 60 s, then five reads, and all calls once these have succeeded', async () => {
    const { breaker, clock, enter, fail, halfOpened, telemetry } = build();
    fail();
    await clock.advance(59_999);
    expect(breaker.enter('read')).toBeNull();
    expect(halfOpened()).toBe(0);
    await clock.advance(1);
    expect(halfOpened()).toBe(1);
    expect(breaker.enter('change')).toBeNull();
    const probes = [enter(), enter(), enter(), enter(), enter()];
    expect(breaker.enter('read')).toBeNull();
    for (const probe of probes.slice(1)) probe.succeeded();
    expect(breaker.state).toBe('half-open');
    expect(telemetry.value('monsta_binance_breaker_open_count', { venue: 'binance' })).toBe(1);
    probes[0]?.succeeded();
    expect(breaker.state).toBe('closed');
    expect(breaker.enter('change')).not.toBeNull();
    expect(telemetry.value('monsta_binance_breaker_open_count', { venue: 'binance' })).toBe(0);
    for (const to of ['open', 'half-open', 'closed'])
      expect(telemetry.value('monsta_binance_breaker_transitions_total', { venue: 'binance', to })).toBe(1);
    expect(telemetry.records.map(({ level }) => level)).toEqual(['warn', 'info']);
  });

  it('opens again for another 60 s where one probe fails', async () => {
    const { breaker, clock, enter, fail } = build();
    fail();
    await clock.advance(60_000);
    const first = enter();
    enter().failed();
    expect(breaker.state).toBe('open');
    first.succeeded();
    await clock.advance(59_999);
    expect(breaker.enter('read')).toBeNull();
    await clock.advance(1);
    expect(breaker.state).toBe('half-open');
  });

  it('takes another probe for one that was given up', async () => {
    const { breaker, clock, enter, fail } = build({ probes: 1 });
    fail();
    await clock.advance(60_000);
    const probe = enter();
    expect(breaker.enter('read')).toBeNull();
    probe.dropped();
    enter().succeeded();
    expect(breaker.state).toBe('closed');
  });

  it('learns nothing from a call that began before its state changed', async () => {
    const { breaker, clock, enter, fail } = build({ probes: 1 });
    const [slow, slower] = [enter(), enter()];
    fail();
    slow.succeeded();
    slower.failed();
    expect(breaker.state).toBe('open');
    expect(breaker.openForMs).toBe(60_000);
    await clock.advance(60_000);
    expect(breaker.state).toBe('half-open');
  });
});
