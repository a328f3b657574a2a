import { MS_PER_DAY } from '@monsta/core';
import { family, type FeatureFamily } from '../feature-definition.ts';
import type { FeatureGraph } from '../feature-graph.ts';
import type { Column } from '../nodes/node.ts';
import type { RowLoop } from '../nodes/row-loops.ts';

const MS_PER_WEEK = 7 * MS_PER_DAY;
/** 1970 began on a Thursday; the week begins on Monday, 00:00 UTC. */
const THURSDAY_MS = 3 * MS_PER_DAY;

const circleLoop =
  (wave: (angle: number) => number, shiftMs: number, periodMs: number): RowLoop =>
  (out, from, to, openTimeMs) => {
    for (let row = from; row < to; row += 1)
      out[row] = wave((2 * Math.PI * (((openTimeMs[row] as number) + shiftMs) % periodMs)) / periodMs);
  };

/** A function of where the bar's close lies in a day or a week. */
const onCircle = (
  graph: FeatureGraph,
  name: string,
  wave: (angle: number) => number,
  periodMs: number,
  shiftMs: number,
): Column => graph.map(`${name} ${graph.stepMs}`, circleLoop(wave, graph.stepMs + shiftMs, periodMs), graph.openTimeMs);

const calendar = (
  name: string,
  formula: string,
  wave: (angle: number) => number,
  periodMs: number,
  shiftMs: number,
): FeatureFamily =>
  family({
    name,
    kind: 'calendar',
    formula,
    source: 'definition; UTC',
    unit: 'none',
    range: '−1 … 1',
    parameters: {},
    warmUpBars: () => 1,
    build: (graph) => onCircle(graph, name, wave, periodMs, shiftMs),
  });

export const CALENDAR_FAMILIES: readonly FeatureFamily[] = [
  calendar('hour_sine', 'sin(2π · time of day of the bar’s close / 1 d)', Math.sin, MS_PER_DAY, 0),
  calendar('hour_cosine', 'cos of the same', Math.cos, MS_PER_DAY, 0),
  calendar(
    'weekday_sine',
    'sin(2π · time since Monday 00:00 of the bar’s close / 7 d)',
    Math.sin,
    MS_PER_WEEK,
    THURSDAY_MS,
  ),
  calendar('weekday_cosine', 'cos of the same', Math.cos, MS_PER_WEEK, THURSDAY_MS),
];
