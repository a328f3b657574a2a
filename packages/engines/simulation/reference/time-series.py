"""Reference values of the statistics of time series, for the tests beside them.

Made with statsmodels 0.13.5, scipy 1.10.1 and numpy 1.24.2 (Debian 12):

    apt-get install python3-statsmodels
    /usr/bin/python3 packages/engines/simulation/reference/time-series.py > packages/engines/simulation/reference/time-series.json

With the path of a file of hourly bars (openTimeMs, …, close, …; gzip) it prints, instead, what tests/commands/data-describe.test.ts
holds the real ones to.

What statsmodels has no word for (gaps, robust errors, Hill, variance ratios) is worked out here from its definition by
plain loops and least squares, another way than the engine goes.
"""

import csv
import gzip
import json
import math
import sys
import warnings

import numpy as np
from scipy import stats
from statsmodels.stats.diagnostic import acorr_ljungbox
from statsmodels.stats.stattools import jarque_bera
from statsmodels.tsa.stattools import acf, adfuller, kpss

warnings.simplefilter("ignore")


def noise(seed, count):
    """Sums of twelve uniform numbers less 6, from the generator of Numerical Recipes; the tests draw the same."""
    state, drawn = seed, []
    for _ in range(count):
        total = 0.0
        for _ in range(12):
            state = (1664525 * state + 1013904223) % 2**32
            total += state / 2**32
        drawn.append(total - 6)
    return drawn


def walk(seed, count):
    level, levels = 0.0, []
    for each in noise(seed, count):
        level += each
        levels.append(level)
    return np.array(levels)


def autoregression(seed, count, share):
    level, levels = 0.0, []
    for each in noise(seed, count):
        level = share * level + each
        levels.append(level)
    return np.array(levels)


def clustered(seed, count):
    variance, value, values = 1.0, 0.0, []
    for each in noise(seed, count):
        variance = 0.1 + 0.2 * value * value + 0.75 * variance
        value = math.sqrt(variance) * each
        values.append(value)
    return np.array(values)


def tests_of(series):
    most = int(12 * (len(series) / 100) ** 0.25)
    statistic, p, lags, observations, critical, _ = adfuller(series, maxlag=most, regression="c", autolag="AIC")
    level, level_p, level_lags, _ = kpss(series, regression="c", nlags="legacy")
    box = acorr_ljungbox(series, lags=list(range(1, 25)))
    jb, jb_p, skew, kurtosis = jarque_bera(series)
    return {
        "adf": {
            "statistic": statistic,
            "p": p,
            "lags": lags,
            "lagsMax": most,
            "observations": observations,
            "critical": [critical["1%"], critical["5%"], critical["10%"]],
        },
        "kpss": {"statistic": level, "p": level_p, "lags": level_lags},
        "acf": acf(series, nlags=24, adjusted=False, fft=False)[1:].tolist(),
        "ljungBox": box["lb_stat"].tolist(),
        "ljungBoxP": box["lb_pvalue"].tolist(),
        "jarqueBera": {"statistic": jb, "p": jb_p, "skew": skew, "kurtosis": kurtosis},
        "robustErrors": [robust_error(series, [(0, len(series))], lag) for lag in range(1, 25)],
        "varianceRatio": {str(q): variance_ratio(series, q) for q in (2, 4, 8, 16)},
        "hill": hill(series, 20),
        "quantiles": np.quantile(series, [0.01, 0.05, 0.5, 0.95, 0.99]).tolist(),
    }


def robust_error(series, stretches, lag):
    mean = sum(series) / len(series)
    squares = sum((x - mean) ** 2 for x in series)
    both = 0.0
    for start, end in stretches:
        for t in range(start + lag, end):
            both += (series[t] - mean) ** 2 * (series[t - lag] - mean) ** 2
    return math.sqrt(both) / squares


def variance_ratio(series, q):
    """Of overlapping sums, with the corrections of Lo and MacKinlay 1988, equations 12 and 20."""
    count, mean = len(series), float(np.mean(series))
    one = sum((x - mean) ** 2 for x in series) / (count - 1)
    sums = [sum(series[t - q + 1 : t + 1]) for t in range(q - 1, count)]
    scale = q * (count - q + 1) * (1 - q / count)
    ratio = sum((s - q * mean) ** 2 for s in sums) / scale / one
    theta = sum((2 * (q - k) / q) ** 2 * robust_error(series, [(0, count)], k) ** 2 for k in range(1, q))
    return {"ratio": ratio, "z": (ratio - 1) / math.sqrt(theta)}


