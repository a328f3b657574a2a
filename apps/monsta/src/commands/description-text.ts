import type { DataDescription } from '@monsta/contracts';

type Stationarity = DataDescription['stationarity']['returns'];
type Groups = DataDescription['seasonality']['hours'];

const UNKNOWN = 'unknown';
const WEEKDAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'];

const moment = (ms: number): string => new Date(ms).toISOString().slice(0, 16).replace('T', ' ');
const number = (value: number | null | undefined, digits = 3): string =>
  value === null || value === undefined ? UNKNOWN : String(Number(value.toPrecision(digits)));
const percent = (value: number | null | undefined, digits = 2): string =>
  value === null || value === undefined ? UNKNOWN : `${(value * 100).toFixed(digits)} %`;
const probability = (p: number): string => (p < 0.0001 ? '< 0.0001' : p.toFixed(4));

const VERDICTS = {
  stationary: 'stationary',
  unit_root: 'a unit root is not rejected, a stable level is',
  both_rejected: 'a unit root and a stable level are both rejected',
  neither_rejected: 'undecided, nothing is rejected',
} as const;

function originLine({ source, simulated }: DataDescription): string {
  if (source.kind === 'file') return `from the file ${source.file ?? ''}, which does not say where its bars come from`;
  return `from the catalogue of ${source.market ?? ''}${simulated === true ? ': SIMULATED, these prices were generated' : ''}`;
}

function distributionLines({ distribution, returns }: DataDescription): readonly string[] {
  const { mean, meanStandardError, deviation, skewness, excessKurtosis, jarqueBera, quantiles } = distribution;
  return [
    `returns: ${returns.count}, ${returns.overGaps} over gaps left out, ${returns.zero} of zero`,
    `  mean ${percent(mean, 5)} ± ${percent(meanStandardError, 5)}, standard deviation ${percent(deviation, 4)}, from ${percent(distribution.min)} to ${percent(distribution.max)}`,
    `  skewness ${number(skewness)}, excess kurtosis ${number(excessKurtosis)}, Jarque–Bera ${jarqueBera === null ? UNKNOWN : `${number(jarqueBera.statistic)} (p ${probability(jarqueBera.p)})`}`,
    `  quantiles ${quantiles.map(({ share, value }) => `${share * 100} %: ${percent(value, 3)}`).join(', ')}`,
  ];
}

function tailLines({ tails }: DataDescription): readonly string[] {
  const sides = [
    ['losses', tails.lower],
    ['gains', tails.upper],
  ] as const;
  return [
    'tails',
    ...sides.flatMap(([name, { hill, risk }]) => [
      `  ${name}: index ${hill.length === 0 ? UNKNOWN : hill.map(({ share, order, index, standardError }) => `${number(index)} ± ${number(standardError, 2)} (outer ${share * 100} %, k ${order})`).join(', ')}`,
      ...risk.map(
        ({ level, valueAtRisk, expectedShortfall, normalValueAtRisk }) =>
          `  ${name} ${level * 100} %: VaR ${percent(valueAtRisk)} (a normal: ${percent(normalValueAtRisk)}), expected shortfall ${percent(expectedShortfall)}`,
      ),
    ]),
    ...tails.largest
      .slice(0, 5)
      .map(
        (move) =>
          `  ${percent(Math.expm1(move.return))} at ${moment(move.closeTimeMs)}, ${move.fromPrice} to ${move.toPrice}`,
      ),
  ];
}

function stationarityLine(name: string, { adf, kpss, verdict }: Stationarity): string {
  const bound = kpss === null ? '' : { at_most: '≤ ', at_least: '≥ ', interpolated: '' }[kpss.pIs];
  return [
    `  ${name}: ${verdict === null ? UNKNOWN : VERDICTS[verdict]}`,
    adf === null ? `ADF ${UNKNOWN}` : `ADF ${number(adf.statistic)} (p ${probability(adf.p)}, ${adf.lags} lags)`,
    kpss === null
      ? `KPSS ${UNKNOWN}`
      : `KPSS ${number(kpss.statistic)} (p ${bound}${kpss.p.toFixed(4)}, ${kpss.lags} lags)`,
  ].join('; ');
}

