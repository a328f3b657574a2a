import { reportParts } from '@monsta/simulation';
import type { EvaluationDocument, ReturnDocument } from '../document.ts';
import { between, figuresTable, netTable, share, tiny, type FigureRow } from './figures.ts';
import type { EvaluationTexts } from './texts.ts';

const { barsChart, html, section, table, whole } = reportParts;

const BASELINES = ['zero', 'mean', 'last'] as const;
const SKILLS = [...BASELINES, 'best'] as const;

function conformalTable({ conformal }: ReturnDocument, texts: EvaluationTexts): reportParts.Content {
  const known = [conformal.split, conformal.rolling].flatMap((each) => (each === null ? [] : [each]));
  if (known.length === 0) return html`<p>${texts.tooFew}</p>`;
  return table(
    [texts.method, texts.wanted, texts.coverage, texts.halfWidth, texts.latest],
    known.map((each) => [
      texts.methods[each.method],
      share(each.wanted),
      `${share(each.coverage.value)} (${between(each.coverage, share)})`,
      tiny(each.meanHalfWidth.value),
      tiny(each.latestHalfWidth),
    ]),
  );
}

/** Everything that is told of a model of log returns. */
export function returnSections(
  returns: ReturnDocument,
  { scoring, costs }: EvaluationDocument,
  texts: EvaluationTexts,
): reportParts.Content {
  const { executor, score, net, judgedNet, learningCurve } = returns;
  const rows: readonly FigureRow[] = [
    [texts.mae, score.mae, tiny],
    [texts.rmse, score.rmse, tiny],
    [texts.r2, score.r2, share],
    ...SKILLS.map((name): FigureRow => [`${texts.rmseSaved} ${texts.overReturns[name]}`, score.skill[name], tiny]),
    ...SKILLS.map((name): FigureRow => [`${texts.maeSaved} ${texts.overReturns[name]}`, score.maeSkill[name], tiny]),
  ];
  return [
    section(
      `${texts.returns}: ${executor.name}`,
      figuresTable(rows, scoring.level, texts),
      html`<h3>${texts.baseline}</h3>`,
      table(
        [texts.baseline, texts.mae, texts.rmse],
        BASELINES.map((name) => [
          texts.baselines[name],
          tiny(score.baselines[name].mae),
          tiny(score.baselines[name].rmse),
        ]),
      ),
      learningCurve.length === 0
        ? null
        : barsChart({
            title: texts.learningReturns,
            note: texts.learningNote,
            bars: learningCurve.map(({ trainRows, rmse }) => ({
              label: whole(trainRows),
              value: rmse.value,
              low: rmse.low,
              high: rmse.high,
              look: 'own',
            })),
            label: tiny,
            labelEvery: 1,
          }),
      html`<h3>${texts.conformal}</h3>`,
      conformalTable(returns, texts),
    ),
    section(
      `${texts.net}: ${texts.returns}`,
      html`<p>${texts.netWhyReturns((10_000 * costs.roundTripShare).toFixed(1))}</p>`,
      net === null ? html`<p>${texts.nothingTraded}</p>` : netTable(net, judgedNet, texts),
    ),
  ];
}
