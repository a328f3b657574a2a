import { inspect } from 'node:util';
import { timestampUs, type Alert, type Result } from '@monsta/core';
import type { Notifier } from '@monsta/ports';
import { describe, expect, it } from 'vitest';

/**
 * How the other side meets the next messages. `takes`: it takes them; `silent`: it takes the connection and never answers; `refuses`: not this message; `busy`: not now;
 * `limited`: too many, it says when again; `unauthorized`: not from us; `garbage`: it answers what is no answer; `dies`: it ends the connection in the middle of a message.
 */
export type OtherSide = 'takes' | 'silent' | 'refuses' | 'busy' | 'limited' | 'unauthorized' | 'garbage' | 'dies';

/** A notifier and a real server that it reaches. */
export interface NotifierRig {
  readonly notifier: Notifier;
  /** The same kind of notifier, for an address where nobody listens. */
  readonly nobody: Notifier;
  /** What must be shown nowhere. */
  readonly secret: string;
  /** What `limited` asks to wait; null where the protocol has no word for it. */
  readonly limitedMs: number | null;
  /** True when what is no answer may yet have come after the message was taken. */
  readonly garbageIsUnknown: boolean;
  behave(how: OtherSide): void;
  /** Whole messages taken so far, readable. */
  taken(): readonly string[];
  stop(): Promise<void>;
}

export const haltAlert = (over: Partial<Alert> = {}): Alert => ({
  id: 'halt#1700000000000',
  tsUs: timestampUs(1_700_000_000_000_000),
  kind: 'halt',
  severity: 'critical',
  title: 'Trading is halted',
  text: 'drawdown limit: 2000 below the peak of 10000; halted until a person resumes',
  details: { accountId: 'paper:simulated', state: 'HALTED', equity: '8000' },
  ...over,
});

const codeOf = (result: Result<null>): readonly [string, string] =>
  result.ok ? ['ok', ''] : [result.fault.code, result.fault.retry];

/** What every `Notifier` must keep. */
export function notifierConformance(name: string, make: () => Promise<NotifierRig>): void {
  const rigged = (test: (rig: NotifierRig) => Promise<void>) => async () => {
    const rig = await make();
    try {
      await test(rig);
    } finally {
      await rig.notifier.close();
      await rig.nobody.close();
      await rig.stop();
    }
  };
  /** Long enough for a server on this machine, which answers at once or not at all. */
  const send = (rig: NotifierRig, alert = haltAlert(), timeoutMs = 10_000): Promise<Result<null>> =>
    rig.notifier.send(alert, timeoutMs);

  describe(`${name} keeps the promises of a notifier`, () => {
    it(
      'brings title and text, in any language, one message a call',
      rigged(async (rig) => {
        expect(codeOf(await send(rig))).toEqual(['ok', '']);
        const korean = haltAlert({
          id: 'test#2',
          title: '거래가 중단되었습니다',
          text: '사유: 한도 초과 – 5 %\n<b>&',
        });
        expect(codeOf(await send(rig, korean))).toEqual(['ok', '']);
        expect(rig.taken()).toHaveLength(2);
        expect(rig.taken()[0]).toContain('Trading is halted');
        expect(rig.taken()[0]).toContain('2000 below the peak of 10000');
        expect(rig.taken()[1]).toContain('거래가 중단되었습니다');
        expect(rig.taken()[1]).toContain('한도 초과 – 5 %');
      }),
    );

    it(
      'takes what is far too long, and what begins lines of its own, as one message',
      rigged(async (rig) => {
        const long = haltAlert({
          title: 'a\r\nBcc: somebody@else.test',
          text: `\r\n.\r\nQUIT\r\n${'긴글'.repeat(5_000)}`,
        });
        expect(codeOf(await send(rig, long))).toEqual(['ok', '']);
        expect(codeOf(await send(rig))).toEqual(['ok', '']);
        expect(rig.taken()).toHaveLength(2);
        expect(rig.taken()[0]).toContain('긴글긴글');
      }),
    );

    it(
      'gives up at its deadline when nothing is answered, and can be asked again',
      rigged(async (rig) => {
        rig.behave('silent');
        const [code, retry] = codeOf(await send(rig, haltAlert(), 200));
        expect(code).toBe('notifier_timeout');
        expect(['retryable', 'unknown_outcome']).toContain(retry);
        rig.behave('takes');
        expect(codeOf(await send(rig))).toEqual(['ok', '']);
      }),
    );

    it(
      'tells what may be tried again from what may not',
      rigged(async (rig) => {
        rig.behave('refuses');
        expect(codeOf(await send(rig))).toEqual(['notifier_rejected', 'permanent']);
        rig.behave('unauthorized');
        expect(codeOf(await send(rig))).toEqual(['notifier_unauthorized', 'permanent']);
        rig.behave('busy');
        expect(codeOf(await send(rig))).toEqual(['notifier_unavailable', 'retryable']);
        expect(rig.taken()).toHaveLength(0);
        expect(codeOf(await rig.nobody.send(haltAlert(), 10_000))).toEqual(['notifier_unreachable', 'retryable']);
      }),
    );

    it(
      'passes on how long the other side asks to wait',
      rigged(async (rig) => {
        rig.behave('limited');
        const limited = await send(rig);
        expect(limited).toMatchObject({ ok: false, fault: { retry: 'retryable' } });
        if (rig.limitedMs === null || limited.ok) return;
        expect(limited.fault).toMatchObject({ code: 'notifier_limited', retryAfterMs: rig.limitedMs });
      }),
    );

    it(
      'does not know what became of a message whose connection broke off, or that was answered with nonsense',
      rigged(async (rig) => {
        rig.behave('dies');
        const [code, retry] = codeOf(await send(rig));
        expect(['notifier_protocol', 'notifier_unreachable']).toContain(code);
        expect(retry).toBe('unknown_outcome');
        rig.behave('garbage');
        const expected = rig.garbageIsUnknown ? 'unknown_outcome' : 'retryable';
        expect(codeOf(await send(rig))).toEqual(['notifier_protocol', expected]);
        rig.behave('takes');
        expect(codeOf(await send(rig))).toEqual(['ok', '']);
      }),
    );

    it(
      'shows its secret in no fault',
      rigged(async (rig) => {
        const faults: Result<null>[] = [await rig.nobody.send(haltAlert(), 10_000)];
        for (const how of ['refuses', 'busy', 'limited', 'unauthorized', 'garbage', 'dies'] as const) {
          rig.behave(how);
          faults.push(await send(rig));
        }
        for (const fault of faults) {
          expect(fault).toMatchObject({ ok: false });
          // With what JSON leaves out of an error, too.
          expect(inspect(fault, { depth: null, showHidden: true })).not.toContain(rig.secret);
        }
      }),
    );

    it(
      'sends nothing once it is closed, and a message under way ends',
      rigged(async (rig) => {
        rig.behave('silent');
        const waiting = send(rig);
        await rig.notifier.close();
        expect((await waiting).ok).toBe(false);
        expect(codeOf(await send(rig))[0]).toBe('notifier_closed');
        expect(rig.taken()).toHaveLength(0);
      }),
    );
  });
}
