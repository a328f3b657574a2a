# xgboost-rows.py FOLDER ROUNDS: loads FOLDER/model.json, forecasts the rows in FOLDER/values.f32 one by one and all at once, on one thread, and prints what it took.
import json
import os
import sys
import time

import numpy as np
import xgboost

folder, rounds = sys.argv[1], int(sys.argv[2])
booster = xgboost.Booster({"nthread": 1})
booster.load_model(os.path.join(folder, "model.json"))
values = np.fromfile(os.path.join(folder, "values.f32"), np.float32).reshape(-1, booster.num_features())
fresh = lambda rows: xgboost.DMatrix(rows, feature_names=booster.feature_names, nthread=1)


def spent(work):
    started = time.perf_counter()
    work()
    return (time.perf_counter() - started) * 1e6


def single(work, count=1500):
    times = sorted(spent(lambda: work(values[row : row + 1])) for row in range(count))
    return times[count // 2], times[count * 99 // 100]


def by_matrix(row):
    booster.predict(fresh(row))


by_array = lambda row: booster.inplace_predict(row, validate_features=False)
single(by_array, 300)
answer = {"version": xgboost.__version__, "inplace50": [], "inplace99": [], "matrix50": [], "batch": [], "inplaceBatch": [], "contributions": []}
for _ in range(rounds):
    p50, p99 = single(by_array)
    answer["inplace50"].append(p50)
    answer["inplace99"].append(p99)
    answer["matrix50"].append(single(by_matrix, 500)[0])
    # A matrix that was forecast before is answered from memory.
    data = fresh(values)
    answer["batch"].append(spent(lambda: booster.predict(data)) / len(values))
    few = fresh(values[:200])
    answer["contributions"].append(spent(lambda: booster.predict(few, pred_contribs=True)) / 200)
    answer["inplaceBatch"].append(spent(lambda: booster.inplace_predict(values, validate_features=False)) / len(values))
booster.predict(fresh(values)).astype(np.float32).tofile(os.path.join(folder, "predictions.f32"))
print(json.dumps(answer))
