const polynomial = (coefficients: readonly number[], x: number): number =>
  coefficients.reduceRight((sum, coefficient) => sum * x + coefficient, 0);

/** Beyond this the rational approximation gives way to a continued fraction. */
const TAIL = 7.07106781186547;
const SQRT_TWO_PI = Math.sqrt(2 * Math.PI);

const CDF_ABOVE = [
  220.206867912376, 221.213596169931, 112.079291497871, 33.912866078383, 6.37396220353165, 0.700383064443688,
  0.0352624965998911,
];
const CDF_BELOW = [
  440.413735824752, 793.826512519948, 637.333633378831, 296.564248779674, 86.7807322029461, 16.064177579207,
  1.75566716318264, 0.0883883476483184,
];

/** Probability that a standard normal variable is at most `x`; right to 10⁻¹⁴. (Hart 1968, as given by West, "Better approximations to cumulative normal functions", Wilmott 2005.) */
export function normalCdf(x: number): number {
  const size = Math.abs(x);
  if (Number.isNaN(x)) return Number.NaN;
  if (size > 37) return x > 0 ? 1 : 0;
  const density = Math.exp(-(size * size) / 2);
  const upper =
    size < TAIL
      ? (density * polynomial(CDF_ABOVE, size)) / polynomial(CDF_BELOW, size)
      : density / (size + 1 / (size + 2 / (size + 3 / (size + 4 / (size + 0.65))))) / SQRT_TWO_PI;
  return x > 0 ? 1 - upper : upper;
}

const MIDDLE_ABOVE = [
  3.3871328727963665, 133.14166789178438, 1971.5909503065513, 13731.69376550946, 45921.95393154987, 67265.7709270087,
  33430.57558358813, 2509.0809287301227,
];
const MIDDLE_BELOW = [
  1, 42.31333070160091, 687.1870074920579, 5394.196021424751, 21213.794301586597, 39307.89580009271, 28729.085735721943,
  5226.495278852854,
];
const NEAR_ABOVE = [
  1.4234371107496835, 4.630337846156546, 5.769497221460691, 3.6478483247632045, 1.2704582524523684, 0.2417807251774506,
  0.022723844989269184, 0.0007745450142783414,
];
const NEAR_BELOW = [
  1, 2.053191626637759, 1.6763848301838038, 0.6897673349851, 0.14810397642748008, 0.015198666563616457,
  0.0005475938084995345, 1.0507500716444169e-9,
];
const FAR_ABOVE = [
  6.657904643501103, 5.463784911164114, 1.7848265399172913, 0.29656057182850487, 0.026532189526576124,
  0.0012426609473880784, 2.7115555687434876e-5, 2.0103343992922881e-7,
];
const FAR_BELOW = [
  1, 0.599832206555888, 0.1369298809227358, 0.014875361290850615, 0.0007868691311456133, 1.8463183175100548e-5,
  1.421511758316446e-7, 2.0442631033899397e-15,
];

/** The value that a standard normal variable stays below with probability `p`; −Infinity at 0, Infinity at 1, right to about 10⁻¹⁵. (Wichura 1988, algorithm AS 241.) */
export function normalQuantile(p: number): number {
  if (!(p >= 0 && p <= 1)) return Number.NaN;
  if (p === 0) return -Infinity;
  if (p === 1) return Infinity;
  const centred = p - 0.5;
  if (Math.abs(centred) <= 0.425) {
    const rest = 0.180625 - centred * centred;
    return (centred * polynomial(MIDDLE_ABOVE, rest)) / polynomial(MIDDLE_BELOW, rest);
  }
  const depth = Math.sqrt(-Math.log(centred < 0 ? p : 1 - p));
  const size =
    depth <= 5
      ? polynomial(NEAR_ABOVE, depth - 1.6) / polynomial(NEAR_BELOW, depth - 1.6)
      : polynomial(FAR_ABOVE, depth - 5) / polynomial(FAR_BELOW, depth - 5);
  return centred < 0 ? -size : size;
}
