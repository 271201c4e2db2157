"""Trains XGBoost on the tables of a folder, once for each line on stdin; used by run.mjs."""
import json
import pathlib
import sys
import time

import numpy as np
import xgboost as xgb

folder, setting = pathlib.Path(sys.argv[1]), json.loads(sys.argv[2])


def table(name):
    labels = np.fromfile(folder / f"{name}.y", np.int32)
    columns = np.fromfile(folder / f"{name}.x", np.float32).reshape(setting["features"], len(labels))
    return np.ascontiguousarray(columns.T), labels


train_x, train_y = table("train")
test_x, test_y = table("test")
by_depth = setting["growth"] == "depth"
parameters = {
    "objective": "binary:logistic",
    "tree_method": "hist",
    "max_bin": 255,
    "eta": 0.1,
    "lambda": 1,
    "min_child_weight": 1,
    "nthread": setting["threads"],
    "grow_policy": "depthwise" if by_depth else "lossguide",
    "max_depth": 6 if by_depth else 0,
    "max_leaves": 0 if by_depth else 31,
}
print(json.dumps({"version": xgb.__version__}), flush=True)
for _ in sys.stdin:
    begin = time.perf_counter()
    booster = xgb.train(parameters, xgb.DMatrix(train_x, label=train_y, nthread=setting["threads"]), setting["rounds"])
    trained = time.perf_counter()
    probabilities = booster.inplace_predict(test_x)
    predicted = time.perf_counter()
    right = np.where(test_y == 1, probabilities, 1 - probabilities).astype(np.float64)
    result = {
        "trainSeconds": trained - begin,
        "predictSeconds": predicted - trained,
        "logLoss": float(-np.log(right).mean()),
    }
    print(json.dumps(result), flush=True)
