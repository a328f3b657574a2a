"""python3 lightgbm-run.py FOLDER MODE THREADS: what boosting-run.ts does, by the library LightGBM."""

import json
import sys
import time
from pathlib import Path

import lightgbm
import numpy as np

WIDTH = 50
folder, _, threads = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
read = lambda name: np.fromfile(folder / name, np.float32)
values = read("train-values.f32").reshape(-1, WIDTH).astype(np.float64)
labels = read("train-labels.f32")
held = read("held-values.f32").reshape(-1, WIDTH).astype(np.float64)
params = {"objective": "binary", "num_leaves": 31, "num_threads": threads, "force_col_wise": True, "verbosity": -1}
started = time.perf_counter()
booster = lightgbm.train(params, lightgbm.Dataset(values, labels), 100)
seconds = time.perf_counter() - started
booster.predict(held).astype(np.float32).tofile(folder / "predictions.f32")
print(json.dumps({"seconds": seconds, "version": lightgbm.__version__}))
