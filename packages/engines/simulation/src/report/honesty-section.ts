import type { Honesty } from '../statistics/honesty.ts';
import { percent, plain, whole } from './format.ts';
import { html, type Markup } from './markup.ts';
import { section } from './page.ts';
import type { BacktestRun } from './run.ts';
import type { ReportTexts } from './texts.ts';

/** A probability; what rounds to nothing or to certainty is said to be below or above. */
export function probability(share: number | null): string {
  if (share !== null && share > 0 && share < 0.0005) return `< ${percent(0.0005)}`;
  if (share !== null && share < 1 && share > 0.9995) return `> ${percent(0.9995)}`;
  return percent(share, 1);
}

export const verdictBox = ({ verdict }: Honesty, texts: ReportTexts, more: string | null = null): Markup =>
  html`<div class="verdict ${verdict}">
    <strong>${texts.verdicts[verdict]}</strong>${more === null ? null : html`<br />${more}`}
  </div>`;

/** Why the verdict is what it is, in a sentence. */
export function reasonOf({ honesty, statistics }: BacktestRun, texts: ReportTexts): string {
  switch (honesty.verdict) {
    case 'too-little':
      return texts.little(whole(honesty.days), whole(statistics.trades));
    case 'not-above-holding':
      return holdingSentence(honesty, texts);
    case 'none':
    case 'some':
      return trialsSentence(honesty, texts);
  }
}

function holdingSentence({ againstHolding }: Honesty, texts: ReportTexts): string {
  if (againstHolding === null) return texts.holdingUnknown;
  const { excessGrowth, pValue } = againstHolding;
  const [excess, low, high] = [excessGrowth.value, excessGrowth.low, excessGrowth.high].map((each) => percent(each, 1));
  return texts.holdingAhead(excess ?? '', low ?? '', high ?? '', probability(pValue));
}

/** What the number of trials does to the Sharpe ratio. */
function trialsSentence({ trials, luckySharpe, sharpeDaily }: Honesty, texts: ReportTexts): string {
  if (trials <= 1) return texts.onlyTrial;
  if (luckySharpe === null) return texts.trialsUnknown(whole(trials));
  return texts.trialsTell(whole(trials), plain(luckySharpe), plain(sharpeDaily));
}

export function honestySection({ honesty, statistics }: BacktestRun, texts: ReportTexts): Markup {
  const { tradeOrder, minimumTrackRecordDays } = honesty;
  const days = whole(honesty.days);
  const sentences = [trialsSentence(honesty, texts)];
  if (honesty.verdict === 'too-little') sentences.unshift(texts.little(days, whole(statistics.trades)));
  const [deflated, single] = [probability(honesty.deflatedSharpe), probability(honesty.probabilisticSharpe)];
  if (honesty.trials > 1) {
    if (honesty.deflatedSharpe !== null) sentences.push(texts.deflated(deflated));
    if (honesty.probabilisticSharpe !== null) sentences.push(texts.probabilistic(single));
  } else if (honesty.probabilisticSharpe !== null) sentences.push(texts.alone(single));
  if (minimumTrackRecordDays !== null)
    sentences.push(texts.trackRecord(whole(Math.ceil(minimumTrackRecordDays)), days));
  else if (honesty.sharpeDaily !== null) sentences.push(texts.noTrackRecord);
  sentences.push(holdingSentence(honesty, texts));
  if (tradeOrder !== null) {
    const { measured, median, worst95, worst99, orders } = tradeOrder;
    const [a, b, c, d] = [measured, median, worst95, worst99].map((each) => percent(each, 1));
    sentences.push(texts.order(a ?? '', b ?? '', c ?? '', d ?? '', whole(orders)));
  }
  sentences.push(texts.pastOnly);
  return section(
    texts.honesty,
    verdictBox(honesty, texts),
    html`<ul>
      ${sentences.map((sentence) => html`<li>${sentence}</li>`)}
    </ul>`,
  );
}