def hill(series, order):
    losses = sorted((-x for x in series if x < 0), reverse=True)
    index = 1 / (sum(math.log(x / losses[order]) for x in losses[:order]) / order)
    return {"order": order, "index": index, "standardError": index / math.sqrt(order)}


def regression(series, stretches, lags, most):
    rows, targets = [], []
    for start, end in stretches:
        for t in range(start + most + 1, end):
            rows.append([1.0, series[t - 1]] + [series[t - k] - series[t - k - 1] for k in range(1, lags + 1)])
            targets.append(series[t] - series[t - 1])
    design, target = np.array(rows), np.array(targets)
    found, _, _, _ = np.linalg.lstsq(design, target, rcond=None)
    rest = target - design @ found
    return design, found, float(rest @ rest), len(target)


def gapped(series, stretches):
    """What gaps leave: every row, pair and product within one stretch."""
    most = int(12 * (len(series) / 100) ** 0.25)
    criteria = []
    for lags in range(most + 1):
        _, _, rest, count = regression(series, stretches, lags, most)
        criteria.append((count * math.log(rest / count) + 2 * (lags + 2), lags))
    lags = min(criteria)[1]
    design, found, rest, count = regression(series, stretches, lags, lags)
    error = math.sqrt(rest / (count - lags - 2) * np.linalg.inv(design.T @ design)[1, 1])
    mean = float(np.mean(series))
    apart = [x - mean for x in series]
    squares = sum(x * x for x in apart)
    window = math.ceil(12 * (len(series) / 100) ** 0.25)
    products = [
        sum(apart[t] * apart[t - lag] for start, end in stretches for t in range(start + lag, end))
        for lag in range(1, max(window, 24) + 1)
    ]
    long_run = squares + 2 * sum((1 - lag / (window + 1)) * products[lag - 1] for lag in range(1, window + 1))
    return {
        "stretches": stretches,
        "adf": {"statistic": found[1] / error, "lags": lags, "lagsMax": most, "observations": count},
        "kpss": {"statistic": float(np.sum(np.cumsum(apart) ** 2)) / (len(series) * long_run), "lags": window},
        "acf": [product / squares for product in products[:24]],
        "robustErrors": [robust_error(series, stretches, lag) for lag in range(1, 25)],
    }


def of_file(path):
    with gzip.open(path, "rt") as lines:
        rows = list(csv.DictReader(lines))
    opens = np.array([int(row["openTimeMs"]) for row in rows])
    closes = np.array([float(row["close"]) for row in rows])
    beside = np.diff(opens) == 3_600_000
    returns = np.diff(np.log(closes))[beside]
    hours = (opens[1:][beside] // 3_600_000) % 24
    means = np.array([returns[hours == hour].mean() for hour in range(24)])
    errors = np.array([returns[hours == hour].std(ddof=1) / math.sqrt((hours == hour).sum()) for hour in range(24)])
    middle = (means / errors**2).sum() / (1 / errors**2).sum()
    statistic = (((means - middle) / errors) ** 2).sum()
    jb, _, skew, _ = jarque_bera(returns)
    return {
        "returns": len(returns),
        "deviation": returns.std(ddof=1),
        "skewness": skew,
        "jarqueBera": jb,
        "hours": {"statistic": statistic, "p": float(stats.chi2.sf(statistic, 23))},
    }


if len(sys.argv) > 1:
    print(json.dumps(of_file(sys.argv[1]), indent=1))
    sys.exit()

made = {
    "walk": tests_of(walk(1, 500)),
    "autoregression": tests_of(autoregression(2, 800, 0.5)),
    "clustered": tests_of(clustered(3, 1000)),
    "gappedWalk": gapped(walk(4, 700), [[0, 100], [100, 105], [105, 400], [400, 401], [401, 700]]),
    "gappedReturns": gapped(clustered(5, 600), [[0, 250], [250, 255], [255, 600]]),
    "chiSquared": [
        {"x": x, "degrees": degrees, "above": float(stats.chi2.sf(x, degrees))}
        for degrees in (1, 2, 3, 10, 48, 200)
        for x in (0.001, 0.5, 1, 5, 20, 60, 200, 900)
    ],
}
json.dump(made, sys.stdout, indent=1)
sys.stdout.write("\n")
