import { err, expectOk } from '@monsta/core';
import { VirtualClock } from '@monsta/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { alertOf, busy, openLedger, startWorld } from './notifier.test-support.ts';

describe('an alert', () => {
  it('is kept, and reaches each channel that is for its kind and severity, once', async () => {
    const world = await startWorld({
      names: ['phone', 'mail'],
      channel: { minSeverity: 'warning', kinds: ['halt', 'denied'] },
    });
    await world.tell(
      alertOf('a#1'),
      alertOf('b#1', { severity: 'info' }),
      alertOf('c#1', { kind: 'fill' }),
      alertOf('d#1', { kind: 'halt', severity: 'critical' }),
      alertOf('a#1'),
    );
    await world.clock.advance(60_000);
    for (const { titles } of world.people) expect(titles).toEqual(['a#1', 'd#1']);
    await world.role.stop();
    expect(await world.kept()).toEqual(['a#1 phone sent', 'a#1 mail sent', 'd#1 phone sent', 'd#1 mail sent']);
    expect(world.telemetry.value('monsta_alerts_taken_total', { kind: 'denied' })).toBe(2);
  });

  it('that comes again within the window is counted, and told as a number at its end, for as long as it goes on', async () => {
    const { tell, clock, person } = await startWorld({ config: { repeatWindowMs: 60_000 } });
    for (let n = 1; n <= 6; n += 1) await tell(alertOf(`limit#${n}`, { text: `number ${n}` }));
    expect(person.titles).toEqual(['limit#1']);
    await clock.advance(59_000);
    expect(person.titles).toHaveLength(1);
    await clock.advance(2_000);
    expect(person.titles).toEqual(['limit#1', 'limit#6 (5 more)']);
    expect(person.read[1]?.alert.text).toBe('The same came 5 more times within 60 s. The last one: number 6');
    await tell(alertOf('limit#7'));
    expect(person.titles).toHaveLength(2);
    await clock.advance(60_000);
    expect(person.titles.at(-1)).toBe('limit#7 (1 more)');
    await clock.advance(600_000);
    expect(person.titles).toHaveLength(3);
    await tell(alertOf('limit#8'));
    expect(person.titles.at(-1)).toBe('limit#8');
  });

  it('reads in Korean where that is asked for', async () => {
    const { tell, clock, person } = await startWorld({ language: 'ko' });
    await tell(alertOf('limit#1'), alertOf('limit#2'));
    await clock.advance(300_000);
    expect(person.titles).toEqual(['limit#1', 'limit#2 (1회 더)']);
  });
});

describe('a channel’s rate', () => {
  it('holds back what is more than it may send, and tells of it as a number', async () => {
    const world = await startWorld({ channel: { burstMax: 2, perHourMax: 60 } });
    const { tell, clock, person } = world;
    for (let n = 1; n <= 5; n += 1)
      await tell(alertOf(`fill:${n}#1`, { kind: n < 5 ? 'fill' : 'denied', severity: 'info' }));
    expect(person.titles).toEqual(['fill:1#1', 'fill:2#1']);
    await clock.advance(59_000);
    expect(person.titles).toHaveLength(2);
    await clock.advance(2_000);
    expect(person.titles.at(-1)).toBe('3 alerts were not sent one by one');
    expect(person.read.at(-1)?.alert.text).toContain('2 × fill, 1 × denied');
    await world.role.stop();
    expect(await world.kept()).toEqual([
      'fill:1#1 phone sent',
      'fill:2#1 phone sent',
      'fill:3#1 phone summed_up',
      'fill:4#1 phone summed_up',
      'fill:5#1 phone summed_up',
    ]);
  });

  it('never holds back a critical alert, whatever else there is', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom('info' as const, 'warning' as const, 'critical' as const), { maxLength: 40 }),
        async (severities) => {
          const { tell, clock, person, role } = await startWorld({
            channel: { burstMax: 1, perHourMax: 1 },
            config: { queueMax: 50 },
          });
          await tell(...severities.map((severity, n) => alertOf(`${severity}:${n}#1`, { severity })));
          await clock.advance(10_000);
          const critical = severities.flatMap((severity, n) => (severity === 'critical' ? [`critical:${n}#1`] : []));
          expect(person.titles.filter((title) => title.startsWith('critical'))).toEqual(critical);
          await role.stop();
        },
      ),
      { numRuns: 10 },
    );
  });
});

