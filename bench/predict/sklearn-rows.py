# sklearn-rows.py FOLDER ROUNDS: trains a forest of 100 trees of depth 12 on FOLDER/train.f32 and labels.f32, forecasts the rows in values.f32 one by one and all at once, and prints what it took.
import json
import os
import sys
import time

import numpy as np
import sklearn
from sklearn.ensemble import RandomForestClassifier

folder, rounds = sys.argv[1], int(sys.argv[2])
read = lambda name: np.fromfile(os.path.join(folder, name), np.float32)
labels = read("labels.f32")
train = read("train.f32").reshape(len(labels), -1)
values = read("values.f32").reshape(-1, train.shape[1])
forest = RandomForestClassifier(n_estimators=100, max_depth=12, random_state=7, n_jobs=1).fit(train, labels)


def spent(work):
    started = time.perf_counter()
    work()
    return (time.perf_counter() - started) * 1e6


answer = {"version": sklearn.__version__, "single50": [], "batch": []}
for _ in range(rounds):
    times = sorted(spent(lambda: forest.predict_proba(values[row : row + 1])) for row in range(100))
    answer["single50"].append(times[50])
    answer["batch"].append(spent(lambda: forest.predict_proba(values)) / len(values))
print(json.dumps(answer))
