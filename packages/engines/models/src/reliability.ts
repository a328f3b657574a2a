/** Neighbouring forecasts taken together: what they said on average, and the share of them after which the price rose. */
export interface ReliabilityBin {
  readonly rows: number;
  readonly predicted: number;
  readonly observed: number;
}

/** How good probabilities are. */
export interface ForecastQuality {
  /** Mean negative log likelihood, natural logarithm. */
  readonly logLoss: number;
  /** Mean squared distance of the probability from what happened. */
  readonly brier: number;
  /** Expected calibration error: the distance of `predicted` and `observed`, weighted by the rows of the bins. */
  readonly calibrationError: number;
  readonly bins: readonly ReliabilityBin[];
}

/** A probability this near to certain is scored as if it were this far from it, so that one miss does not make the loss infinite. */
const PROBABILITY_MARGIN = 1e-15;
const ROWS_PER_STEP = 16_000;

/** Negative log likelihood of what was said about what happened: `said` is the probability of that. */
export const logLossOf = (said: number): number => -Math.log(Math.min(Math.max(said, PROBABILITY_MARGIN), 1));

/** The probabilities that part bins of equally many forecasts (equal widths would leave most empty where all forecasts are near one half; K. Nguyen and B. O'Connor, 2015). */
export function reliabilityEdges(probabilities: Float64Array, bins = 10): readonly number[] {
  const sorted = Float64Array.from(probabilities).sort();
  return Array.from({ length: bins - 1 }, (_, index) => sorted[Math.floor(((index + 1) * sorted.length) / bins)] ?? 1);
}

/** Which bin a probability is in; equal ones are always in the same. */
export function reliabilityBin(edges: readonly number[], probability: number): number {
  let bin = 0;
  while (bin < edges.length && probability >= (edges[bin] ?? 1)) bin += 1;
  return bin;
}

/**
 * Scores probabilities against what happened. The bins hold equally many forecasts; those without any are left out. Even perfect forecasts have a calibration error above 0: about
 * 0.4 / √(rows a bin), from chance alone. In steps.
 */
export function* forecastQualitySteps(
  probabilities: Float64Array,
  up: Uint8Array,
  bins = 10,
): Generator<void, ForecastQuality> {
  const rows = probabilities.length;
  const edges = reliabilityEdges(probabilities, bins);
  yield;
  const sums = Array.from({ length: bins }, () => ({ rows: 0, said: 0, risen: 0 }));
  let [logLoss, squares] = [0, 0];
  for (let row = 0; row < rows; row += 1) {
    const probability = probabilities[row] ?? Number.NaN;
    const rose = up[row] === 1;
    const said = rose ? probability : 1 - probability;
    logLoss += logLossOf(said);
    squares += (1 - said) * (1 - said);
    const sum = sums[reliabilityBin(edges, probability)];
    if (sum === undefined) continue;
    sum.rows += 1;
    sum.said += probability;
    sum.risen += rose ? 1 : 0;
    if ((row + 1) % ROWS_PER_STEP === 0) yield;
  }
  const filled = sums.filter((sum) => sum.rows > 0);
  const distance = filled.reduce((total, { said, risen }) => total + Math.abs(said - risen), 0);
  return {
    logLoss: logLoss / rows,
    brier: squares / rows,
    calibrationError: distance / rows,
    bins: filled.map(({ rows: count, said, risen }) => ({
      rows: count,
      predicted: said / count,
      observed: risen / count,
    })),
  };
}