describe('a channel that fails', () => {
  it('is tried again, later each time, and gets everything in order once it works, the urgent first', async () => {
    const { tell, clock, person } = await startWorld({ config: { breakerFailures: 100 } });
    person.fault = busy;
    await tell(alertOf('a#1'), alertOf('b#1'), alertOf('c#1', { severity: 'critical' }));
    await clock.advance(30_000);
    expect(person.tries).toBeGreaterThan(3);
    expect(person.tries).toBeLessThan(9);
    person.fault = null;
    await clock.advance(60_000);
    expect(person.titles).toEqual(['c#1', 'a#1', 'b#1']);
  });

  it('is not asked before the time that it named', async () => {
    const { tell, clock, person } = await startWorld();
    person.fault = err('notifier_limited', 'too many', { retry: 'retryable', retryAfterMs: 40_000 });
    await tell(alertOf('a#1'));
    person.fault = null;
    await clock.advance(39_999);
    expect(person.titles).toEqual([]);
    await clock.advance(1);
    expect(person.titles).toEqual(['a#1']);
  });

  it('is left alone after several failures in a row, while another channel goes on', async () => {
    const { tell, clock, people } = await startWorld({
      names: ['phone', 'mail'],
      config: { breakerFailures: 3, breakerMs: 600_000, retryMsMax: 1_000 },
    });
    const [phone, mail] = people;
    if (phone === undefined || mail === undefined) throw new Error('there are two');
    phone.fault = busy;
    await tell(alertOf('a#1'));
    await clock.advance(200_000);
    expect(phone.tries).toBe(3);
    await tell(alertOf('b#1', { severity: 'critical' }));
    expect(mail.titles).toEqual(['a#1', 'b#1']);
    phone.fault = null;
    await clock.advance(600_000);
    expect(phone.titles).toEqual(['b#1', 'a#1']);
  });

  it('is not tried again with what it will never take; what is too old is given up', async () => {
    const world = await startWorld({ config: { sendWithinMs: 60_000 } });
    const { tell, clock, person, role } = world;
    person.fault = err('notifier_rejected', 'not this');
    await tell(alertOf('a#1'));
    expect(person.tries).toBe(1);
    person.fault = busy;
    await tell(alertOf('b#1'));
    await clock.advance(120_000);
    const { tries } = person;
    person.fault = null;
    await clock.advance(600_000);
    expect(person.tries).toBe(tries);
    await role.stop();
    expect(await world.kept()).toEqual(['a#1 phone failed', 'b#1 phone expired']);
    expect(world.telemetry.value('monsta_alerts_deliveries_total', { channel: 'phone', status: 'expired' })).toBe(1);
  });

  it('holds no more than its line has room for: the least urgent give way, and are told of as a number', async () => {
    const world = await startWorld({
      channel: { burstMax: 100 },
      config: { queueMax: 10, breakerFailures: 1, breakerMs: 1_000 },
    });
    const { tell, clock, person } = world;
    person.fault = busy;
    const many = Array.from({ length: 15 }, (_, n) => alertOf(`info:${n}#1`, { severity: 'info' }));
    for (const alert of many) await tell(alert);
    for (let n = 0; n < 5; n += 1) await tell(alertOf(`critical:${n}#1`, { severity: 'critical' }));
    person.fault = null;
    await clock.advance(10_000);
    expect(person.titles).toHaveLength(11);
    expect(person.titles.slice(0, 6)).toEqual([
      ...Array.from({ length: 5 }, (_, n) => `critical:${n}#1`),
      '10 alerts were not sent one by one',
    ]);
  });
});

describe('after a restart', () => {
  it('what had not been sent is sent, what had is not, and what is told again is known', async () => {
    const [ledger, clock] = [await openLedger(), new VirtualClock()];
    const before = await startWorld({ ledger, clock });
    await before.tell(alertOf('sent#1'));
    before.person.fault = busy;
    await before.tell(alertOf('waits#1'), alertOf('waits-too#1', { severity: 'critical' }));
    // The program dies here: nothing is stopped.
    const after = await startWorld({ ledger, clock });
    await after.tell(alertOf('waits#1'), alertOf('sent#1'));
    await clock.advance(1_000);
    expect(after.person.titles).toEqual(['waits-too#1', 'waits#1']);
    await after.role.stop();
    expect(await after.kept()).toEqual(['sent#1 phone sent', 'waits#1 phone sent', 'waits-too#1 phone sent']);
  });

  it('what is too old by then, or was for a channel that is gone, is marked as not sent', async () => {
    const [ledger, clock] = [await openLedger(), new VirtualClock()];
    const before = await startWorld({ ledger, clock, names: ['phone', 'fax'] });
    for (const person of before.people) person.fault = busy;
    await before.tell(alertOf('old#1'));
    clock.stepWall(3_600_000);
    await before.tell(alertOf('new#1'));
    const after = await startWorld({ ledger, clock });
    await clock.advance(1_000);
    expect(after.person.titles).toEqual(['new#1']);
    await after.role.stop();
    expect(await after.kept()).toEqual([
      'old#1 phone expired',
      'old#1 fax expired',
      'new#1 phone sent',
      'new#1 fax expired',
    ]);
  });

  it('a window of repeats goes on where it was', async () => {
    const [ledger, clock] = [await openLedger(), new VirtualClock()];
    const before = await startWorld({ ledger, clock });
    await before.tell(alertOf('limit#1'));
    await before.role.stop();
    await clock.advance(100_000);
    const after = await startWorld({ ledger, clock });
    await after.tell(alertOf('limit#2'));
    expect(after.person.titles).toEqual([]);
    await clock.advance(200_000);
    expect(after.person.titles).toEqual(['limit#2 (1 more)']);
  });
});

it('a test message goes past lines and limits, and each channel tells what became of it', async () => {
  const { role, people } = await startWorld({
    names: ['phone', 'mail'],
    channel: { minSeverity: 'critical', burstMax: 1 },
  });
  const [phone] = people;
  if (phone === undefined) throw new Error('there are two');
  phone.fault = err('notifier_unauthorized', 'the token is none');
  expect(expectOk(await role.test(null))).toEqual([
    { channel: 'phone', error: { code: 'notifier_unauthorized', message: 'the token is none' }, elapsedMs: 0 },
    { channel: 'mail', error: null, elapsedMs: 0 },
  ]);
  expect(expectOk(await role.test('mail'))).toHaveLength(1);
  expect(await role.test('fax')).toMatchObject({ ok: false, fault: { code: 'not_found' } });
});

it('a message that is no alert is counted and let go', async () => {
  const { stream, telemetry } = await startWorld();
  expectOk(stream.publish('alerts', { kind: 'fill' }, { tsEventUs: 1 }));
  expectOk(await stream.drain(10_000));
  expect(telemetry.value('monsta_alerts_refused_total', { code: 'message_malformed' })).toBe(1);
});
