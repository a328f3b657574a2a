import { reportParts } from '@monsta/simulation';
import type { DirectionDocument, EvaluationDocument } from '../document.ts';
import { bps, card, figuresTable, netTable, points, share, small, type FigureRow } from './figures.ts';
import type { EvaluationTexts } from './texts.ts';

const { barsChart, day, dotPlot, html, section, table, whole } = reportParts;

/** Baselines in the order in which they are named. */
const BASELINES = ['majority', 'lastSign', 'coin'] as const;
const SKILLS = [...BASELINES, 'best'] as const;

function scoreSection(
  { executor, score, judgedNet }: DirectionDocument,
  level: number,
  texts: EvaluationTexts,
): reportParts.Markup {
  const rows: readonly FigureRow[] = [
    [texts.accuracy, score.accuracy, share],
    [texts.balancedAccuracy, score.balancedAccuracy, share],
    [texts.auc, score.auc, small],
    [texts.logLoss, score.logLoss, small],
    [texts.brier, score.brier, small],
    [texts.calibrationError, score.calibrationError, small],
    ...SKILLS.map((name): FigureRow => [`${texts.skill} ${texts.over[name]}`, score.skill[name], points]),
    ...SKILLS.map((name): FigureRow => [`${texts.logLossSkill} ${texts.over[name]}`, score.logLossSkill[name], small]),
  ];
  return section(
    `${texts.direction}: ${executor.name}`,
    html`<div class="cards">
      ${card(texts.accuracy, score.accuracy, share)}${card(`${texts.skill}`, score.skill.best, points)}${card(texts.auc, score.auc, small)}${card(texts.logLoss, score.logLoss, small)}${card(texts.calibrationError, score.calibrationError, small)}${card(texts.netBar, judgedNet, bps)}
    </div>`,
    html`<p></p>`,
    figuresTable(rows, level, texts),
    html`<h3>${texts.baseline}</h3>`,
    table(
      [texts.baseline, texts.accuracy, texts.logLoss],
      BASELINES.map((name) => [
        texts.baselines[name],
        share(score.baselines[name].accuracy),
        small(score.baselines[name].logLoss),
      ]),
    ),
  );
}

function charts({ score, folds, learningCurve }: DirectionDocument, texts: EvaluationTexts): reportParts.Markup {
  const above = (value: number): string => points(value);
  return html`<div class="pair">
    ${dotPlot({
      title: texts.reliability,
      note: texts.reliabilityNote,
      points: score.reliability.map(({ predicted, observed }) => ({ x: predicted - 0.5, y: observed - 0.5 })),
      diagonal: texts.perfect,
      label: above,
    })}${barsChart({
      title: texts.folds,
      bars: folds.map(({ fromMs, accuracy }) => ({
        label: day(fromMs),
        value: accuracy - 0.5,
        look: accuracy >= 0.5 ? 'gain' : 'loss',
      })),
      label: above,
      labelEvery: Math.max(1, Math.ceil(folds.length / 4)),
    })}${
      learningCurve.length === 0
        ? null
        : barsChart({
            title: texts.learning,
            note: texts.learningNote,
            bars: learningCurve.map(({ trainRows, accuracy }) => ({
              label: whole(trainRows),
              value: accuracy.value - 0.5,
              low: accuracy.low - 0.5,
              high: accuracy.high - 0.5,
              look: 'own',
            })),
            label: above,
            labelEvery: 1,
          })
    }
  </div>`;
}

function confusionAndCalibration(
  { score: { confusion }, calibration }: DirectionDocument,
  texts: EvaluationTexts,
): reportParts.Markup {
  const rows = (['platt', 'isotonic'] as const).flatMap((method): readonly (readonly reportParts.Content[])[] => {
    const found = calibration[method];
    if ('absence' in found) return [[method, texts.none, found.absence.reason, '', '']];
    return [
      [
        method,
        texts.before,
        small(found.before.brier),
        small(found.before.logLoss),
        small(found.before.calibrationError),
      ],
      ['', texts.after, small(found.after.brier), small(found.after.logLoss), small(found.after.calibrationError)],
    ];
  });
  return section(
    texts.calibration,
    html`<div class="pair">
      ${table(['', '', texts.brier, texts.logLoss, texts.calibrationError], rows)}${table(
        [texts.confusion, texts.cameUp, texts.cameDown],
        [
          [texts.saidUp, whole(confusion.upUp), whole(confusion.upDown)],
          [texts.saidDown, whole(confusion.downUp), whole(confusion.downDown)],
        ],
      )}
    </div>`,
  );
}

/** Everything that is told of a direction model. */
export function directionSections(
  direction: DirectionDocument,
  { scoring, costs }: EvaluationDocument,
  texts: EvaluationTexts,
): reportParts.Content {
  const { net, judgedNet } = direction;
  return [
    scoreSection(direction, scoring.level, texts),
    charts(direction, texts),
    confusionAndCalibration(direction, texts),
    section(
      `${texts.net}: ${texts.direction}`,
      html`<p>${texts.netWhy((10_000 * costs.roundTripShare).toFixed(1))}</p>`,
      net === null ? html`<p>${texts.nothingTraded}</p>` : netTable(net, judgedNet, texts),
    ),
  ];
}
