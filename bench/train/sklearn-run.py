"""python3 sklearn-run.py FOLDER PARAMS THREADS: scikit-learn's random forest on the files in FOLDER; writes predictions of the held-out rows and prints the seconds."""
import json
import sys
import time

import numpy
import sklearn
from sklearn.ensemble import RandomForestClassifier

folder, params, threads = sys.argv[1], json.loads(sys.argv[2]), int(sys.argv[3])


def floats(name):
    return numpy.fromfile(f"{folder}/{name}.f32", numpy.float32)


labels = floats("train-labels")
values = floats("train-values").reshape(len(labels), -1)
held = floats("held-values").reshape(-1, values.shape[1])
started = time.perf_counter()
forest = RandomForestClassifier(**params, n_jobs=threads).fit(values, labels)
seconds = time.perf_counter() - started
forest.predict_proba(held)[:, 1].astype(numpy.float32).tofile(f"{folder}/predictions.f32")
print(json.dumps({"seconds": seconds, "version": sklearn.__version__}))
