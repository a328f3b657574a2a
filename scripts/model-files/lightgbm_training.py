"""What the LightGBM library trains on generated rows, to hold MONSTA's trainer against it.

    python3 scripts/model-files/lightgbm_training.py > packages/engines/models/src/trees/fixtures/lightgbm-training.expected

The rows come from the same generator as in lightgbm-training.test-support.ts. JSON: {"library", "cases": {NAME: {"params", rows as in CASES, "trees", "metric"}}}.
A tree is the list of its nodes, level by level: [column, threshold or categories, default left, gain, value, rows] or [value, rows].
"metric" is that of rows kept apart, after ROUNDS rounds: {"auc", "logloss"}, {"mlogloss"}, {"rmse"} or {"quantile"}; of the trees only those of the
first rounds are written.
"""

import json
import math

import lightgbm as lgb
import numpy as np

ROWS = 4000
ROUNDS = 20
ROUNDS_WRITTEN = 3
WIDTH = 6

# Parameters and what the rows are like: kind of label, share of missing values, weights, categories of column 4.
CASES = {
    "binary": ({}, "binary", 0, False, 0),
    "binary, missing values": ({}, "binary", 0.2, False, 0),
    "L1 and L2": ({"lambda_l1": 2, "lambda_l2": 5}, "binary", 0.1, False, 0),
    "large leaves": ({"min_data_in_leaf": 150}, "binary", 0.1, False, 0),
    "leaves of one row": ({"min_data_in_leaf": 1, "num_leaves": 60}, "number", 0, False, 0),
    "heavy leaves": ({"min_sum_hessian_in_leaf": 40}, "binary", 0, False, 0),
    "few levels": ({"max_depth": 3}, "binary", 0, False, 0),
    "few bins": ({"max_bin": 16}, "binary", 0.1, False, 0),
    "small bins": ({"min_data_in_bin": 1}, "number", 0.1, False, 0),
    "large bins": ({"min_data_in_bin": 60}, "number", 0, False, 0),
    "gains asked for": ({"min_gain_to_split": 5}, "binary", 0, False, 0),
    "bounded steps": ({"max_delta_step": 0.3}, "binary", 0.1, False, 0),
    "weights": ({}, "binary", 0, True, 0),
    "a weightier class": ({"scale_pos_weight": 3}, "binary", 0, False, 0),
    "monotone columns": ({"monotone_constraints": [1, 0, 0, -1, 0, 0]}, "binary", 0.1, False, 0),
    "numbers": ({"objective": "regression"}, "number", 0.1, False, 0),
    "numbers with weights": ({"objective": "regression"}, "number", 0.1, True, 0),
    "classes": ({"objective": "multiclass", "num_class": 3}, "classes", 0.1, False, 0),
    "quantile": ({"objective": "quantile", "alpha": 0.8}, "number", 0.1, False, 0),
    "quantile with weights": ({"objective": "quantile", "alpha": 0.3}, "number", 0, True, 0),
    "categories one by one": ({"max_cat_to_onehot": 64}, "binary", 0.1, False, 8),
    "categories sorted": ({"cat_smooth": 4, "cat_l2": 3, "min_data_per_group": 20}, "binary", 0, False, 40),
    "categories sorted, missing values": ({"min_data_per_group": 50}, "binary", 0.1, False, 40),
    "categories of numbers": ({"objective": "regression", "max_cat_threshold": 6}, "number", 0.1, False, 40),
}


class Draws:
    """Numerical Recipes' linear congruential generator; 24 bits of each word."""

    def __init__(self, seed):
        self.state = seed

    def next(self):
        self.state = (self.state * 1664525 + 1013904223) % 2**32
        return (self.state >> 8) / 2**24

    def bell(self):
        return (self.next() + self.next() + self.next() + self.next() - 2) * 2


