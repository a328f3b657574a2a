import { alertKey, type Alert, type AlertRecord, type TimestampUs } from '@monsta/core';

/** The languages that alerts are written in. */
export type AlertLanguage = 'en' | 'ko';

/** What is told at the end of a window in which an alert came again. `last` is how it read the last time. */
export function repeatedAlert(
  first: Alert,
  last: Alert,
  times: number,
  windowMs: number,
  nowUs: TimestampUs,
  language: AlertLanguage,
): Alert {
  const seconds = Math.round(windowMs / 1_000);
  const [title, text] =
    language === 'ko'
      ? [
          `${last.title} (${times}회 더)`,
          `지난 ${seconds}초 동안 같은 알림이 ${times}회 더 있었습니다. 마지막 내용: ${last.text}`,
        ]
      : [
          `${last.title} (${times} more)`,
          `The same came ${times} more time${times === 1 ? '' : 's'} within ${seconds} s. The last one: ${last.text}`,
        ];
  const details = { repeatOf: first.id, times, windowMs, last: last.details };
  return { ...last, id: `${alertKey(first.id)}#repeats-${Math.floor(nowUs / 1_000)}`, title, text, details };
}

/** What is told of alerts that a channel's limits kept from being sent one by one. */
export function sumAlert(held: readonly Alert[], nowUs: TimestampUs, language: AlertLanguage): Alert {
  const counts = new Map<string, number>();
  for (const { kind } of held) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  const listed = [...counts].map(([kind, count]) => `${count} × ${kind}`).join(', ');
  const [title, text] =
    language === 'ko'
      ? [
          `알림 ${held.length}건이 생략되었습니다`,
          `전송 한도 때문에 개별 전송하지 않은 알림: ${listed}. 전체는 알림 목록에 있습니다.`,
        ]
      : [
          `${held.length} alert${held.length === 1 ? ' was' : 's were'} not sent one by one`,
          `More came than this channel may send: ${listed}. All of them are in the list of alerts.`,
        ];
  const worst = held.find(({ severity }) => severity === 'warning') ?? held[0];
  return {
    id: `sum#${Math.floor(nowUs / 1_000)}`,
    tsUs: nowUs,
    kind: worst?.kind ?? 'test',
    severity: worst?.severity ?? 'info',
    title,
    text,
    details: { counts: Object.fromEntries(counts) },
  };
}

/** A message that says that a channel works. */
export function testAlert(
  nowUs: TimestampUs,
  language: AlertLanguage,
  about: Readonly<Record<string, unknown>>,
): Alert {
  const [title, text] =
    language === 'ko'
      ? ['MONSTA 시험 알림', '이 채널로 알림이 도착합니다. 이것은 시험 메시지이며, 아무 일도 일어나지 않았습니다.']
      : ['MONSTA test message', 'Alerts arrive through this channel. This is a test: nothing has happened.'];
  return {
    id: `test#${Math.floor(nowUs / 1_000)}`,
    tsUs: nowUs,
    kind: 'test',
    severity: 'info',
    title,
    text,
    details: about,
  };
}

/** Why an alert was not sent, for the list of alerts. */
export const reasons = {
  expired: (ms: number): string => `it could not be sent within ${Math.round(ms / 1_000)} s`,
  summedUp: 'more came than the channel may send; told as a number',
  full: 'more alerts waited for the channel than its queue holds',
  gone: 'the channel is no longer configured',
} as const;

export const withDeliveries = (alert: Alert, deliveries: AlertRecord['deliveries']): AlertRecord => ({
  ...alert,
  deliveries,
});
