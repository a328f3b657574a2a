/** Coefficients of Lanczos' approximation with g = 7 (as in Numerical Recipes, 3rd edition, 6.1): right to 10⁻¹⁵. */
const LANCZOS = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
  12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
];
const STEPS_MAX = 10_000;
const PRECISION = 1e-16;

function logGamma(a: number): number {
  const shifted = a - 1;
  const base = shifted + 7.5;
  let sum = LANCZOS[0] ?? 0;
  for (let index = 1; index < LANCZOS.length; index += 1) sum += (LANCZOS[index] ?? 0) / (shifted + index);
  return 0.5 * Math.log(2 * Math.PI) + (shifted + 0.5) * Math.log(base) - base + Math.log(sum);
}

/** P(a, x) by its series, for x below a + 1. */
function lowerGamma(a: number, x: number): number {
  let term = 1 / a;
  let sum = term;
  for (let step = 1; step < STEPS_MAX && term > sum * PRECISION; step += 1) {
    term *= x / (a + step);
    sum += term;
  }
  return sum * Math.exp(a * Math.log(x) - x - logGamma(a));
}

/** Q(a, x) by its continued fraction (Lentz), for x from a + 1 on. */
function upperGamma(a: number, x: number): number {
  let b = x + 1 - a;
  let c = 1 / Number.MIN_VALUE;
  let d = 1 / b;
  let product = d;
  for (let step = 1; step < STEPS_MAX; step += 1) {
    const factor = -step * (step - a);
    b += 2;
    d = 1 / (factor * d + b);
    c = b + factor / c;
    product *= d * c;
    if (Math.abs(d * c - 1) < PRECISION) break;
  }
  return product * Math.exp(a * Math.log(x) - x - logGamma(a));
}

/** Probability that a χ² variable of so many degrees of freedom (above 0) is larger than `x`: Q(degrees ÷ 2, x ÷ 2), the regularised incomplete gamma function. */
export function chiSquaredAbove(x: number, degrees: number): number {
  if (Number.isNaN(x) || !(degrees > 0)) return Number.NaN;
  if (x <= 0) return 1;
  const [a, half] = [degrees / 2, x / 2];
  return Math.min(1, Math.max(0, half < a + 1 ? 1 - lowerGamma(a, half) : upperGamma(a, half)));
}
