import { readFileSync } from 'node:fs';
import {
  approximateAmount,
  formatPrice,
  formatQuantity,
  type BarSeries,
  type Fill,
  type Instrument,
} from '@monsta/core';
import { DEFAULT_BAR_RULES, type BarRules } from '@monsta/matching';
import { Backtest, type BacktestOptions } from '@monsta/simulation/backtest';
import { defineStrategy, type OrderAsk, type StrategyContext } from '@monsta/trading';
import {
  MINUTE_MS,
  START_MS,
  testInstrument,
  testOptions,
  testSeries,
  type TestBar,
} from './backtest-world.test-support.ts';

/** One row of the table. */
export interface Case {
  readonly section: string;
  readonly settings: string;
  readonly number: string;
  readonly bars: string;
  readonly asked: string;
  readonly comes: string;
  readonly why: string;
}

const ROW = /^\| (\d+) \| (.+) \| (.+) \| (.+) \| (.+) \|$/;

/** The rows of the document, with what stands above their table. */
export function casesOf(file: URL): readonly Case[] {
  const cases: Case[] = [];
  let [section, settings] = ['', ''];
  for (const line of readFileSync(file, 'utf8').split('\n')) {
    section = /^## (.+)$/.exec(line)?.[1] ?? section;
    settings = /^`(.+)`$/.exec(line)?.[1] ?? settings;
    const [, number, bars, asked, comes, why] = ROW.exec(line) ?? [];
    if (number === undefined || bars === undefined || asked === undefined || comes === undefined || why === undefined)
      continue;
    cases.push({ section, settings, number, bars, asked, comes, why });
  }
  return cases;
}

const numberIn = (pattern: RegExp, text: string): number | null => {
  const found = pattern.exec(text)?.[1];
  return found === undefined ? null : Number(found);
};

const textIn = (pattern: RegExp, text: string): string => pattern.exec(text)?.[1] ?? '0';

const instrumentOf = (settings: string): Instrument => testInstrument(numberIn(/at least (\d+)/, settings));

function seriesOf(text: string, settings: string): BarSeries {
  const volume = numberIn(/volume of (\d+)/, settings) ?? undefined;
  const bars = text.split(' · ').map((bar): TestBar | null => {
    if (bar === 'missing') return null;
    const [open = Number.NaN, high = open, low = open, close = open] = bar.split(' ').map(Number);
    return [open, high, low, close];
  });
  return testSeries(bars, { instrument: instrumentOf(settings), volume });
}

/** `limit 99`: the number behind a word, where it stands. */
const after = (word: string, ask: string): number | undefined =>
  numberIn(new RegExp(`\\b${word} ([\\d.]+)`), ask) ?? undefined;

const given = (name: string, value: number | string | undefined): object =>
  value === undefined ? {} : { [name]: value };

function orderOf(ask: string): OrderAsk {
  const [, word, size] = /^(buy|sell|short|cover) ([\d.]+)/.exec(ask) ?? [];
  if (word === undefined) throw new Error(`'${ask}' is no order`);
  const side = word === 'buy' || word === 'cover' ? 'buy' : 'sell';
  const [limit, maker, stop, profit, trail] = ['limit', 'maker', 'stop', 'profit', 'trail'].map((word) =>
    after(word, ask),
  );
  const trigger = stop ?? profit;
  const resting = limit ?? maker;
  const waits = trigger !== undefined || trail !== undefined;
  const kind = profit === undefined ? 'stop_loss' : 'take_profit';
  const suffix = resting === undefined ? '' : '_limit';
  const type = waits
    ? (`${kind}${suffix}` as const)
    : maker !== undefined
      ? 'limit_maker'
      : limit === undefined
        ? 'market'
        : 'limit';
  return {
    side,
    type: type,
    quantity: Number(size),
    ...given('limitPrice', resting),
    ...given('stopPrice', trigger),
    ...given('trailingBps', trail),
    ...given('tag', / as (\w+)/.exec(ask)?.[1]),
    ...given('timeInForce', / (ioc|fok)$/.exec(ask)?.[1]),
  };
}

function askFor(context: StrategyContext, ask: string): void {
  const size = numberIn(/^bracket (?:short )?([\d.]+)/, ask);
  if (ask.startsWith('cancel ')) context.cancel(ask.slice('cancel '.length));
  else if (ask === 'close') context.close();
  else if (ask.startsWith('target ')) context.setTarget(Number(ask.slice('target '.length)));
  else if (size === null) context.order(orderOf(ask));
  else
    context.bracket({
      side: ask.startsWith('bracket short') ? 'sell' : 'buy',
      quantity: size,
      ...given('limitPrice', after('limit', ask)),
      ...given('stopPrice', after('stop', ask)),
      ...given('takeProfitPrice', after('target', ask)),
      ...given('trailingBps', after('trail', ask)),
    });
}

