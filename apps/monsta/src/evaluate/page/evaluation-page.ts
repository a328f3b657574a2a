import { reportParts, type ReportLanguage } from '@monsta/simulation';
import type { Judged } from '@monsta/models';
import type { EvaluationDocument } from '../document.ts';
import { directionSections } from './direction-sections.ts';
import { between, bps, points } from './figures.ts';
import { returnSections } from './return-sections.ts';
import { evaluationTexts, type EvaluationTexts } from './texts.ts';

const { day, html, minute, page, percent, section, table, whole } = reportParts;

/** Why there is a vote or none, in a sentence. */
function reason(skill: Judged, net: Judged | null, texts: EvaluationTexts): string {
  if (!(skill.corrected.low > 0)) return `${texts.noSkill} ${between(skill.corrected, points)} ${texts.inPoints}.`;
  if (net === null) return texts.noTrades;
  return net.corrected.low > 0 ? texts.voteWhy : `${texts.noNet} ${between(net.corrected, bps)} ${texts.inBps}.`;
}

function verdict({ direction }: EvaluationDocument, texts: EvaluationTexts): reportParts.Content {
  if (direction === null) return null;
  const { hasVote, score, judgedNet } = direction;
  return html`<div class="verdict ${hasVote ? 'some' : 'none'}">
    <strong>${hasVote ? texts.vote : texts.noVote}</strong><br />${reason(score.skill.best, judgedNet, texts)}
  </div>`;
}

function looksSection({ looks, scoring }: EvaluationDocument, texts: EvaluationTexts): reportParts.Markup {
  const corrected = percent(scoring.correctedLevel, scoring.correctedLevel > 0.99 ? 3 : 2);
  return section(
    texts.looksTitle,
    html`<p>
      ${texts.looks(whole(looks.look), whole(looks.looks))} ${texts.looksWhy(percent(scoring.level, 1), corrected)}
    </p>`,
    looks.earlier.length === 0
      ? null
      : html`<p>
          <small
            >${texts.earlier}:
            ${looks.earlier
              .slice(-20)
              .map(({ atMs, model }) => `${model} ${day(atMs)}`)
              .join(', ')}</small
          >
        </p>`,
  );
}

function dataSection(document: EvaluationDocument, texts: EvaluationTexts): reportParts.Markup {
  const { features, dropped, bars, direction, others, returns } = document;
  const { own, unknown, leakGate } = features;
  const parameters = [direction, returns].flatMap((each) => (each === null ? [] : [each.executor]));
  return section(
    texts.dataTitle,
    html`<p>
      ${texts.features(whole(features.columns), `${features.set} ${features.version}`, features.hash)}
      ${unknown.length === 0 ? null : `${texts.unknown} ${unknown.join(', ')}. `}
      ${own.length === 0 ? null : `${texts.own} ${own.join(', ')}. `}${texts.gate(whole(leakGate.barsChecked), whole(leakGate.comparisons))}
      ${bars.missing === 0 ? null : texts.missing(whole(bars.missing))}
      ${others.map(({ instrument, source, count, absent }) => `${texts.others(instrument, source, whole(count), whole(absent))} `)}
    </p>`,
    table(
      [texts.droppedTitle, ''],
      (Object.keys(texts.dropped) as (keyof typeof dropped)[]).map((name) => [
        texts.dropped[name],
        whole(dropped[name]),
      ]),
    ),
    parameters.map(({ name, parameters: given }) => html`<pre>${name} ${JSON.stringify(given, null, 1)}</pre>`),
  );
}

/** An evaluation as one HTML file that stands alone: no script, no network, light and dark. What comes from outside is escaped. */
export function renderEvaluation(document: EvaluationDocument, language: ReportLanguage): string {
  const texts = evaluationTexts(language);
  const { model, instrument, interval, horizonMs, bars, rows, createdMs, version } = document;
  const { direction, returns } = document;
  const ahead = texts.ahead(texts.hours(horizonMs / 3_600_000));
  const heading = `${model} · ${instrument} ${interval} · ${ahead}`;
  return page(`${texts.title}: ${heading}`, language, [
    html`<header>
      <h1>${heading}</h1>
      <p class="dim">
        ${texts.title} · ${bars.source}, ${day(bars.fromMs)} – ${day(bars.toMs)} UTC,
        ${texts.span(whole(bars.count), whole(rows))} · ${texts.madeAt} ${minute(createdMs)} UTC · MONSTA ${version}
      </p>
      ${verdict(document, texts)}
    </header>`,
    looksSection(document, texts),
    direction === null ? null : directionSections(direction, document, texts),
    returns === null ? null : returnSections(returns, document, texts),
    dataSection(document, texts),
    html`<p><small>${texts.definitions}</small></p>`,
  ]);
}
