import type { Judged } from '@monsta/models';
import type { DirectionDocument, EvaluationDocument, ReturnDocument } from './document.ts';

const percent = (value: number, digits = 2): string => `${(100 * value).toFixed(digits)} %`;
const points = (value: number): string => `${value >= 0 ? '+' : ''}${(100 * value).toFixed(2)}`;
const bps = (value: number): string => `${value >= 0 ? '+' : ''}${(10_000 * value).toFixed(3)}`;

const between = ({ low, high }: { readonly low: number; readonly high: number }, text: (value: number) => string) =>
  `${text(low)} … ${text(high)}`;

const told = (judged: Judged | null, text: (value: number) => string): string =>
  judged === null
    ? 'not known'
    : `${text(judged.value)}  [${between(judged, text)}]  corrected [${between(judged.corrected, text)}]`;

const line = (name: string, value: string): string => `  ${name.padEnd(28)}${value}`;

function directionLines({
  executor,
  score,
  judgedNet,
  net,
  hasVote,
  calibration,
}: DirectionDocument): readonly string[] {
  const { baselines } = score;
  const plain = (value: number): string => value.toFixed(5);
  const calibrated =
    'absence' in calibration.platt
      ? `none: ${calibration.platt.absence.reason}`
      : `Brier ${plain(calibration.platt.before.brier)} → ${plain(calibration.platt.after.brier)} (Platt)`;
  return [
    `Direction, by ${executor.name}, ${score.rows} rows out of sample:`,
    line('accuracy', told(score.accuracy, percent)),
    line('  majority / last sign', `${percent(baselines.majority.accuracy)} / ${percent(baselines.lastSign.accuracy)}`),
    line('skill over the best, points', told(score.skill.best, points)),
    line('AUC', told(score.auc, plain)),
    line('log loss', told(score.logLoss, plain)),
    line('calibration', calibrated),
    line('round trips, long/short', net === null ? 'none' : net.longShort.roundTrips.toFixed(1)),
    line('net a bar, basis points', told(judgedNet, bps)),
    hasVote
      ? '  It has a vote: skill over every baseline, and a result above zero after costs.'
      : `  It has no vote: ${whyNot(score.skill.best, judgedNet)}.`,
  ];
}

function whyNot(skill: Judged, net: Judged | null): string {
  if (!(skill.corrected.low > 0)) return 'no skill over every baseline is proven';
  return net === null
    ? 'too little could be traded to tell what is left after costs'
    : 'no result above zero is proven after costs';
}

function returnLines({ executor, score, conformal, judgedNet, isSkilled }: ReturnDocument): readonly string[] {
  const small = (value: number): string => value.toPrecision(4);
  const { rolling } = conformal;
  return [
    `Log return, by ${executor.name}, ${score.rows} rows out of sample:`,
    line('RMSE', told(score.rmse, small)),
    line('RMSE saved on the best', told(score.skill.best, small)),
    line('R² against no change', told(score.r2, percent)),
    line(
      'intervals of 90 %',
      rolling === null ? 'too few forecasts' : `hold ${told(rolling.coverage, (value) => percent(value, 1))}`,
    ),
    line('net a bar, basis points', told(judgedNet, bps)),
    isSkilled
      ? '  Skilled: errors smaller than every baseline’s, and a result above zero after costs.'
      : `  Not skilled: ${whyNot(score.skill.best, judgedNet)}.`,
  ];
}

/** What `monsta evaluate` prints for a person. */
export function evaluationText(document: EvaluationDocument): string {
  const { model, instrument, interval, horizonMs, bars, features, rows, looks, scoring, costs } = document;
  const { direction, others, returns } = document;
  const day = (ms: number): string => new Date(ms).toISOString().slice(0, 10);
  return [
    `${model}: ${instrument} ${interval}, ${horizonMs / 3_600_000} h ahead; ${bars.count} bars ${day(bars.fromMs)} … ${day(bars.toMs)}, ${rows} rows, ${features.columns} features (${features.set})`,
    ...others.map(
      ({ instrument: other, source, count, absent }) =>
        `Features read ${other} beside it: ${count} bars of ${source}, ${absent} times of ${instrument} without one.`,
    ),
    ...(features.unknown.length === 0
      ? []
      : [`No bar tells of ${features.unknown.join(', ')}: they are missing in every row.`]),
    `Look ${looks.look} of ${looks.looks} at this series: corrected intervals are at ${percent(scoring.correctedLevel, 3)}, the others at ${percent(scoring.level, 1)}. Costs of a round trip: ${(10_000 * costs.roundTripShare).toFixed(1)} basis points.`,
    ...(direction === null ? [] : directionLines(direction)),
    ...(returns === null ? [] : returnLines(returns)),
    `${document.evaluationSeconds.toFixed(1)} s`,
  ].join('\n');
}
