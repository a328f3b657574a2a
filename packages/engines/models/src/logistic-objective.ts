const at = (values: Float64Array, index: number): number => values[index] ?? Number.NaN;

/** `ln(1 + e^x)` without overflow. */
export const softplus = (x: number): number => (x > 0 ? x + Math.log1p(Math.exp(-x)) : Math.log1p(Math.exp(x)));

/** `1 / (1 + e^−x)` without overflow. */
export function sigmoid(x: number): number {
  if (x >= 0) return 1 / (1 + Math.exp(-x));
  const power = Math.exp(x);
  return power / (1 + power);
}

/** Standardised rows, row-major `rows × width`, and their classes. */
export interface LogisticRows {
  readonly rows: number;
  readonly width: number;
  readonly values: Float64Array;
  readonly up: Uint8Array;
}

/** Where the derivatives are added up: `width` weights, then the intercept. Only the lower triangle of `hessian` is written. */
export interface LogisticDerivatives {
  readonly gradient: Float64Array;
  readonly hessian: Float64Array;
}

function linear(data: LogisticRows, row: number, parameters: Float64Array): number {
  const { width, values } = data;
  let sum = at(parameters, width);
  for (let column = 0; column < width; column += 1) sum += at(parameters, column) * at(values, row * width + column);
  return sum;
}

/** Sum of the log losses of the rows `from … to − 1`; their derivatives are added to `derivatives`. */
export function addLogLoss(
  data: LogisticRows,
  from: number,
  to: number,
  parameters: Float64Array,
  derivatives: LogisticDerivatives | null,
): number {
  const { width, values, up } = data;
  const size = width + 1;
  let loss = 0;
  for (let row = from; row < to; row += 1) {
    const score = linear(data, row, parameters);
    const rose = up[row] === 1;
    loss += softplus(rose ? -score : score);
    if (derivatives === null) continue;
    const { gradient, hessian } = derivatives;
    const probability = sigmoid(score);
    const slope = probability - (rose ? 1 : 0);
    const curvature = probability * (1 - probability);
    const start = row * width;
    for (let column = 0; column < width; column += 1) {
      const value = at(values, start + column);
      gradient[column] = at(gradient, column) + slope * value;
      const weighted = curvature * value;
      const line = column * size;
      for (let other = 0; other <= column; other += 1)
        hessian[line + other] = at(hessian, line + other) + weighted * at(values, start + other);
      hessian[width * size + column] = at(hessian, width * size + column) + weighted;
    }
    gradient[width] = at(gradient, width) + slope;
    hessian[size * size - 1] = at(hessian, size * size - 1) + curvature;
  }
  return loss;
}

/** `l2 / 2 · |weights|²` (the intercept is free); its derivatives are added to `derivatives`. */
export function addPenalty(
  width: number,
  parameters: Float64Array,
  l2: number,
  derivatives: LogisticDerivatives | null,
): number {
  let squares = 0;
  for (let column = 0; column < width; column += 1) {
    const weight = at(parameters, column);
    squares += weight * weight;
    if (derivatives === null) continue;
    derivatives.gradient[column] = at(derivatives.gradient, column) + l2 * weight;
    const diagonal = column * (width + 1) + column;
    derivatives.hessian[diagonal] = at(derivatives.hessian, diagonal) + l2;
  }
  return (l2 / 2) * squares;
}