/** Asks at each close for what the row says. */
function scripted(asked: string, indexOf: (openTimeMs: number) => number) {
  const asks = new Map<string, readonly string[]>();
  for (const part of asked.split('; ')) {
    const [at = '', what = ''] = part.split(': ');
    asks.set(at, what.split(', '));
  }
  return defineStrategy({
    name: 'case',
    parameters: {},
    intervals: () => ['1m'],
    state: () => ({ filled: false }),
    onBar(context) {
      for (const ask of asks.get(String(indexOf(context.bar.openTimeMs))) ?? []) askFor(context, ask);
    },
    onFill(context) {
      if (!context.state.filled) for (const ask of asks.get('fill') ?? []) askFor(context, ask);
      context.state.filled = true;
    },
  });
}

function optionsOf({ bars, asked, settings }: Case): BacktestOptions {
  const series = seriesOf(bars, settings);
  const feePpm = (numberIn(/fee ([\d.]+) %/, settings) ?? 0) * 10_000;
  const slippagePpm = (numberIn(/slippage (\d+) bps/, settings) ?? 0) * 100;
  const sharePercent = numberIn(/(\d+) % of a volume/, settings);
  const rules: BarRules = {
    ...DEFAULT_BAR_RULES,
    acts: settings.includes('acts close')
      ? 'this-close'
      : settings.includes('acts next close')
        ? 'next-close'
        : 'next-open',
    limits: settings.includes('limits touch') ? 'touch' : 'through',
    volumeSharePpm: sharePercent === null ? null : sharePercent * 10_000,
    slippage: slippagePpm === 0 ? { kind: 'none' } : { kind: 'rate', ppm: slippagePpm },
  };
  const strategy = scripted(asked, (openMs) => (openMs - START_MS) / MINUTE_MS);
  return testOptions({
    strategy,
    series: [series],
    cash: '1000',
    rules,
    feePpm,
    feesFrom: settings.includes('received') ? 'received' : 'quote',
    feesOn: settings.includes('on entries') ? 'entry' : 'both',
    commission: {
      perOrder: textIn(/of ([\d.]+) an order/, settings),
      perUnit: textIn(/of ([\d.]+) a unit/, settings),
      minimum: textIn(/no less than ([\d.]+)/, settings),
    },
    shorts: settings.includes('short against'),
    sizedAtFill: settings.includes('sized at the fill'),
    endOfData: settings.includes('end close') ? 'close' : settings.includes('end open') ? 'open' : 'mark',
  });
}

/** When something happened, in the words of the table. */
function momentOf(tsUs: number, { bars, settings }: Case): string {
  const actsAtClose = /acts (next )?close/.test(settings);
  const minutes = (tsUs / 1_000 - START_MS) / MINUTE_MS;
  const bar = Math.floor(minutes);
  const last = bars.split(' · ').length - 1;
  if (bar > last && !actsAtClose) return `${last} end`;
  if (bar !== minutes) return `${bar} inside`;
  return actsAtClose ? `${bar - 1} close` : `${bar} open`;
}

const short = (text: string): string => (text.includes('.') ? text.replace(/\.?0+$/, '') : text);

const fillText = ({ side, quantity: size, price, tsEventUs }: Fill, instrument: Instrument, row: Case): string =>
  `${momentOf(tsEventUs, row)}: ${side} ${short(formatQuantity(size, instrument))} @ ${short(formatPrice(price, instrument))}`;

/** What comes of a row, in the words of its own column: the fills, and of the end as much as the row speaks of. */
export function outcomeOf(row: Case): string {
  const options = optionsOf(row);
  const backtest = new Backtest(options);
  while (backtest.step(1_000));
  const { fills, curve, trades } = backtest.outcome();
  const instrument = instrumentOf(row.settings);
  const said = fills.map((fill) => fillText(fill, instrument, row));
  const cash = backtest.kernel.account().balances.find(({ asset }) => asset === 'USDT');
  const money = cash === undefined ? Number.NaN : approximateAmount(cash.free) + approximateAmount(cash.locked);
  if (row.comes.includes('cash ')) said.push(`cash ${money}`);
  if (row.comes.includes('equity ')) said.push(`equity ${curve.equity.at(-1)}`);
  if (row.comes.includes('open ') && /; open \d/.test(row.comes))
    said.push(`open ${trades.filter(({ closedMs }) => closedMs === null).length}`);
  return said.length === 0 ? 'nothing' : said.join('; ');
}
