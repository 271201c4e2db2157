"""Contributions by XGBoost and LightGBM for models that Fivefold wrote for them: path of a job in JSON."""

import json
import sys

import lightgbm
import numpy as np
import xgboost


def by_xgboost(model, rows):
    booster = xgboost.Booster({"nthread": 1}, model_file=model["file"])
    data = xgboost.DMatrix(
        rows,
        feature_names=booster.feature_names,
        feature_types=booster.feature_types,
        enable_categorical=True,
        nthread=1,
    )
    return booster.predict(data, pred_contribs=True, strict_shape=True)


def by_lightgbm(model, rows):
    booster = lightgbm.Booster(model_file=model["file"])
    contributions = booster.predict(rows, pred_contrib=True, num_threads=1, validate_features=False)
    return contributions.reshape(len(rows), -1, rows.shape[1] + 1)


answers = []
with open(sys.argv[1]) as file:
    models = json.load(file)["models"]
for model in models:
    rows = np.array(model["rows"], dtype=np.float32)
    contributions = (by_xgboost if model["library"] == "xgboost" else by_lightgbm)(model, rows)
    answers.append({"values": contributions[:, :, :-1].ravel().tolist(), "base": contributions[0, :, -1].tolist()})
print(json.dumps(answers))
