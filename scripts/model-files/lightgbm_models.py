"""Models of the LightGBM library, with its own forecasts, to hold MONSTA's reader and writer against it.

    python3 scripts/model-files/lightgbm_models.py make FOLDER    trains models on random rows and writes NAME.txt and NAME.expected
    python3 scripts/model-files/lightgbm_models.py check FOLDER   loads each NAME.written.txt and writes NAME.again

NAME.expected and NAME.again are JSON: {"rows", "margins", "predictions", "contributions"}, lists row by row; a missing value is null.
The fixture in packages/engines/models/src/trees/fixtures/lightgbm was made by `make` with LightGBM 4.1 (names in FIXTURE).
"""

import json
import sys
from pathlib import Path

import lightgbm as lgb
import numpy as np

COLUMNS = 5
CATEGORIES = 50
FIXTURE = ["binary-missing", "categorical", "forest", "multiclass", "quantile", "zero-missing"]


def table(seed, missing, categorical):
    random = np.random.default_rng(seed)
    rows = random.normal(size=(600, COLUMNS))
    rows[:, 1] = random.integers(-4, 5, 600) / 4
    rows[random.random(600) < 0.3, 2] = 0
    if categorical:
        rows[:, 4] = random.integers(0, CATEGORIES, 600)
    if missing:
        rows[random.random(rows.shape) < 0.1] = np.nan
    filled = np.nan_to_num(rows)
    signal = filled[:, 0] - filled[:, 1] * filled[:, 2] + (filled[:, 4] % 3) * 0.7 + random.normal(size=600) * 0.3
    return rows, signal


def label(objective, signal):
    if objective in ("binary", "cross_entropy", "cross_entropy_lambda"):
        return (signal > np.median(signal)).astype(float)
    if objective in ("multiclass", "multiclassova"):
        return np.digitize(signal, np.quantile(signal, [0.3, 0.7])).astype(float)
    if objective in ("poisson", "gamma", "tweedie"):
        return np.exp(signal / 2)
    return signal


# Objective, parameters, missing values in the rows, column 4 categorical.
CASES = {
    "binary": ("binary", {}, False, False),
    "binary-missing": ("binary", {}, True, False),
    "binary-sigmoid": ("binary", {"sigmoid": 2.5}, True, False),
    "zero-missing": ("binary", {"zero_as_missing": True}, True, False),
    "ignore-missing": ("binary", {"use_missing": False}, True, False),
    "categorical": ("binary", {"min_data_per_group": 5, "cat_smooth": 1.0, "max_cat_to_onehot": 1}, True, True),
    "categorical-onehot": ("regression", {"max_cat_to_onehot": 64, "min_data_per_group": 1}, False, True),
    "regression": ("regression", {}, True, False),
    "regression-sqrt": ("regression", {"reg_sqrt": True}, False, False),
    "absolute": ("regression_l1", {}, False, False),
    "huber": ("huber", {}, False, False),
    "fair": ("fair", {}, False, False),
    "mape": ("mape", {}, False, False),
    "quantile": ("quantile", {"alpha": 0.8}, False, False),
    "poisson": ("poisson", {}, False, False),
    "gamma": ("gamma", {}, False, False),
    "tweedie": ("tweedie", {}, False, False),
    "entropy": ("cross_entropy", {}, False, False),
    "entropy-lambda": ("cross_entropy_lambda", {}, False, False),
    "multiclass": ("multiclass", {"num_class": 3}, True, False),
    "multiclass-ova": ("multiclassova", {"num_class": 3, "sigmoid": 1.5}, False, False),
    "forest": ("binary", {"boosting": "rf", "bagging_freq": 1, "bagging_fraction": 0.6, "feature_fraction": 0.8}, True, False),
    "dart": ("binary", {"boosting": "dart", "drop_rate": 0.5}, False, False),
    "constant": ("regression", {"min_data_in_leaf": 10000}, False, False),
}


def forecasts(booster, rows):
    count = len(rows)
    return {
        "margins": np.asarray(booster.predict(rows, raw_score=True), dtype=float).reshape(count, -1).tolist(),
        "predictions": np.asarray(booster.predict(rows), dtype=float).reshape(count, -1).tolist(),
        "contributions": np.asarray(booster.predict(rows, pred_contrib=True), dtype=float).reshape(count, -1).tolist(),
    }


def probes(rows, seed):
    """Rows of the training table, then some that the trees haven't seen: other categories, negative ones, tiny values."""
    random = np.random.default_rng(seed)
    fresh = random.normal(size=(20, COLUMNS)) * 2
    fresh[:, 4] = random.integers(-3, CATEGORIES + 30, 20) + random.choice([0, 0.5], 20)
    fresh[random.random(fresh.shape) < 0.15] = np.nan
    fresh[random.random(fresh.shape) < 0.1] = 0
    fresh[0, 2], fresh[1, 2], fresh[2, 2] = 5e-36, -5e-36, 2e-35
    return np.concatenate([rows[:20], fresh])


def make(folder, names):
    for number, (name, (objective, parameters, missing, categorical)) in enumerate(CASES.items()):
        if name not in names:
            continue
        rows, signal = table(number, missing, categorical)
        data = lgb.Dataset(rows, label(objective, signal), categorical_feature=[4] if categorical else "auto", params={"verbosity": -1})
        settings = {
            "objective": objective, "num_leaves": 12, "min_data_in_leaf": 10, "verbosity": -1, "seed": 7,
            "num_threads": 1, "deterministic": True, "force_row_wise": True, **parameters,
        }
        booster = lgb.train(settings, data, 6)
        booster.save_model(str(folder / f"{name}.txt"))
        seen = probes(rows, 1000 + number)
        listed = [[None if np.isnan(value) else float(value) for value in row] for row in seen]
        expected = {"library": lgb.__version__, "rows": listed, **forecasts(booster, seen)}
        (folder / f"{name}.expected").write_text(json.dumps(expected) + "\n")


def check(folder):
    for path in sorted(folder.glob("*.written.txt")):
        name = path.name.removesuffix(".written.txt")
        expected = json.loads((folder / f"{name}.expected").read_text())
        rows = np.array([[np.nan if value is None else value for value in row] for row in expected["rows"]])
        booster = lgb.Booster(model_file=str(path))
        (folder / f"{name}.again").write_text(json.dumps(forecasts(booster, rows)) + "\n")


if __name__ == "__main__":
    target = Path(sys.argv[2])
    if sys.argv[1] == "check":
        check(target)
    else:
        make(target, FIXTURE if sys.argv[1] == "fixture" else list(CASES))
