# xgboost-run.py FOLDER depth|leaf THREADS: trains XGBoost on the files in FOLDER, writes predictions of the held-out rows, and prints the seconds.
import json
import os
import sys
import time

import numpy as np
import xgboost

folder, mode, threads = sys.argv[1], sys.argv[2], int(sys.argv[3])
read = lambda name: np.fromfile(os.path.join(folder, name), np.float32)
labels = read("train-labels.f32")
values = read("train-values.f32").reshape(len(labels), -1)
held = read("held-values.f32").reshape(-1, values.shape[1])
params = dict(objective="binary:logistic", tree_method="hist", eta=0.1, max_bin=256, nthread=threads, base_score=0.5)
if mode == "leaf":
    params.update(max_depth=0, max_leaves=31, grow_policy="lossguide")
else:
    params.update(max_depth=6)
started = time.perf_counter()
booster = xgboost.train(params, xgboost.DMatrix(values, labels, nthread=threads), 100)
seconds = time.perf_counter() - started
booster.predict(xgboost.DMatrix(held)).astype(np.float32).tofile(os.path.join(folder, "predictions.f32"))
print(json.dumps({"seconds": seconds, "version": xgboost.__version__}))
