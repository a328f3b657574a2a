"""Models of the XGBoost library, with its own forecasts, for the test that holds MONSTA's reader and writer against it.

    python3 scripts/model-files/xgboost_models.py make FOLDER    trains models on random rows and writes NAME.json and NAME.expected.json
    python3 scripts/model-files/xgboost_models.py check FOLDER   loads each NAME.written.json and writes NAME.again.json

A NAME.expected.json holds {"columns", "rows", "margins", "predictions", "contributions"}, lists row by row; a missing value is null.
"""

import json
import sys
from pathlib import Path

import numpy as np
import xgboost as xgb

COLUMNS = 6
CATEGORIES = 40


def table(seed, missing, categorical):
    random = np.random.default_rng(seed)
    rows = random.normal(size=(500, COLUMNS)).astype(np.float32)
    rows[:, 1] = random.integers(-4, 5, 500) / 4
    rows[:, 5] = random.integers(0, CATEGORIES, 500)
    if missing:
        rows[random.random(rows.shape) < 0.1] = np.nan
    filled = np.nan_to_num(rows)
    signal = filled[:, 0] - filled[:, 1] * filled[:, 2] + (filled[:, 5] % 3) * 0.7 + random.normal(size=500) * 0.3
    types = ["float"] * 5 + ["c" if categorical else "float"]
    return rows, signal, types


def label(objective, signal):
    if objective.startswith("binary") or objective == "reg:logistic":
        return (signal > np.median(signal)).astype(float)
    if objective.startswith("multi"):
        return np.digitize(signal, np.quantile(signal, [0.3, 0.7])).astype(float)
    if objective in ("count:poisson", "reg:gamma", "reg:tweedie"):
        return np.exp(signal / 2)
    return signal


CASES = {
    "binary": ("binary:logistic", {"max_depth": 6}, False, False),
    "binary-missing": ("binary:logistic", {"max_depth": 5, "base_score": 0.3}, True, False),
    "binary-exact": ("binary:logistic", {"tree_method": "exact", "gamma": 1.0, "max_depth": 6}, True, False),
    "binary-lossguide": ("binary:logistic", {"grow_policy": "lossguide", "max_leaves": 31, "max_depth": 0}, True, False),
    "logitraw": ("binary:logitraw", {"base_score": 0.7}, False, False),
    "logistic-regression": ("reg:logistic", {}, True, False),
    "squared": ("reg:squarederror", {"base_score": 1.25}, True, False),
    "absolute": ("reg:absoluteerror", {}, False, False),
    "pseudohuber": ("reg:pseudohubererror", {}, False, False),
    "poisson": ("count:poisson", {"base_score": 2.0}, False, False),
    "gamma": ("reg:gamma", {}, False, False),
    "tweedie": ("reg:tweedie", {}, False, False),
    "softprob": ("multi:softprob", {"num_class": 3}, True, False),
    "softmax": ("multi:softmax", {"num_class": 3}, False, False),
    "parallel": ("multi:softprob", {"num_class": 3, "num_parallel_tree": 3, "subsample": 0.5}, True, False),
    "categorical-partition": ("binary:logistic", {"max_cat_to_onehot": 1}, True, True),
    "categorical-onehot": ("reg:squarederror", {"max_cat_to_onehot": 100}, True, True),
    "stopped": ("binary:logistic", {"eta": 1.0, "max_depth": 8}, True, False),
}


def forecasts(booster, rows, types, iterations):
    data = xgb.DMatrix(rows, feature_types=types, enable_categorical=True, feature_names=booster.feature_names)
    margins = booster.predict(data, output_margin=True, iteration_range=iterations)
    predictions = booster.predict(data, iteration_range=iterations)
    contributions = booster.predict(data, pred_contribs=True, iteration_range=iterations)
    count = len(rows)
    return {
        "margins": np.asarray(margins, dtype=float).reshape(count, -1).tolist(),
        "predictions": np.asarray(predictions, dtype=float).reshape(count, -1).tolist(),
        "contributions": np.asarray(contributions, dtype=float).reshape(count, -1).tolist(),
    }


def probes(rows, seed):
    """Rows of the training table, then some that the trees haven't seen: other categories, values between 32-bit floats."""
    random = np.random.default_rng(seed)
    fresh = random.normal(size=(60, COLUMNS)).astype(np.float32) * 2
    fresh[:, 5] = random.integers(0, CATEGORIES + 30, 60)
    fresh[random.random(fresh.shape) < 0.15] = np.nan
    return np.concatenate([rows[:60], fresh])


def make(folder):
    for number, (name, (objective, parameters, missing, categorical)) in enumerate(CASES.items()):
        rows, signal, types = table(number, missing, categorical)
        names = [f"column {column}" for column in range(COLUMNS)] if number % 2 == 0 else None
        data = xgb.DMatrix(
            rows[:400], label(objective, signal)[:400], feature_types=types, enable_categorical=True, feature_names=names
        )
        settings = {"objective": objective, "tree_method": "hist", "max_depth": 4, "nthread": 1, "seed": 7, **parameters}
        stop = {}
        if name == "stopped":
            held = xgb.DMatrix(
                rows[400:], label(objective, signal)[400:], feature_types=types, enable_categorical=True, feature_names=names
            )
            stop = {"evals": [(held, "held")], "early_stopping_rounds": 5, "verbose_eval": False}
        booster = xgb.train(settings, data, 40 if stop else 12, **stop)
        booster.save_model(str(folder / f"{name}.json"))
        iterations = (0, booster.best_iteration + 1) if stop else (0, 0)
        seen = probes(rows, 1000 + number)
        listed = [[None if np.isnan(value) else float(value) for value in row] for row in seen]
        expected = {"columns": COLUMNS, "rows": listed, "types": types, **forecasts(booster, seen, types, iterations)}
        (folder / f"{name}.expected.json").write_text(json.dumps(expected))


def check(folder):
    for path in sorted(folder.glob("*.written.json")):
        name = path.name.removesuffix(".written.json")
        expected = json.loads((folder / f"{name}.expected.json").read_text())
        rows = np.array([[np.nan if value is None else value for value in row] for row in expected["rows"]], dtype=np.float32)
        booster = xgb.Booster()
        booster.load_model(str(path))
        best = booster.attr("best_iteration")
        iterations = (0, 0) if best is None else (0, int(best) + 1)
        answer = forecasts(booster, rows, expected["types"], iterations)
        (folder / f"{name}.again.json").write_text(json.dumps(answer))


if __name__ == "__main__":
    {"make": make, "check": check}[sys.argv[1]](Path(sys.argv[2]))