def table(seed, kind, missing, weighted, categories):
    draws = Draws(seed)
    values = np.empty((ROWS, WIDTH), np.float32)
    labels = np.empty(ROWS)
    weights = np.empty(ROWS) if weighted else None
    for row in range(ROWS):
        own = values[row]
        for column in range(4):
            own[column] = draws.bell()
        own[4] = math.floor(draws.next() * draws.next() * (categories or 9))
        own[5] = 0 if draws.next() < 0.6 else draws.bell()
        x = [float(value) for value in own]
        signal = x[0] + x[1] * x[2] - x[3] / 2 + (1 if x[4] % 3 == 1 else 0) + x[5] + draws.bell()
        labels[row] = {
            "number": signal,
            "binary": 1 if signal > 0 else 0,
            "classes": 0 if signal < -1 else 1 if signal < 1 else 2,
        }[kind]
        for column in (1, 4, 5):
            if draws.next() < missing:
                own[column] = np.nan
        if weighted:
            weights[row] = 0.5 + math.floor(draws.next() * 4)
    return values.astype(np.float64), labels, weights


def nodes(tree):
    queue = [tree["tree_structure"]]
    found = []
    while queue:
        node = queue.pop(0)
        if "leaf_value" in node:
            found.append([node["leaf_value"], node.get("leaf_count", ROWS)])
            continue
        threshold = node["threshold"]
        if node["decision_type"] == "==":
            threshold = [int(category) for category in str(threshold).split("||")]
        found.append(
            [node["split_feature"], threshold, node["default_left"], node["split_gain"], node["internal_value"], node["internal_count"]]
        )
        queue += [node["left_child"], node["right_child"]]
    return found


def metric(objective, booster, rows, labels, alpha):
    out = booster.predict(rows)
    if objective == "binary":
        ranks = np.empty(len(out))
        for value in np.unique(out):
            same = out == value
            ranks[same] = (np.sum(out < value) + np.sum(out <= value) + 1) / 2
        ones = labels == 1
        area = (ranks[ones].sum() - ones.sum() * (ones.sum() + 1) / 2) / (ones.sum() * (~ones).sum())
        return {"auc": area, "logloss": -np.mean(np.log(np.where(ones, out, 1 - out)))}
    if objective == "multiclass":
        return {"mlogloss": -np.mean(np.log(out[np.arange(len(out)), labels.astype(int)]))}
    if objective == "quantile":
        return {"quantile": np.mean(np.where(labels >= out, alpha * (labels - out), (1 - alpha) * (out - labels)))}
    return {"rmse": np.sqrt(np.mean((labels - out) ** 2))}


def train(index, params, kind, missing, weighted, categories):
    rows, labels, weights = table(index + 1, kind, missing, weighted, categories)
    full = {"objective": "binary" if kind == "binary" else "regression", "num_leaves": 15, **params}
    data = lgb.Dataset(rows, labels, weight=weights, categorical_feature=[4] if categories else [])
    quiet = {"verbosity": -1, "num_threads": 1, "deterministic": True, "force_col_wise": True}
    booster = lgb.train({**full, **quiet}, data, ROUNDS)
    per_round = full.get("num_class", 1)
    trees = booster.dump_model()["tree_info"][: ROUNDS_WRITTEN * per_round]
    fresh, wanted, _ = table(index + 1001, kind, missing, weighted, categories)
    return {
        "params": full,
        "kind": kind,
        "missing": missing,
        "weighted": weighted,
        "categories": categories,
        "trees": [nodes(tree) for tree in trees],
        "metric": metric(full["objective"], booster, fresh, wanted, full.get("alpha")),
    }


def short(value):
    if isinstance(value, dict):
        return {key: short(each) for key, each in value.items()}
    if isinstance(value, list):
        return [short(each) for each in value]
    return float(value) if isinstance(value, (float, np.floating)) else value


if __name__ == "__main__":
    cases = {name: short(train(index, *case)) for index, (name, case) in enumerate(CASES.items())}
    lines = ",\n".join(f"{json.dumps(name)}: {json.dumps(case)}" for name, case in cases.items())
    print(f'{{"library": {json.dumps(lgb.__version__)}, "cases": {{\n{lines}\n}}}}')