function correlationLines({ autocorrelation, varianceRatios }: DataDescription): readonly string[] {
  const { returns, absolute, squared, band } = autocorrelation;
  const parts = [
    ['returns', returns],
    ['|returns|', absolute],
    ['returns²', squared],
  ] as const;
  return [
    `autocorrelation (95 % of white noise within ±${number(band)})`,
    ...parts.map(([name, found]) => {
      if (found === null) return `  of ${name}: ${UNKNOWN}`;
      const [box, robust] = [found.ljungBox.at(-1), found.robust.at(-1)];
      const told = found.values
        .slice(0, 3)
        .map((value) => number(value))
        .join(', ');
      return `  of ${name}: ${told} at lags 1–3; up to lag ${found.values.length} Ljung–Box p ${box === undefined ? UNKNOWN : probability(box.p)}, robust p ${robust === undefined ? UNKNOWN : probability(robust.p)}`;
    }),
    `  variance ratios: ${varianceRatios.length === 0 ? UNKNOWN : varianceRatios.map(({ bars, ratio, p }) => `${bars} bars ${number(ratio)} (p ${probability(p)})`).join(', ')}`,
  ];
}

function seasonLine(what: string, groups: Groups, nameOf: (of: number) => string): string {
  if (groups === null) return `  by ${what}: ${UNKNOWN}`;
  const known = groups.groups.flatMap(({ of, meanAbsolute }) => (meanAbsolute === null ? [] : [{ of, meanAbsolute }]));
  const sorted = known.toSorted((one, other) => one.meanAbsolute - other.meanAbsolute);
  const [least, most] = [sorted[0], sorted.at(-1)];
  const sizes =
    least === undefined || most === undefined
      ? UNKNOWN
      : `quietest ${nameOf(least.of)} (mean |return| ${percent(least.meanAbsolute, 3)}), liveliest ${nameOf(most.of)} (${percent(most.meanAbsolute, 3)})`;
  const { equalMeans } = groups;
  const means =
    equalMeans === null
      ? UNKNOWN
      : `χ²(${equalMeans.degrees}) ${number(equalMeans.statistic)}, p ${probability(equalMeans.p)}`;
  return `  by ${what}: ${sizes}; equal mean returns: ${means}`;
}

function missingLines({ missing }: DataDescription): readonly string[] {
  const { zeroVolume } = missing;
  return [
    `missing: ${missing.missing} of ${missing.expected} bars, in ${missing.gaps} gaps; ${zeroVolume.bars} bars without volume, in ${zeroVolume.runs} runs`,
    ...missing.longest
      .slice(0, 5)
      .map(({ beforeMs, afterMs, missing: lost }) => `  ${lost} between ${moment(beforeMs)} and ${moment(afterMs)}`),
    ...missing.years
      .filter((year) => year.missing > 0)
      .map(
        ({ year, missing: lost, expected, gapsBegun }) => `  ${year}: ${lost} of ${expected}, ${gapsBegun} gaps begun`,
      ),
  ];
}

/** A description in short, for a terminal: the document and the page have all of it. */
export function descriptionText(description: DataDescription): string {
  const { instrument, interval, fromMs, toMs, bars, price, stationarity, volatility, seasonality, unknown } =
    description;
  const { daily } = volatility;
  return [
    `${instrument} ${interval}: ${bars} bars from ${moment(fromMs)} to ${moment(toMs)} UTC, ${price.first} to ${price.last}, lowest ${price.low}, highest ${price.high}`,
    originLine(description),
    ...distributionLines(description),
    ...tailLines(description),
    'stationarity',
    stationarityLine('log price', stationarity.logPrice),
    stationarityLine('returns', stationarity.returns),
    ...correlationLines(description),
    `volatility: ${percent(volatility.annualised, 1)} annualised; of whole days ${daily === null ? UNKNOWN : `median ${percent(daily.median, 1)}, highest ${percent(daily.highest.value, 1)} on ${moment(daily.highest.dayMs).slice(0, 10)} (${daily.days} days, ${daily.leftOut} left out)`}`,
    'seasonality (UTC)',
    seasonLine('hour', seasonality.hours, (of) => `${String(of).padStart(2, '0')}:00`),
    seasonLine('weekday', seasonality.weekdays, (of) => WEEKDAYS[of - 1] ?? String(of)),
    ...missingLines(description),
    ...unknown.map(
      ({ figure, reason, needed, given }) =>
        `unknown: ${figure}: ${reason}${needed === null || given === null ? '' : ` (needs ${needed}, there are ${given})`}`,
    ),
  ].join('\n');
}
