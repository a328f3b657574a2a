import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import type { BacktestSpec } from '@monsta/contracts';
import { canonicalJson, toJsonValue, type BarSeries } from '@monsta/core';
import { strategySource } from '../strategies/source.ts';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** What the bars are, all of them, whatever file they came from: two series with the same fingerprint are the same. */
export function dataFingerprint(series: readonly BarSeries[]): string {
  const hash = createHash('sha256');
  for (const { instrument, interval, openTimeMs, open, high, low, close, volume } of series) {
    const { id, tick } = instrument;
    hash.update(canonicalJson({ id, tick: { units: tick.units, scale: tick.scale }, interval }));
    for (const column of [openTimeMs, open, high, low, close, volume])
      hash.update(new Uint8Array(column.buffer, column.byteOffset, column.byteLength));
  }
  return hash.digest('hex');
}

/** What files hold, in their order. */
export async function filesFingerprint(paths: readonly string[]): Promise<string> {
  const hash = createHash('sha256');
  for (const path of paths)
    for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) hash.update(chunk);
  return hash.digest('hex');
}

/** What the strategy's code is: of a file its text, of a shipped one its name. */
export const strategyFingerprint = (strategy: string): string => strategySource(strategy)?.sha256 ?? strategy;

/**
 * What trials are remembered under: one strategy, by its path or name, on the same instruments. A strategy that is edited and run again is another trial of the same, and so is one that is run on
 * another stretch of time: whoever moves the beginning until the result is good has tried as often.
 */
export const trialsKey = ({ strategy, instruments }: BacktestSpec): string =>
  sha256(canonicalJson([strategy, instruments.toSorted()])).slice(0, 32);

/** Which trial a run is: all that decides what it does, the data included. */
export function trialFingerprint(spec: BacktestSpec, data: string): string {
  const { data: _data, seed: _seed, yearDays: _yearDays, strategy, ...terms } = spec;
  return sha256(`${strategyFingerprint(strategy)}\n${data}\n${canonicalJson(toJsonValue(terms))}`).slice(0, 32);
}
