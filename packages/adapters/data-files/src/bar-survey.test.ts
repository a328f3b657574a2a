import { expectOk } from '@monsta/core';
import { describe, expect, it } from 'vitest';
import { surveyBarFile } from './bar-survey.ts';
import { btc, temporaryFile } from './files.test-support.ts';

const HOUR = 3_600_000;
const START = Date.UTC(2024, 9, 27);
const row = (hour: number, prices = '2,3,1,2'): string => `${START + hour * HOUR},${prices},5`;

describe('a survey of a file of bars', () => {
  it('finds every planted fault, with line and count, and keeps the sound rows', async () => {
    const rows = [
      ...[0, 1, 2, 3, 4].map((hour) => row(hour)),
      row(2),
      row(2, '2,3,1,1.5'),
      row(4),
      row(5, '2,2.5,1,2.75'),
      row(6, '2,3,1,x'),
      row(7, '2,3.001,1,2'),
      ...[8, 9].map((hour) => row(hour)),
    ];
    const survey = expectOk(
      await surveyBarFile(temporaryFile('bars.csv', rows.join('\n')), btc({}, { tick: { units: 1, scale: 2 } }), 5),
    );
    expect([...survey.series.openTimeMs].map((time) => (time - START) / HOUR)).toEqual([0, 1, 2, 3, 4, 8, 9]);
    expect(survey.faults.map(({ kind, count, examples }) => [kind, count, examples.map(({ line }) => line)])).toEqual([
      ['impossible', 1, [9]],
      ['corrupt', 1, [10]],
      ['off_tick', 1, [11]],
      ['duplicate', 3, [6, 7, 8]],
    ]);
    expect(survey.clockSetBack).toEqual([]);
  });

  it('tells a clock that was set back by an hour from other disorder', async () => {
    const times = ['00:00', '00:30', '01:00', '01:30', '02:00', '02:30', '02:00', '02:30', '03:00', '03:30'];
    // Of quarter hours in a local time.
    const rows = times.flatMap((time, at) => [
      `2024-10-27 ${time},2,3,1,2,${2 * at + 1}`,
      `2024-10-27 ${time.replace(/(0|3)0$/, (_, tens: string) => (tens === '0' ? '15' : '45'))},2,3,1,2,${2 * at + 2}`,
    ]);
    const survey = expectOk(await surveyBarFile(temporaryFile('bars.csv', rows.join('\n')), btc(), 5));
    expect(survey.series.interval).toBe('15m');
    expect(survey.clockSetBack).toEqual([{ line: 13, minutes: 60 }]);
    expect(survey.faults.map(({ kind, count }) => [kind, count])).toEqual([['duplicate', 4]]);
  });

  it('of a file that stands newest first says so, and not that each row is late', async () => {
    const rows = [9, 8, 7, 6, 5].map((hour) => row(hour)).join('\n');
    const survey = await surveyBarFile(temporaryFile('bars.csv', rows), btc(), 5);
    expect(survey).toMatchObject({ fault: { code: 'bars_disorder' } });
    expect(survey.ok ? '' : survey.fault.message).toContain('its rows stand newest first; sort the file by time');
  });

  it('of a file that is named as another symbol’s, or another interval’s, says so', async () => {
    const rows = [0, 1, 2].map((hour) => `${row(hour)}\n`).join('');
    const noticesOf = async (name: string): Promise<unknown> =>
      expectOk(await surveyBarFile(temporaryFile(name, rows), btc(), 5)).notices.map(({ kind }) => kind);
    expect(await noticesOf('ETHUSDT-1h-2024-10.csv')).toEqual(['name']);
    expect(await noticesOf('BTCUSDT-1m-2024-10.csv')).toEqual(['name']);
    expect(await noticesOf('BTCUSDT-1h-2024-10.csv')).toEqual([]);
    expect(await noticesOf('my-1h-bars.csv')).toEqual([]);
  });

  it('ends where the file as a whole can’t be read', async () => {
    expect(await surveyBarFile(temporaryFile('bars.csv', 'hello\n'), btc(), 5)).toMatchObject({
      fault: { code: 'bars_layout' },
    });
  });
});
